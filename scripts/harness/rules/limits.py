"""Rule over sizes that AWS limits: an apply that AWS refuses half-way is found in the plan.

Every number stands beside the page of AWS's documentation that says it. What is unknown until apply is counted as
nothing, so that a finding is always true: the real size is at least what the message says.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from harness.plan import Plan, ResourceChange
from harness.plan.addresses import plain_address
from harness.rules.rule import Context, Violation, traced

_KB = 1024


@dataclass(frozen=True, slots=True)
class Limit:
    """The most of something that AWS takes.

    Attributes:
        counted: unit and thing, e.g. ``bytes of the topic's policy``.
        source: title of the page that says it.
        remedy: advice for a plan that is over it.
    """

    counted: str
    most: int
    source: str
    remedy: str

    def judge(self, address: str, found: int | None, sum_of: str = "") -> Iterator[Violation]:
        """Report more than the most; ``sum_of`` says what was added up."""
        if found is not None and found > self.most:
            text = f"{found:,} {self.counted}{sum_of}, and AWS takes {self.most:,} ({self.source}): {self.remedy}"
            yield Violation(address, text)


def _bytes(text: str) -> int:
    return len(text.encode())


def _without_space(text: str) -> int:
    """Count as IAM does, which leaves white space out."""
    return len("".join(text.split()))


def _widgets(text: str) -> int | None:
    try:
        widgets = json.loads(text)["widgets"]
    except (ValueError, LookupError, TypeError):
        return None
    return len(widgets) if isinstance(widgets, list) else None


Measure = Callable[[str], int | None]
_IAM = "IAM and AWS STS quotas"
_SNS = "Amazon SNS API permissions: Actions and resources reference"
_KMS = "AWS KMS API Reference, PutKeyPolicy"
_S3 = "Bucket policies and user policies"
_REST = "Quotas for configuring and running a REST API in API Gateway"
_LAMBDA = "Lambda quotas"
_RAISE = "have AWS raise the quota, and then the number in scripts/harness/rules/limits.py"
_MERGE = "merge statements, or name resources by a common prefix"

_TOPIC = Limit("bytes of a topic's policy", 30 * _KB, _SNS, _MERGE)
_KEY = Limit("bytes of a key's policy", 32 * _KB, _KMS, _MERGE)
_API_POLICY = Limit("characters of an API's policy", 8192, _REST, f"{_MERGE}, or {_RAISE}")

TEXTS: tuple[tuple[str, str, Measure, Limit], ...] = (
    ("aws_iam_role", "assume_role_policy", len,
     Limit("characters of a trust policy", 2048, _IAM, f"{_MERGE}, or {_RAISE}")),
    ("aws_iam_policy", "policy", _without_space,
     Limit("characters of a managed policy", 6144, _IAM, "make two policies of it")),
    ("aws_sns_topic", "policy", _bytes, _TOPIC),
    ("aws_sns_topic_policy", "policy", _bytes, _TOPIC),
    ("aws_kms_key", "policy", _bytes, _KEY),
    ("aws_kms_key_policy", "policy", _bytes, _KEY),
    ("aws_s3_bucket_policy", "policy", _bytes, Limit("bytes of a bucket's policy", 20 * _KB, _S3, _MERGE)),
    ("aws_api_gateway_rest_api", "policy", len, _API_POLICY),
    ("aws_api_gateway_rest_api_policy", "policy", len, _API_POLICY),
    # The page for REST APIs does not say it; both write the same template to the same place.
    ("aws_api_gateway_stage", "access_log_settings[0].format", _bytes,
     Limit("bytes of an access log's format", 3 * _KB,
           "Quotas for configuring and running an HTTP API in API Gateway", "log fewer fields")),
    ("aws_cloudwatch_dashboard", "dashboard_body", _widgets,
     Limit("widgets of a dashboard", 500, "Dashboard Body Structure and Syntax", "make two dashboards of it")),
)  # fmt: skip
"""Type, attribute, how its text is measured, the limit."""

FUNCTION_POLICY = Limit(
    "bytes of a function's policy", 20_480, _LAMBDA, "let one permission serve a whole stage: .../STAGE/*/*"
)
INLINE_POLICIES = Limit(
    "characters of a role's inline policies", 10_240, _IAM, "merge statements, or attach a managed policy"
)
RESOURCES = Limit("resources of a REST API", 300, _REST, f"make two APIs of it, or {_RAISE}")
ENVIRONMENT = Limit(
    "bytes of a function's environment variables", 4 * _KB, _LAMBDA, "keep large values in Parameter Store"
)
STAGE_VARIABLES = Limit("stage variables", 100, _REST, "drop some")
STAGE_VARIABLE_NAME = Limit("characters of a stage variable's name", 64, _REST, "shorten it")
STAGE_VARIABLE_VALUE = Limit("characters of a stage variable's value", 512, _REST, "shorten it")


def aws_limits(context: Context) -> Iterator[Violation]:
    """What AWS refuses for its size is refused by the API call that makes it, when half of the apply is done: a
    function's policy of 80 routes, a role with one statement too many. So the sizes are added up in the plan."""
    yield from oversized(context.plan)


