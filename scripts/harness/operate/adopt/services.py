"""Everything but API Gateway: found under the planned name; import ids as provider 5.100 documents them."""

import json
from typing import Any

from harness.operate.adopt.search import Search, only
from harness.plan import UNKNOWN, ResourceChange, is_marked

_FUNCTION = "aws_lambda_function"


def table(search: Search, change: ResourceChange) -> str | None:
    """By name."""
    name = str(change.value("name"))
    there = search.ask("dynamodb", "describe_table", TableName=name)
    if not there:
        return None
    tags = _pairs(search.listed("dynamodb", "list_tags_of_resource", "Tags", ResourceArn=there["Table"]["TableArn"]))
    return name if search.ours(change, tags, there["Table"]["CreationDateTime"]) else None


def log_group(search: Search, change: ResourceChange) -> str | None:
    """By name; the execution log's holds the API's id, which its plan could not know."""
    name = change.value("name")
    if name is UNKNOWN:
        api = search.sibling(change, "aws_api_gateway_rest_api")
        stages = [one for one in search.plan.all_of_type("aws_api_gateway_stage") if one.module == change.module]
        if not (api and stages):
            return None
        name = f"API-Gateway-Execution-Logs_{api}/{stages[0].value('stage_name')}"
    groups = search.listed("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    there = next((group for group in groups if group["logGroupName"] == name), None)
    if there is None:
        return None
    tags = search.ask("logs", "list_tags_for_resource", resourceArn=there["arn"].removesuffix(":*")) or {}
    return str(name) if search.ours(change, tags.get("tags", {}), there["creationTime"] / 1000) else None


def role(search: Search, change: ResourceChange) -> str | None:
    """By name."""
    there = search.ask("iam", "get_role", RoleName=str(change.value("name")))
    if not there:
        return None
    made = there["Role"]["CreateDate"]
    return str(change.value("name")) if search.ours(change, _pairs(there["Role"].get("Tags", ())), made) else None


def function(search: Search, change: ResourceChange) -> str | None:
    """By name; the service does not say how old it is."""
    name = str(change.value("function_name"))
    there = search.ask("lambda", "get_function", FunctionName=name)
    return name if there and search.ours(change, there.get("Tags", {}), None) else None


def function_alias(search: Search, change: ResourceChange) -> str | None:
    """By name, of a function of ours. FUNCTION/ALIAS."""
    owner, name = str(change.value("function_name")), str(change.value("name"))
    if not search.knows(_FUNCTION, owner):
        return None
    return f"{owner}/{name}" if search.ask("lambda", "get_alias", FunctionName=owner, Name=name) else None


def permission(search: Search, change: ResourceChange) -> str | None:
    """By statement id, of a function of ours. FUNCTION:QUALIFIER/STATEMENT-ID."""
    owner, qualifier = str(change.value("function_name")), str(change.value("qualifier"))
    if not search.knows(_FUNCTION, owner):
        return None
    policy = search.ask("lambda", "get_policy", FunctionName=owner, Qualifier=qualifier)
    statements = json.loads(policy["Policy"])["Statement"] if policy else []
    sid = change.value("statement_id")
    return f"{owner}:{qualifier}/{sid}" if sid in [one.get("Sid") for one in statements] else None


def event_source(search: Search, change: ResourceChange) -> str | None:
    """By the function that it calls and what it reads, where the plan knew that. UUID."""
    owner, source = search.sibling(change, _FUNCTION), change.value("event_source_arn")
    if not owner:
        return None
    there = search.listed("lambda", "list_event_source_mappings", "EventSourceMappings")
    # The ARN of the function, or of its alias.
    ours = [one for one in there if str(one.get("FunctionArn")).split(":")[6:7] == [owner]]
    fitting = [one for one in ours if is_marked(source) or one.get("EventSourceArn") == source]
    return only(change, (one for one in fitting if one["UUID"] not in search.ids.values()), "UUID")


def topic(search: Search, change: ResourceChange) -> str | None:
    """By name, which ends its ARN."""
    topics = search.listed("sns", "list_topics", "Topics")
    arns = [one["TopicArn"] for one in topics if one["TopicArn"].rpartition(":")[2] == change.value("name")]
    if not arns:
        return None
    tags = search.ask("sns", "list_tags_for_resource", ResourceArn=arns[0]) or {"Tags": ()}
    return str(arns[0]) if search.ours(change, _pairs(tags["Tags"]), None) else None


def key(search: Search, change: ResourceChange) -> str | None:
    """By tags, age and policy: a key has no name, but its policy names this stack's log groups."""
    for entry in search.listed("kms", "list_keys", "Keys"):
        there = search.ask("kms", "describe_key", KeyId=entry["KeyId"])
        if not there or there["KeyMetadata"]["KeyManager"] != "CUSTOMER" or not there["KeyMetadata"]["Enabled"]:
            continue
        tags = _pairs(search.listed("kms", "list_resource_tags", "Tags", KeyId=entry["KeyId"]), "TagKey", "TagValue")
        if search.ours(change, tags, there["KeyMetadata"]["CreationDate"]) and _policy(search, entry["KeyId"]) == (
            json.loads(str(change.value("policy")))
        ):
            return str(entry["KeyId"])
    return None


def key_alias(search: Search, change: ResourceChange) -> str | None:
    """By name, when it names a key of ours."""
    target, name = search.sibling(change, "aws_kms_key"), str(change.value("name"))
    if not target:
        return None
    aliases = search.listed("kms", "list_aliases", "Aliases", KeyId=target)
    return name if name in [one["AliasName"] for one in aliases] else None


def _policy(search: Search, key_id: str) -> Any:
    there = search.ask("kms", "get_key_policy", KeyId=key_id, PolicyName="default")
    return json.loads(there["Policy"]) if there else None


def _pairs(tags: Any, name: str = "Key", value: str = "Value") -> dict[str, str]:
    return {tag[name]: tag[value] for tag in tags}
