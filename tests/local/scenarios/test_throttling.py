"""Over the rate, over the quota, over the concurrency: who is turned away, how, and who is not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from tests.support.contract import document
from tests.support.deployed import PRODUCT, Deployed, Secret
from tests.support.faults import Faults
from tests.support.log_lines import torn_lines
from tests.support.scenarios import Report
from tests.support.traffic import Answer, at_once, send, send_once, statuses

from harness.contract.grammar import operations
from harness.facts import read_mix
from harness.localaws.control import LocalAws
from harness.localaws.throughput_clock import VirtualClock

pytestmark = pytest.mark.example

_DEV_RATE, _DEV_BURST, _DEV_RESERVATION = 100, 200, 10  # envs/dev/locals.tf
_TOO_MANY = 5


def _is_turned_away(answer: Answer, code: str, retry_after: str) -> None:
    assert (answer.status, answer.code) == (429, code), answer.data
    assert answer.headers.get("retry-after") == retry_after
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"]


def _offer(local: LocalAws, request: Callable[[], Answer], rate: float, burst: float) -> tuple[list[Answer], list[int]]:
    """Send more than a burst while no time passes, then more than a second's requests after a second.

    Returns:
        all answers, and how many of the first and of the second round passed.
    """
    with VirtualClock(local.state_dir) as clock:
        first = [request() for _ in range(int(burst) + _TOO_MANY)]
        clock.advance(1)
        second = [request() for _ in range(int(rate) + _TOO_MANY)]
    return [*first, *second], [sum(answer.status != 429 for answer in some) for some in (first, second)]


def test_a_method_of_dev_holds_its_share_of_the_rate(
    report: Report, dev: Deployed, aws: Any, local_aws: LocalAws
) -> None:
    began = time.time()
    share = read_mix("items")["POST /items"]
    method_rate, method_burst = share * _DEV_RATE, share * _DEV_BURST
    with report.scenario(
        "throttle-rate",
        "dev",
        injected=f"more than {method_burst:g} requests at one moment, then more than {method_rate:g} a second later, "
        "to a method of the deployed stage (POST with a body the function refuses with 400)",
        expected=f"{method_burst:g} pass, then {method_rate:g}; the surplus gets 429 throttled with Retry-After 1; "
        "each access-log line is JSON",
    ) as seen:
        request = partial(send_once, dev, "POST", "/items", {"name": 7})
        answers, passed = _offer(local_aws, request, method_rate, method_burst)
        seen.saw(f"{statuses(answers)}; {passed[0]} at once, {passed[1]} a second later")
        assert {answer.status for answer in answers} == {400, 429}
        for answer in answers:
            if answer.status == 429:
                _is_turned_away(answer, "throttled", "1")
        assert passed == [int(method_burst), int(method_rate)]
        logged, torn = torn_lines(aws, dev, began)
        assert logged >= len(answers)
        assert not torn, torn[:10]


def _settings(aws: Any, deployed: Deployed) -> dict[str, Any]:
    """Read what is set for each method of the deployed stage; ``*/*`` is for those without a setting."""
    found = aws("apigateway").get_stage(restApiId=deployed.outputs["rest_api_id"], stageName="v1")
    return dict(found["methodSettings"])


def _refill(aws: Any, deployed: Deployed, rates: dict[str, float]) -> None:
    operations = [
        {"op": "replace", "path": f"/{setting}/throttling/rateLimit", "value": f"{rate:f}"}
        for setting, rate in rates.items()
    ]
    api = deployed.outputs["rest_api_id"]
    aws("apigateway").update_stage(restApiId=api, stageName="v1", patchOperations=operations)


@contextmanager
def _full_and_no_more(aws: Any, deployed: Deployed, requests: Sequence[Callable[[], Answer]]) -> Iterator[int]:
    """Fill every method's bucket, then let nothing flow in; yields how many passed on the way."""
    rates = {setting: float(values["throttlingRateLimit"]) for setting, values in _settings(aws, deployed).items()}
    try:
        _refill(aws, deployed, dict.fromkeys(rates, 1e6))
        passed = sum(request().status != 429 for request in requests)
        _refill(aws, deployed, dict.fromkeys(rates, 1e-6))
        yield passed
    finally:
        _refill(aws, deployed, rates)


def _pass_until_refused(request: Callable[[], Answer], most: int) -> int:
    return next((passed for passed in range(most) if request().status == 429), most)


def test_all_methods_of_dev_together_hold_the_rate_of_the_environment(report: Report, dev: Deployed, aws: Any) -> None:
    methods = [(str(verb).upper(), str(path)) for (_, path, verb), _ in operations(document("items"))]
    with report.scenario(
        "throttle-of-all-methods",
        "dev",
        injected=f"requests to every method until each refuses, the buckets full and nothing flowing in; promised are "
        f"{_DEV_RATE} a second, {_DEV_BURST} at once",
        expected=f"{_DEV_BURST} pass in all; the limits of the methods add up to {_DEV_RATE} a second",
    ) as seen:
        found = _settings(aws, dev)
        keys = [f"{path.replace('/', '~1')}/{method}" for method, path in methods]
        rates = [float(found.get(key, found["*/*"])["throttlingRateLimit"]) for key in keys]
        requests = [
            partial(send_once, dev, method, path.replace("{id}", "none"), {} if method == "PUT" else None)
            for method, path in methods
        ]
        with _full_and_no_more(aws, dev, requests) as first:
            passed = first + sum(_pass_until_refused(request, 2 * _DEV_BURST) for request in requests)
        seen.saw(f"{passed} passed, {sum(rates):g} a second: {dict(zip(keys, rates, strict=True))}")
        assert sum(rates) == pytest.approx(_DEV_RATE)
        assert passed == _DEV_BURST


