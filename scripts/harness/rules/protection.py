"""Rules over what protects data and tells stacks apart: encryption, retention, tags, names."""

from collections import Counter
from collections.abc import Iterator, Mapping

from harness.facts import Feature
from harness.plan import UNKNOWN, Plan, number
from harness.plan.resource_types import TYPES
from harness.rules.key_use import KEY, other_key
from harness.rules.relations import REST_API, api_of, referred
from harness.rules.rule import Context, Violation, names, stands

KEYED: Mapping[str, str] = {kind: facts.key for kind, facts in TYPES.items() if facts.key}
"""Where each type names the key that encrypts it."""

_EXECUTION = "API-Gateway-Execution-Logs_"
TAGS = ("Environment", "ManagedBy", "Owner", "Project")
NAMED: Mapping[str, str] = {kind: facts.name for kind, facts in TYPES.items() if facts.name}
"""Types whose names are unique in an account or region, and the attribute that holds the name."""


def encryption(context: Context) -> Iterator[Violation]:
    """Data at rest is encrypted with a key whose use shows in CloudTrail; where the stack has a key of its own (or
    must have), everything that can hold data is encrypted with it, and it rotates; where recovery is required, tables
    can be restored and are not deleted by mistake."""
    plan = context.plan
    keys = plan.of_type(KEY)
    yield from _keys(plan)
    if context.requires(Feature.CUSTOMER_KEY) and not keys and plan.of_type(*KEYED):
        yield Violation("", f"there is no customer-managed key, and {context.name} requires one")
    for table in plan.of_type("aws_dynamodb_table"):
        if table.find("server_side_encryption[0].enabled") is not True:
            yield Violation(table.address, "server_side_encryption is not enabled: AWS's own key, which nobody sees")
    yield from _recoverable(context)
    yield from _keyed(context)


def _keys(plan: Plan) -> Iterator[Violation]:
    for key in plan.of_type(KEY):
        if key.find("enable_key_rotation") is not True:
            yield Violation(key.address, "enable_key_rotation is not true")
        if key.find("is_enabled") not in (None, True):
            yield Violation(key.address, "is_enabled is not true: nothing that it encrypts could be read")


def _keyed(context: Context) -> Iterator[Violation]:
    plan = context.plan
    for change in plan.of_type(*KEYED):
        attribute = KEYED[change.type]
        if plan.of_type(KEY) and change.find(attribute) in (None, ""):
            yield Violation(change.address, f"{attribute} is not set, though the stack has its own key")
        elif other := other_key(plan, change, attribute, context.account):
            yield Violation(change.address, f"{attribute} {other}")


def _recoverable(context: Context) -> Iterator[Violation]:
    for table in context.plan.of_type("aws_dynamodb_table") if context.requires(Feature.TABLE_RECOVERY) else ():
        for path in ("deletion_protection_enabled", "point_in_time_recovery[0].enabled"):
            if table.find(path) is not True:
                yield Violation(table.address, f"{path} is not true, and {context.name} requires table-recovery")


def retention(context: Context) -> Iterator[Violation]:
    """A log group without retention keeps everything for ever, and one that a service makes for itself has none:
    every function and every stage that logs gets its group from here."""
    plan = context.plan
    for group in plan.of_type("aws_cloudwatch_log_group"):
        days = number(group.find("retention_in_days"))
        if days is None or days <= 0:
            yield Violation(group.address, f"retention_in_days is {days}: kept for ever")
    groups = names(plan, "aws_cloudwatch_log_group", "name")
    for function in plan.of_type("aws_lambda_function"):
        wanted = f"/aws/lambda/{function.find('function_name')}"
        if function.find("logging_config[0].log_group") not in groups and wanted not in groups:
            yield Violation(
                function.address, f"no log group {wanted} in the plan: Lambda would make one, kept for ever"
            )
    yield from _execution_groups(plan, groups)
    for stage in plan.of_type("aws_api_gateway_stage"):
        settings = stage.find("access_log_settings")
        if not isinstance(settings, list) or not settings:
            yield Violation(stage.address, "no access_log_settings: nobody can say who was answered what")


def _execution_groups(plan: Plan, groups: frozenset[str]) -> Iterator[Violation]:
    """Each stage has the log group named after its API's id and itself: known when the API exists, else traceable."""
    ids = {api.address: api.find("id") for api in plan.of_type(REST_API)}
    unnamed = Counter(
        api.address
        for group in plan.of_type("aws_cloudwatch_log_group")
        if group.find("name") is UNKNOWN
        for api in referred(plan, group, "name", REST_API)
    )
    for stage in plan.of_type("aws_api_gateway_stage"):
        api, name = api_of(plan, stage), stage.find("stage_name")
        if f"{_EXECUTION}{ids.get(api)}/{name}" in groups:
            continue
        # While the id is unknown the stage's name cannot be seen either: there is one group for each stage.
        unnamed[api] -= 1
        if unnamed[api] < 0:
            text = f"no log group {_EXECUTION}<api>/{name} in the plan: the gateway would make one, kept for ever"
            yield Violation(stage.address, text)


def tags(context: Context) -> Iterator[Violation]:
    """Tags say whose a resource is, what it belongs to and what it costs; without them neither the clean-up nor the
    bill can be told apart."""
    for change in context.plan.resources.values():
        after = change.after if change.stays and change.mode == "managed" else None
        if not isinstance(after, dict) or "tags_all" not in after:
            continue
        found = after["tags_all"]
        if not isinstance(found, dict):
            yield Violation(change.address, "tags_all is unknown until apply or missing")
            continue
        for name in TAGS:
            if not isinstance(found.get(name), str) or not found[name]:
                yield Violation(change.address, f"has no tag {name} that can be read")
        if found.get("Environment") not in (context.name, None):
            yield Violation(change.address, f"tag Environment is {found['Environment']}, not {context.name}")


def suffixes(context: Context) -> Iterator[Violation]:
    """Names are shared by everybody in an account: only the suffix keeps two copies of an environment apart."""
    ending = f"-{context.suffix}"
    for change in context.plan.of_type(*NAMED):
        name = change.find(NAMED[change.type])
        if isinstance(name, str):
            if not name.endswith(ending) and not name.startswith(_EXECUTION):
                yield Violation(change.address, f"{NAMED[change.type]} is {name!r}, which does not end in {ending}")
        # The gateway names its group after the API's id.
        elif not (change.type == "aws_cloudwatch_log_group" and referred(context.plan, change, "name", REST_API)):
            yield Violation(change.address, f"{NAMED[change.type]} is unknown until apply: its suffix cannot be seen")


def logging(context: Context) -> Iterator[Violation]:
    """Without metrics and error logs of the gateway the alarms have no data; a data trace, on the other hand, writes
    bodies and keys into the log."""
    if not stands(context.plan):
        return
    for settings in context.plan.of_type("aws_api_gateway_method_settings"):
        if settings.find("settings[0].metrics_enabled") is not True:
            yield Violation(settings.address, "metrics_enabled is not true")
        if settings.find("settings[0].logging_level") not in ("ERROR", "INFO"):
            yield Violation(settings.address, "logging_level is neither ERROR nor INFO")
        if settings.find("settings[0].data_trace_enabled") is not False:
            yield Violation(settings.address, "data_trace_enabled is not false: bodies and keys would be logged")
