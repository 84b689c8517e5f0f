"""Gap: many requests are authorised on everything ("*"), whatever they are about.

Upstream: the resource of a request is guessed from a few of its members. So a policy for one project's tables, backups,
alarms, topics or aliases cannot be told from one for all, and a policy that is right on AWS is refused. A composite
alarm, on the other hand, is authorised on its own ARN.

AWS: Service Authorization Reference, one page a service, column "Resource types": a backup, a table that is tagged or
restored from, a function that is made, a topic that is tagged, an alarm that is deleted, a key's alias **and** the key
behind it. "To use this operation, you must be signed on with the cloudwatch:PutCompositeAlarm permission that is scoped
to *" and the same for DescribeAlarms where it tells of composite alarms ("PutCompositeAlarm", "DescribeAlarms", Amazon
CloudWatch API Reference). A key named by its alias is authorised as the key ("Using aliases to control access to
KMS keys", AWS KMS Developer Guide). A list of log groups is authorised on ``log-group::log-stream:``, as its refusals
show; one log group with ``:*`` behind its name for all but tags ("CloudWatch Logs resources and operations", Amazon
CloudWatch Logs User Guide).

Fill: those resources, for the services that the environments are made of.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.services import kms

from harness.localaws.authorisation import Call, Check, arn, asks_also, body_of, first, members
from harness.localaws.patching import wraps

_ALIASES = ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias")


def _alarms(operation: str, params: Mapping[str, Any]) -> list[str]:
    """List what a request to CloudWatch is authorised on; nothing where ministack knows it."""
    if operation == "PutCompositeAlarm":
        return ["*"]
    if named := first(params, "ResourceARN"):
        return [named]
    if dashboard := first(params, "DashboardName"):
        return [arn("cloudwatch", f"dashboard/{dashboard}", region="")]
    if dashboards := members(params, "DashboardNames"):
        return [arn("cloudwatch", f"dashboard/{name}", region="") for name in dashboards]
    names = members(params, "AlarmNames")
    if operation == "DescribeAlarms" and ("CompositeAlarm" in members(params, "AlarmTypes") or not names):
        return ["*"]
    return [arn("cloudwatch", f"alarm:{name}") for name in names]


def _of_table(data: Mapping[str, Any]) -> str:
    """Return the ARN of the backup or of the table that a request to DynamoDB names, but for the usual ways."""
    source = data.get("SourceTableName")
    named = data.get("BackupArn") or data.get("ResourceArn") or data.get("SourceTableArn")
    return str(named or (arn("dynamodb", f"table/{source}") if source else ""))


def _of_key(action: str, data: Mapping[str, Any]) -> str:
    """Return the ARN of an alias that is changed, or of the key behind an alias."""
    name = str(data.get("AliasName") or "")
    if action in _ALIASES:
        return arn("kms", name)
    if "alias/" not in str(data.get("KeyId") or ""):
        return ""
    # AWS makes the key behind one of its own aliases when it is first asked for ("DescribeKey", AWS KMS API Reference).
    record = kms._resolve_key(data["KeyId"])
    return str(record["Arn"]) if record else arn("kms", "key/*")


def resources(service: str, action: str, data: Mapping[str, Any], params: Mapping[str, Any]) -> list[str]:
    """List what a request is authorised on, where ministack does not know."""
    found: list[str] = []
    if service == "monitoring":
        found = _alarms(action.partition(":")[2], data_or(params, data))
    elif service == "dynamodb":
        found = [_of_table(data)]
    elif service == "kms":
        found = [_of_key(action, data)]
    elif service == "sns":
        found = [first(params, "ResourceArn")]
    elif action == "lambda:CreateFunction":
        found = [arn("lambda", f"function:{data.get('FunctionName')}")]
    elif action == "logs:DescribeLogGroups":
        found = [arn("logs", "log-group::log-stream:")]
    elif service == "logs" and data.get("logGroupName"):
        found = [arn("logs", f"log-group:{data['logGroupName']}:*")]
    return [one for one in found if one]


def data_or(params: Mapping[str, Any], data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a JSON body's members as those of a form, lists spread."""
    spread = {
        f"{name}.member.{number}": one
        for name, value in data.items()
        if isinstance(value, list)
        for number, one in enumerate(value, 1)
    }
    return {**params, **data, **spread}


def install() -> None:
    """Patch what ministack takes for the resource of a request."""

    @wraps(iam_actions, "extract_resource_arn")
    def extract_resource_arn(
        extract: Any, service: str, method: str, path: str, headers: Any, body: bytes, params: Any, *place: str
    ) -> str:
        action = iam_actions.extract_iam_action(service, method, path, headers, body, params)
        found = resources(service, action or "", body_of(body), params)
        return found[0] if found else str(extract(service, method, path, headers, body, params, *place))

    @asks_also
    def _others(call: Call) -> Iterator[Check]:
        for one in resources(call.service, call.action, call.data, call.params)[1:]:
            yield Check(call.action, one)
        if call.action in _ALIASES:
            yield from (Check(call.action, one) for one in _keys_of_alias(call.data))


def _keys_of_alias(data: Mapping[str, Any]) -> Iterator[str]:
    """List the keys that an alias points at now and will point at."""
    for named in (data.get("AliasName"), data.get("TargetKeyId")):
        if named and (record := kms._resolve_key(named)):
            yield str(record["Arn"])