@contextmanager
def _second_key(aws: Any, prod: Deployed, **limits: Any) -> Iterator[Deployed]:
    """Another client of prod, with a key and a usage plan of its own."""
    client = aws("apigateway")
    api = prod.outputs["base_url"].split("/restapis/")[1].split("/")[0]
    key = client.create_api_key(name="second", enabled=True)
    plan = client.create_usage_plan(name="second", apiStages=[{"apiId": api, "stage": "v1"}], **limits)
    client.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    try:
        yield Deployed("prod", "", prod.outputs | {"api_key": Secret(key["value"])})
    finally:
        client.delete_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"])
        client.update_usage_plan(
            usagePlanId=plan["id"], patchOperations=[{"op": "remove", "path": "/apiStages", "value": f"{api}:v1"}]
        )
        client.delete_usage_plan(usagePlanId=plan["id"])
        client.delete_api_key(apiKey=key["id"])


def test_a_usage_plan_of_prod_holds_its_rate(report: Report, prod: Deployed, aws: Any, local_aws: LocalAws) -> None:
    rate, burst = 20, 40
    with report.scenario(
        "throttle-rate",
        "prod",
        injected=f"a second key and usage plan with rate {rate}, burst {burst} on the deployed stage (two cores cannot "
        "offer the deployed 1000 a second), and more than that",
        expected=f"{burst} pass, then {rate} a second later; else 429 with Retry-After 1; the first key unaffected",
    ) as seen:
        with _second_key(aws, prod, throttle={"rateLimit": rate, "burstLimit": burst}) as second:
            request = partial(send_once, second, "POST", "/items", {"name": 7})
            answers, passed = _offer(local_aws, request, rate, burst)
            with VirtualClock(local_aws.state_dir):
                spent = [request() for _ in range(burst + _TOO_MANY)][-1].status
                other = send_once(prod, "POST", "/items", {"name": 7}).status
        seen.saw(f"{statuses(answers)}; {passed[0]} at once, {passed[1]} a second later; the first key {other}")
        assert {answer.status for answer in answers} == {400, 429}
        for answer in answers:
            if answer.status == 429:
                _is_turned_away(answer, "throttled", "1")
        assert passed == [burst, rate]
        assert (spent, other) == (429, 400)


