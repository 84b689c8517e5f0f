"""Gap: whoever may make a thing may tag it.

Upstream: tags that a request sets at creation need no permission of their own, and for API Gateway and
CloudWatch they are not even condition keys of the request.

AWS: "Grant permission to tag resources during creation" and the service's own pages: ``lambda:TagResource``,
``dynamodb:TagResource``, ``sns:TagResource``, ``cloudwatch:TagResource``, ``kms:TagResource``, ``iam:TagRole``,
``logs:TagResource``, each beside the action that creates. API Gateway asks for ``apigateway:PUT`` on the tags of what
has no id yet: ``arn:aws:apigateway:REGION::/tags/arn%3Aaws%3Aapigateway%3AREGION%3A%3A%2Frestapis%2F*``, as its
refusals read (mattclay/aws-terminator, pull request 284). KMS asks on everything: "the principal must have permission
in an IAM policy that isn't restricted to particular KMS keys" ("Controlling access to tags", AWS KMS Developer Guide).

Fill: the permission is asked for, with the tags of the request in its condition keys.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ministack.core import iam_actions
from ministack.core.responses import get_region

from harness.localaws.authorisation import Call, Check, arn, asks_also, body_of
from harness.localaws.patching import wraps

_TAGGED_BY = {
    "cloudwatch:PutCompositeAlarm": "cloudwatch:TagResource",
    "cloudwatch:PutMetricAlarm": "cloudwatch:TagResource",
    "dynamodb:CreateTable": "dynamodb:TagResource",
    "iam:CreateRole": "iam:TagRole",
    "kms:CreateKey": "kms:TagResource",
    "lambda:CreateFunction": "lambda:TagResource",
    "logs:CreateLogGroup": "logs:TagResource",
    "sns:CreateTopic": "sns:TagResource",
}


def _pairs(raw: Any) -> Iterator[tuple[str, str]]:
    if isinstance(raw, Mapping):
        yield from ((str(name), str(value)) for name, value in raw.items())
    for tag in raw if isinstance(raw, list) else ():
        yield str(tag.get("Key", tag.get("TagKey"))), str(tag.get("Value", tag.get("TagValue", "")))


def tags_of(data: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, str]:
    """Read the tags that a request sets, from its JSON body or its form."""
    found = dict(_pairs(data.get("Tags", data.get("tags"))))
    while (at := f"Tags.member.{len(found) + 1}") + ".Key" in params:
        found[str(params[f"{at}.Key"])] = str(params.get(f"{at}.Value", ""))
    return found


def keys_of(tags: Mapping[str, str]) -> dict[str, Any]:
    """Return the condition keys that tags of a request are."""
    if not tags:
        return {}
    return {**{f"aws:RequestTag/{name}": value for name, value in tags.items()}, "aws:TagKeys": list(tags)}


def _tagged(call: Call) -> Check | None:
    """Return the permission to set a request's tags; None when creation needs none."""
    context = keys_of(tags_of(call.data, call.params))
    if call.action == "apigateway:POST":
        target = quote(f"arn:aws:apigateway:{get_region()}::{call.path.rstrip('/')}/*", safe="*")
        return Check("apigateway:PUT", f"arn:aws:apigateway:{get_region()}::/tags/{target}", context)
    if call.action not in _TAGGED_BY:
        return None
    resource = call.resource
    if call.action == "kms:CreateKey":
        resource = "*"
    elif call.action == "cloudwatch:PutCompositeAlarm":
        resource = arn("cloudwatch", f"alarm:{call.params.get('AlarmName') or call.data.get('AlarmName')}")
    return Check(_TAGGED_BY[call.action], resource, context)


def install() -> None:
    """Let requests that create with tags need the permission to tag."""

    @asks_also
    def _tag(call: Call) -> Iterator[Check]:
        if tags_of(call.data, call.params) and (check := _tagged(call)):
            yield check

    @wraps(iam_actions, "request_tag_context")
    def request_tag_context(keys: Any, service: str, action: str, body: bytes, params: Any) -> dict[str, Any]:
        if service not in ("apigateway", "monitoring"):
            found: dict[str, Any] = keys(service, action, body, params)
            return found
        return keys_of(tags_of(body_of(body), params))
