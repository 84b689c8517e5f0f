"""The README's comparison of dev and prod, from their plans: nothing in it is typed by hand but what a line costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.plan import Plan, ResourceChange, number


@dataclass(frozen=True, slots=True)
class Row:
    """A setting, how to read it from a plan, and what it does to the bill."""

    setting: str
    read: Callable[[Plan], str]
    cost: str


def render(dev: Plan, prod: Plan) -> str:
    """The table, in Markdown; ends with a newline."""
    lines = ["| setting | dev | prod | cost |", "|---|---|---|---|"]
    lines += [f"| {row.setting} | {row.read(dev)} | {row.read(prod)} | {row.cost} |" for row in ROWS]
    return "\n".join(lines) + "\n"


def _first(plan: Plan, kind: str) -> ResourceChange | None:
    return next(iter(plan.of_type(kind)), None)


def _value(plan: Plan, kind: str, path: str) -> object:
    change = _first(plan, kind)
    return None if change is None else change.find(path)


def _figure(value: object) -> str:
    found = number(value)
    return "none" if found is None or found < 0 else f"{found:,.0f}" if found == int(found) else f"{found:g}"


def _on(value: object) -> str:
    return "on" if value is True else "off"


def _size(plan: Plan) -> str:
    memory, seconds = (_value(plan, "aws_lambda_function", name) for name in ("memory_size", "timeout"))
    return f"{_figure(memory)} MB / {_figure(seconds)} s"


def _concurrency(plan: Plan) -> str:
    return _figure(_value(plan, "aws_lambda_function", "reserved_concurrent_executions"))


def _throttle(plan: Plan) -> str:
    base = "settings[0].throttling_"
    rate = _value(plan, "aws_api_gateway_method_settings", f"{base}rate_limit")
    burst = _value(plan, "aws_api_gateway_method_settings", f"{base}burst_limit")
    return f"{_figure(rate)} / {_figure(burst)} requests/s"


def _usage(plan: Plan) -> str:
    usage = _first(plan, "aws_api_gateway_usage_plan")
    if usage is None:
        return "none: no key asked"
    methods = plan.of_type("aws_api_gateway_method")
    free = sorted(str(one.index) for one in methods if one.find("api_key_required") is not True)
    asked = f"key asked except for {', '.join(free)}" if free else "key asked everywhere"
    rate, burst = usage.find("throttle_settings[0].rate_limit"), usage.find("throttle_settings[0].burst_limit")
    quota = f"{_figure(usage.find('quota_settings[0].limit'))} a {str(usage.find('quota_settings[0].period')).lower()}"
    return f"{asked}; {_figure(rate)} / {_figure(burst)} requests/s, {quota}"


def _capacity(plan: Plan) -> str:
    if _value(plan, "aws_dynamodb_table", "billing_mode") != "PAY_PER_REQUEST":
        return "provisioned"
    units = [
        f"{what} {_figure(_value(plan, 'aws_dynamodb_table', f'{path}max_read_request_units'))} read, "
        f"{_figure(_value(plan, 'aws_dynamodb_table', f'{path}max_write_request_units'))} write"
        for what, path in (
            ("table", "on_demand_throughput[0]."),
            ("index", "global_secondary_index[0].on_demand_throughput[0]."),
        )
    ]
    return f"on demand, at most {'; '.join(units)} units/s"


def _recovery(plan: Plan) -> str:
    days = _value(plan, "aws_dynamodb_table", "point_in_time_recovery[0].recovery_period_in_days")
    enabled = _value(plan, "aws_dynamodb_table", "point_in_time_recovery[0].enabled") is True
    return f"on, {_figure(days)} days" if enabled else "off"


def _protection(plan: Plan) -> str:
    return _on(_value(plan, "aws_dynamodb_table", "deletion_protection_enabled"))


def _encryption(plan: Plan) -> str:
    key = _first(plan, "aws_kms_key")
    if key is not None:
        rotation = "with rotation" if key.find("enable_key_rotation") is True else "without rotation"
        return f"one customer-managed key {rotation}: table, logs, topic, Lambda environment"
    enabled = _value(plan, "aws_dynamodb_table", "server_side_encryption[0].enabled") is True
    table = "AWS-managed key" if enabled else "AWS-owned key"
    return f"table: {table}; logs, Lambda environment: the services' default keys"


def _days(plan: Plan) -> str:
    found = {group.find("retention_in_days") for group in plan.of_type("aws_cloudwatch_log_group")}
    return " / ".join(f"{_figure(days)} days" for days in sorted(found, key=str))


def _access_log(plan: Plan) -> str:
    settings = _value(plan, "aws_api_gateway_stage", "access_log_settings")
    return _on(isinstance(settings, list) and bool(settings))


def _alarms(plan: Plan) -> str:
    single, composite = plan.of_type("aws_cloudwatch_metric_alarm"), plan.of_type("aws_cloudwatch_composite_alarm")
    acting = any(one.find("alarm_actions") not in (None, []) for one in (*single, *composite))
    named = f" (`{single[0].find('alarm_name')}`)" if len(single) == 1 else ""
    return f"{len(single)}{named}, {len(composite)} composite, {'with' if acting else 'without'} actions"


def _tracing(plan: Plan) -> str:
    function = _value(plan, "aws_lambda_function", "tracing_config[0].mode") == "Active"
    api = _value(plan, "aws_api_gateway_stage", "xray_tracing_enabled") is True
    return _on(function and api) if function == api else f"function {_on(function)}, API {_on(api)}"


def _destroy(plan: Plan) -> str:
    guarded = _value(plan, "aws_lambda_function", "environment[0].variables.ENVIRONMENT") == "prod"
    return "refused without acknowledgement, address by address" if guarded else "free"


ROWS: tuple[Row, ...] = (
    Row(
        "Lambda memory / timeout", _size, "each GB-second is billed: twice the memory, twice the price of a millisecond"
    ),
    Row("Lambda reserved concurrency", _concurrency, "free; taken out of what the account's other functions may use"),
    Row("API stage throttle (rate / burst)", _throttle, "free; bounds what a flood of requests can cost"),
    Row("usage plan, API key, quota", _usage, "free; a request refused for its key is not billed"),
    Row("table capacity", _capacity, "per request unit; the cap bounds the bill of the worst second"),
    Row("point-in-time recovery", _recovery, "per GB and month on top of the table's storage"),
    Row("deletion protection", _protection, "free"),
    Row("encryption", _encryption, "a customer-managed key costs per month and per 10,000 calls; AWS's own are free"),
    Row("log retention", _days, "per GB and month; longer keeping costs more storage, writing costs the same"),
    Row("access log, JSON", _access_log, "per GB written"),
    Row("alarms", _alarms, "each metric alarm and each composite alarm per month"),
    Row("X-Ray on API and function", _tracing, "per trace recorded"),
    Row("destroy", _destroy, "free"),
)