def test_the_deployed_plan_has_the_promised_limits(report: Report, prod: Deployed, aws: Any) -> None:
    with report.scenario(
        "usage-plan-limits",
        "prod",
        injected="nothing: reads the deployed usage plan, whose limits are too high to be offered here",
        expected="rate 1000, burst 2000, quota 1,000,000 a day",
    ) as seen:
        plans, name = aws("apigateway").get_usage_plans()["items"], PRODUCT.name("usage", "prod")
        [plan] = [plan for plan in plans if plan["name"] == name]
        seen.saw(f"{plan['throttle']}, {plan['quota']}")
        assert (plan["throttle"]["rateLimit"], plan["throttle"]["burstLimit"]) == (1000, 2000)
        assert (plan["quota"]["limit"], plan["quota"]["period"]) == (1_000_000, "DAY")


def test_the_end_of_the_quota_has_its_own_code(report: Report, prod: Deployed, aws: Any) -> None:
    with report.scenario(
        "quota-exhausted",
        "prod",
        injected="a second key and usage plan with a quota of 5 a day, and 8 requests",
        expected="5 pass, then 429 quota_exceeded with Retry-After 3600; the first key is unaffected",
    ) as seen:
        with _second_key(aws, prod, quota={"limit": 5, "period": "DAY"}) as second:
            answers = [send(second, "GET", "/items?limit=1") for _ in range(8)]
            other = send(prod, "GET", "/items?limit=1")
        seen.saw(f"{[answer.status for answer in answers]}, the first key {other.status}")
        assert [answer.status for answer in answers] == [200] * 5 + [429] * 3
        for answer in answers[5:]:
            _is_turned_away(answer, "quota_exceeded", "3600")
        assert other.status == 200


def test_over_the_reservation_is_a_503_problem(report: Report, faults: Faults, dev: Deployed) -> None:
    clients = 2 * _DEV_RESERVATION
    with report.scenario(
        "concurrency-exceeded",
        "dev",
        injected=f"{clients} requests at once that each take the table 0.8 s, against {_DEV_RESERVATION} executions",
        expected=f"{_DEV_RESERVATION} pass, the surplus gets 503 unavailable with Retry-After 1",
    ) as seen:
        at_once(_DEV_RESERVATION, lambda _: send(dev, "GET", "/health"))
        with faults.injected({"resource": dev.table, "operation": "GetItem", "latency": 700}):
            answers = at_once(clients, lambda _: send(dev, "GET", "/items/none"))
        seen.saw(str(statuses(answers)))
        refused = [answer for answer in answers if answer.status == 503]
        assert set(statuses(answers)) <= {404, 503, 504}
        assert _DEV_RESERVATION // 2 <= len(refused) <= _DEV_RESERVATION
        for answer in refused:
            assert (answer.code, answer.headers.get("retry-after")) == ("unavailable", "1")
            assert answer.headers["content-type"] == "application/problem+json"


def test_without_any_concurrency_is_a_503_problem(report: Report, prod: Deployed, aws: Any) -> None:
    name, client = prod.function, aws("lambda")
    with report.scenario(
        "concurrency-exceeded",
        "prod",
        injected="the reservation taken to 0 for a moment (100 executions at once are more than two cores can run)",
        expected="503 unavailable with Retry-After 1, 200 again afterwards",
    ) as seen:
        limit = client.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"]
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        try:
            answer = send(prod, "GET", "/health")
        finally:
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=limit)
        after = send(prod, "GET", "/health").status
        seen.saw(f"{answer.status} {answer.code}, afterwards {after}")
        assert (answer.status, answer.code, answer.headers.get("retry-after")) == (503, "unavailable", "1")
        assert (limit, after) == (100, 200)
