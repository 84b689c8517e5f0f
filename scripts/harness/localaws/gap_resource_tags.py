"""Gap: tags of alarms and of an API's parts are no condition keys.

Upstream: ``aws:ResourceTag`` is not set for CloudWatch and API Gateway, so a policy that allows by tag allows nothing,
and one that denies by tag denies nothing.

AWS: "Actions, resources, and condition keys for Amazon CloudWatch" and "... for Amazon API Gateway Management", Service
Authorization Reference. "API Gateway resources that can be tagged", Amazon API Gateway Developer Guide: "child
resources inherit the tags that are set on parent resources", those of a REST API its resources, methods, deployments,
stages and responses, those of a usage plan its keys; a tag set on the stage itself takes precedence. Which tags count
for a request to ``/tags/ARN`` is not written anywhere: those of the thing named.

Fill: those tags.
"""

from typing import Any
from urllib.parse import unquote

from ministack.services import apigateway_v1, cloudwatch, tagging

from harness.localaws.patching import wraps


def _of_gateway(arn: str) -> dict[str, str] | None:
    """Return the tags of a part of API Gateway, inherited ones included; None when it has no such thing."""
    parts = unquote(arn.partition("::/tags/")[2]).partition("::/")[2].split("/")
    if not parts[0]:
        parts = arn.partition("::/")[2].split("/")
    if len(parts) < 2:
        return None
    kind, name = parts[0], parts[1]
    records = {
        "apikeys": apigateway_v1._api_keys,
        "restapis": apigateway_v1._rest_apis,
        "usageplans": apigateway_v1._usage_plans,
    }
    record = records[kind].get(name) if kind in records else None
    if record is None:
        return None
    prefix = f"{arn.partition('::/')[0]}::/{kind}/{name}"
    found = {**(record.get("tags") or {}), **(apigateway_v1._v1_tags.get(prefix) or {})}
    if kind == "restapis" and len(parts) > 3 and parts[2] == "stages":
        stage = (apigateway_v1._stages_v1.get(name) or {}).get(parts[3]) or {}
        own = apigateway_v1._v1_tags.get(f"{prefix}/stages/{parts[3]}") or {}
        found = {**found, **(stage.get("tags") or {}), **own}
    return {str(key): str(value) for key, value in found.items()}


def install() -> None:
    """Patch where ministack looks for a resource's tags."""

    @wraps(tagging, "resource_tags")
    def resource_tags(tags: Any, arn: str) -> dict[str, str] | None:
        if arn.startswith("arn:aws:apigateway:"):
            return _of_gateway(arn)
        if arn.startswith("arn:aws:cloudwatch:"):
            found = cloudwatch._resource_tags.get(arn)
            return dict(found) if found is not None else None
        known: dict[str, str] | None = tags(arn)
        return known
