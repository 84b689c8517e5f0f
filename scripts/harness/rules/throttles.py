"""Limits of requests: what the methods of a stage let through together, and what a key may ask of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from harness.plan import Plan, ResourceChange, number
from harness.plan.throttles import EVERY_METHOD, METHOD, SETTINGS, Throttle, each_throttle, throttle_of, together
from harness.rules.relations import api_of
from harness.rules.rule import Context, Violation

_ROUNDED_AWAY = 0.001  # requests a second of each method: what a share has beyond thousandths (modules/api)
_DAYS = {"DAY": 1, "WEEK": 7, "MONTH": 30}


def throttles(plan: Plan) -> tuple[Throttle, ...]:
    """List the throttle of every method of every stage; a stage of which one method has no limit is left out."""
    methods = Counter(api_of(plan, one) for one in plan.of_type(METHOD))
    stages: dict[tuple[str, object], list[ResourceChange]] = defaultdict(list)
    for one in plan.of_type(SETTINGS):
        stages[api_of(plan, one), str(one.find("stage_name"))].append(one)
    return tuple(each for (api, _), settings in stages.items() for each in each_throttle(settings, methods[api]))


def method_shares(plan: Plan, rate: float) -> Mapping[str, float]:
    """Return which share of all requests the throttle leaves each method, 0 to 1, by route as ``GET /health``.

    Methods without a limit of their own are left out: nothing is known of their share.

    Args:
        rate: requests a second that all methods together let through.
    """
    found: dict[str, float] = {}
    for settings in plan.of_type(SETTINGS):
        path, own = settings.find("method_path"), throttle_of(settings)
        if isinstance(path, str) and path != EVERY_METHOD and own is not None:
            route, _, verb = path.rpartition("/")
            found[f"{verb} {route.replace('~1', '/')}"] = own.rate / rate
    return found


def method_limits(plan: Plan) -> Iterator[Violation]:
    """Report stages and methods without a limit, limits that contradict themselves, and limits of no method."""
    every = {
        (api_of(plan, one), one.find("stage_name"))
        for one in plan.of_type(SETTINGS)
        if one.find("method_path") == EVERY_METHOD
    }
    for stage in plan.of_type("aws_api_gateway_stage"):
        if (api_of(plan, stage), stage.find("stage_name")) not in every:
            yield Violation(stage.address, "no method settings for */*: its throttle is the account's, shared by all")
    for settings in plan.of_type(SETTINGS):
        rate = settings.find("settings[0].throttling_rate_limit")
        burst = settings.find("settings[0].throttling_burst_limit")
        found = throttle_of(settings)
        if found is None:
            yield Violation(settings.address, f"throttle is rate {rate}, burst {burst}: -1 or nothing means no limit")
        elif found.burst < found.rate:
            text = f"burst {found.burst:g} < rate {found.rate:g}: a full second's requests are refused"
            yield Violation(settings.address, text)
        yield from _of_no_method(settings, plan)


def _of_no_method(settings: ResourceChange, plan: Plan) -> Iterator[Violation]:
    """Report settings whose method the API does not have, as far as methods are called after their routes."""
    path, api = settings.find("method_path"), api_of(plan, settings)
    indexes = [str(one.index).partition(" ") for one in plan.of_type(METHOD) if api_of(plan, one) == api]
    routes = [(verb, route) for verb, _, route in indexes if route.startswith("/")]
    known = {EVERY_METHOD, *(f"{route.replace('/', '~1')}/{verb}" for verb, route in routes)}
    if not isinstance(path, str) or (routes and path not in known):
        yield Violation(
            settings.address,
            f"method_path {path} is no method of this API, so nothing is limited: AWS wants the route with ~1 for each "
            "slash, then the method, as ~1things~1{id}/GET",
        )


def key_limits(context: Context, stage: Sequence[Throttle]) -> Iterator[Violation]:
    """Compare what each usage plan promises a key with what ``stage``'s methods let through, and with its own quota."""
    for usage in context.plan.of_type("aws_api_gateway_usage_plan"):
        rate = number(usage.find("throttle_settings[0].rate_limit"))
        burst = number(usage.find("throttle_settings[0].burst_limit"))
        quota = number(usage.find("quota_settings[0].limit"))
        if rate is None or burst is None or quota is None or rate <= 0:
            yield Violation(usage.address, f"rate {rate}, burst {burst}, quota {quota}: a plan that limits nothing")
            continue
        if burst < rate:
            yield Violation(usage.address, f"burst {burst:g} < rate {rate:g}")
        given = together(stage)
        if given is not None and rate > given.rate + _ROUNDED_AWAY * len(stage):
            added = " + ".join(f"{one.rate:g}" for one in stage)
            text = f"promises {rate:g} requests/s, the methods let {added} = {given.rate:g} through: more is refused"
            yield Violation(usage.address, text)
        yield from _quota(usage, rate, quota, context.environment.quota_minutes)


def _quota(usage: ResourceChange, rate: float, quota: float, asked: float) -> Iterator[Violation]:
    """Say how long a client that uses its full rate has requests left."""
    period = usage.find("quota_settings[0].period")
    if not isinstance(period, str) or period not in _DAYS:
        yield Violation(usage.address, f"quota's period is {period}, none of {', '.join(_DAYS)}")
        return
    minutes, most = quota / rate / 60, asked * _DAYS[period]
    if minutes < most:
        yield Violation(
            usage.address,
            f"quota {quota:,.0f} a {period.lower()} / {rate:g} requests/s = {minutes:,.1f} minutes at the full rate < "
            f"{most:,g}: raise it, or state less as the environment's quota_minutes in blueprint.yaml",
        )
