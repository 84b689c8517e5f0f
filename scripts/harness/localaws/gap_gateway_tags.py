"""Gap: tags that are changed later are not those that a REST API, a stage, an API key or a usage plan shows.

Upstream: ``TagResource`` and ``UntagResource`` of API Gateway write to a place that ``GetRestApi`` and its like do not
read: they go on showing the tags of creation, and each later plan of Terraform's changes them once more.

AWS: "TagResource" and "RestApi", Amazon API Gateway API Reference: a thing's tags are one map, however they were set.

Fill: after a change, the thing itself has the tags that it has.
"""

from typing import Any

from ministack.services import apigateway_v1

from harness.localaws.patching import wraps


def _record(arn: str) -> Any:
    """Return what ministack keeps of a thing of API Gateway; None of what it does not keep."""
    _, kind, name, *below = arn.partition("::")[2].split("/")
    if below:
        return (apigateway_v1._stages_v1.get(name) or {}).get(below[-1])
    stores = {
        "apikeys": apigateway_v1._api_keys,
        "restapis": apigateway_v1._rest_apis,
        "usageplans": apigateway_v1._usage_plans,
    }
    return stores[kind].get(name) if kind in stores else None


def install() -> None:
    """Patch the changes of tags of ministack's API Gateway (REST)."""

    @wraps(apigateway_v1, "_tag_v1_resource")
    def _tag_v1_resource(tag: Any, arn: str, data: Any) -> Any:
        answer = tag(arn, data)
        if answer[0] < 300 and (record := _record(arn)) is not None:
            record["tags"] = {**(record.get("tags") or {}), **data.get("tags", {})}
        return answer

    @wraps(apigateway_v1, "_untag_v1_resource")
    def _untag_v1_resource(untag: Any, arn: str, names: Any) -> Any:
        answer = untag(arn, names)
        if answer[0] < 300 and (record := _record(arn)) is not None:
            record["tags"] = {key: value for key, value in (record.get("tags") or {}).items() if key not in names}
        return answer
