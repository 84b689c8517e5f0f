"""The README's comparison of the environments, from their plans: only what a line costs is typed by hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.facts import Blueprint
from harness.plan import Plan, ResourceChange, number
from harness.plan.throttles import METHOD, SETTINGS, each_throttle, together

_FUNCTION, _TABLE = "aws_lambda_function", "aws_dynamodb_table"
_API_PARTS = (METHOD, SETTINGS)
_NAMES = {_FUNCTION: "function_name", _TABLE: "name"}


@dataclass(frozen=True, slots=True)
class Column:
    """An environment, its plan, and the facts its names are made from."""

    environment: str
    plan: Plan
    blueprint: Blueprint

    def label(self, change: ResourceChange) -> str:
        """Return a resource's name without the prefix and the suffix that all names have; else its address."""
        name = change.find(_NAMES.get(change.type, ""))
        if not isinstance(name, str):
            return change.address
        return name.removeprefix(f"{self.blueprint.prefix}-").removesuffix(f"-{self.environment}")

    def each(self, kind: str, read: Callable[[ResourceChange], str]) -> str:
        """Read every resource of a type: one text where all are alike, else each after its name."""
        found = {self.label(change): read(change) for change in self.plan.of_type(kind)}
        if len(set(found.values())) <= 1:
            return next(iter(found.values()), "none")
        return "; ".join(f"{label}: {text}" for label, text in found.items())


@dataclass(frozen=True, slots=True)
class Row:
    """A setting, how to read it from a plan, and what it does to the bill."""

    setting: str
    read: Callable[[Column], str]
    cost: str


def render(plans: Mapping[str, Plan], blueprint: Blueprint) -> str:
    """Write the table in Markdown, a column for every environment of the blueprint; ends with a newline."""
    columns = [Column(name, plans[name], blueprint) for name in blueprint.environments]
    lines = [["setting", *blueprint.environments, "cost"], ["---"] * (len(columns) + 2)]
    lines += [[row.setting, *(row.read(column) for column in columns), row.cost] for row in ROWS]
    rule = f"|{'|'.join(lines[1])}|"
    return "\n".join(rule if line is lines[1] else f"| {' | '.join(line)} |" for line in lines) + "\n"


def _figure(value: object) -> str:
    found = number(value)
    return "none" if found is None or found < 0 else f"{found:,.0f}" if found == int(found) else f"{found:g}"


def _on(value: object) -> str:
    return "on" if value is True else "off"


def _each(kind: str, read: Callable[[ResourceChange], str]) -> Callable[[Column], str]:
    return lambda column: column.each(kind, read)


def _size(function: ResourceChange) -> str:
    return f"{_figure(function.find('memory_size'))} MB / {_figure(function.find('timeout'))} s"


def _throttle(column: Column) -> str:
    def of_stage(stage: ResourceChange) -> str:
        """Add up the methods of the module that the stage stands in."""
        parts = {kind: [one for one in column.plan.of_type(kind) if one.module == stage.module] for kind in _API_PARTS}
        found = together(each_throttle(parts[SETTINGS], len(parts[METHOD])))
        if found is None:
            return "none"
        # Each share is cut to thousandths (modules/api): the sum lacks a little of what was shared out.
        return f"{_figure(round(found.rate, 1))} / {_figure(found.burst)} requests/s"

    return column.each("aws_api_gateway_stage", of_stage)


def _logged(stage: ResourceChange) -> str:
    settings = stage.find("access_log_settings")
    return _on(isinstance(settings, list) and bool(settings))


def _usage(column: Column) -> str:
    if not column.plan.of_type("aws_api_gateway_usage_plan"):
        return "none: no key asked"
    methods = column.plan.of_type("aws_api_gateway_method")
    free = sorted(str(one.index) for one in methods if one.find("api_key_required") is not True)
    asked = f"key asked except for {', '.join(free)}" if free else "key asked everywhere"
    return f"{asked}; {column.each('aws_api_gateway_usage_plan', _limits)}"


def _limits(usage: ResourceChange) -> str:
    rate, burst = usage.find("throttle_settings[0].rate_limit"), usage.find("throttle_settings[0].burst_limit")
    quota = f"{_figure(usage.find('quota_settings[0].limit'))} a {str(usage.find('quota_settings[0].period')).lower()}"
    return f"{_figure(rate)} / {_figure(burst)} requests/s, {quota}"