def oversized(plan: Plan) -> Iterator[Violation]:
    """Find what is larger than AWS takes; asks no facts of an environment, so the account's root can be judged, too."""
    for kind, attribute, measure, limit in TEXTS:
        for change in plan.of_type(kind):
            text = change.find(attribute)
            yield from limit.judge(change.address, measure(text) if isinstance(text, str) else None)
    yield from _function_policies(plan)
    yield from _inline_policies(plan)
    for of_api in _grouped(plan, "aws_api_gateway_resource", "rest_api_id"):
        paths = len(of_api)
        yield from RESOURCES.judge(of_api[0].address, paths + 1, f" ({paths:,} and the root)")
    for function in plan.of_type("aws_lambda_function"):
        yield from _environment(function)
    for stage in plan.of_type("aws_api_gateway_stage"):
        yield from _stage_variables(stage)


def _grouped(plan: Plan, kind: str, *owner: str) -> Iterator[list[ResourceChange]]:
    """Group the resources of a type by the values of attributes that say whose they are."""
    instances = Counter(plain_address(address) for address in plan.resources)
    groups: dict[object, list[ResourceChange]] = {}
    for change in plan.of_type(kind):
        groups.setdefault(tuple(_owner(plan, change, one, instances) for one in owner), []).append(change)
    yield from groups.values()


def _owner(plan: Plan, change: ResourceChange, attribute: str, instances: Mapping[str, int]) -> object:
    """Tell the owner by its name; while that is unknown, by what the configuration makes it from."""
    value = change.find(attribute)
    if value is None or isinstance(value, str):
        return value
    made_from = frozenset(plain_address(one) for one in traced(plan, change.address, attribute))
    # Which of several instances is meant, the plan does not say: nothing is then added up.
    several = any(instances.get(one, 0) > 1 or instances.get(one.rpartition(".")[0], 0) > 1 for one in made_from)
    return (made_from, change.address if several else "")


def _function_policies(plan: Plan) -> Iterator[Violation]:
    for permissions in _grouped(plan, "aws_lambda_permission", "function_name", "qualifier"):
        policy = {"Version": "2012-10-17", "Id": "default", "Statement": [_statement(one) for one in permissions]}
        least = _bytes(_compact(policy))
        yield from FUNCTION_POLICY.judge(permissions[0].address, least, f" ({len(permissions):,} permissions)")


def _statement(permission: ResourceChange) -> dict[str, object]:
    """Render a permission as Lambda keeps it, with the shortest place where AWS decides the place."""

    def text(attribute: str, otherwise: str = "") -> str:
        value = permission.find(attribute)
        return value if isinstance(value, str) else otherwise

    function = f"arn:aws:lambda:us-east-1:000000000000:function:{text('function_name')}"
    source = text("source_arn", "arn:aws:execute-api:us-east-1:000000000000:0123456789/")
    return {
        "Sid": text("statement_id"),
        "Effect": "Allow",
        "Principal": {"Service": text("principal")},
        "Action": text("action"),
        "Resource": ":".join(filter(None, (function, text("qualifier")))),
        "Condition": {"ArnLike": {"AWS:SourceArn": source}},
    }


def _inline_policies(plan: Plan) -> Iterator[Violation]:
    for policies in _grouped(plan, "aws_iam_role_policy", "role"):
        texts = (policy.find("policy") for policy in policies)
        sizes = [_without_space(text) for text in texts if isinstance(text, str)]
        added = " + ".join(f"{size:,}" for size in sizes)
        yield from INLINE_POLICIES.judge(policies[0].address, sum(sizes), f" ({added})")


def _environment(function: ResourceChange) -> Iterator[Violation]:
    """Lambda measures the variables as one JSON object."""
    variables = function.find("environment[0].variables")
    if isinstance(variables, dict):
        known = {name: value if isinstance(value, str) else "" for name, value in variables.items()}
        yield from ENVIRONMENT.judge(function.address, _bytes(_compact(known)), f" ({len(known):,} variables)")


def _stage_variables(stage: ResourceChange) -> Iterator[Violation]:
    variables = stage.find("variables")
    if not isinstance(variables, dict):
        return
    yield from STAGE_VARIABLES.judge(stage.address, len(variables))
    for name, value in variables.items():
        yield from STAGE_VARIABLE_NAME.judge(stage.address, len(name), f", {name}")
        if isinstance(value, str):
            yield from STAGE_VARIABLE_VALUE.judge(stage.address, len(value), f", {name}")


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