def _units(table: ResourceChange) -> str:
    if table.find("billing_mode") != "PAY_PER_REQUEST":
        return "provisioned"
    indexes = table.find("global_secondary_index")
    count = len(indexes) if isinstance(indexes, list) else 0
    parts = [("table", "on_demand_throughput[0].")]
    for at in range(count):
        path = f"global_secondary_index[{at}]."
        parts.append(
            ("index" if count == 1 else f"index {table.find(f'{path}name')}", f"{path}on_demand_throughput[0].")
        )
    units = [
        f"{what} {_figure(table.find(f'{path}max_read_request_units'))} read, "
        f"{_figure(table.find(f'{path}max_write_request_units'))} write"
        for what, path in parts
    ]
    return f"on demand, at most {'; '.join(units)} units/s"


def _recovery_of(table: ResourceChange) -> str:
    days = table.find("point_in_time_recovery[0].recovery_period_in_days")
    enabled = table.find("point_in_time_recovery[0].enabled") is True
    return f"on, {_figure(days)} days" if enabled else "off"


def _encryption(column: Column) -> str:
    keys = column.plan.of_type("aws_kms_key")
    if keys:
        rotation = "with" if all(key.find("enable_key_rotation") is True for key in keys) else "without"
        count = "one customer-managed key" if len(keys) == 1 else f"{len(keys)} customer-managed keys"
        return f"{count} {rotation} rotation: table, logs, topic, Lambda environment"
    table = column.each(
        _TABLE,
        lambda one: "AWS-managed key" if one.find("server_side_encryption[0].enabled") is True else "AWS-owned key",
    )
    return f"table: {table}; logs, Lambda environment: the services' default keys"


def _days(column: Column) -> str:
    found = {group.find("retention_in_days") for group in column.plan.of_type("aws_cloudwatch_log_group")}
    return " / ".join(f"{_figure(days)} days" for days in sorted(found, key=str))


def _alarms(column: Column) -> str:
    kinds = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
    single, composite = (column.plan.of_type(kind) for kind in kinds)
    acting = any(one.find("alarm_actions") not in (None, []) for one in (*single, *composite))
    named = f" (`{single[0].find('alarm_name')}`)" if len(single) == 1 else ""
    return f"{len(single)}{named}, {len(composite)} composite, {'with' if acting else 'without'} actions"


def _tracing(column: Column) -> str:
    function = column.each(_FUNCTION, lambda one: _on(one.find("tracing_config[0].mode") == "Active"))
    api = column.each("aws_api_gateway_stage", lambda one: _on(one.find("xray_tracing_enabled")))
    return function if function == api else f"function {function}, API {api}"


def _destroy(column: Column) -> str:
    guarded = column.blueprint.environment(column.environment).guarded
    return "refused without acknowledgement, address by address" if guarded else "free"


ROWS: tuple[Row, ...] = (
    Row(
        "Lambda memory / timeout",
        _each(_FUNCTION, _size),
        "each GB-second is billed: twice the memory, twice the price of a millisecond",
    ),
    Row(
        "Lambda reserved concurrency",
        _each(_FUNCTION, lambda one: _figure(one.find("reserved_concurrent_executions"))),
        "free; taken out of what the account's other functions may use",
    ),
    Row(
        "API throttle, all methods together (rate / burst)",
        _throttle,
        "free; bounds what a flood of requests can cost",
    ),
    Row("usage plan, API key, quota", _usage, "free; a request refused for its key is not billed"),
    Row("table capacity", _each(_TABLE, _units), "per request unit; the cap bounds the bill of the worst second"),
    Row("point-in-time recovery", _each(_TABLE, _recovery_of), "per GB and month on top of the table's storage"),
    Row("deletion protection", _each(_TABLE, lambda one: _on(one.find("deletion_protection_enabled"))), "free"),
    Row("encryption", _encryption, "a customer-managed key costs per month and per 10,000 calls; AWS's own are free"),
    Row("log retention", _days, "per GB and month; longer keeping costs more storage, writing costs the same"),
    Row("access log, JSON", _each("aws_api_gateway_stage", _logged), "per GB written"),
    Row("alarms", _alarms, "each metric alarm and each composite alarm per month"),
    Row("X-Ray on API and function", _tracing, "per trace recorded"),
    Row("destroy", _destroy, "free"),
)
