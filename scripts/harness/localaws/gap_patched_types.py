"""Gap: values changed by an update of a REST API's parts lose their type.

Upstream: ``UpdateMethod`` and its like store a patch operation's value as the text it is: ``requestParameters`` and
``apiKeyRequired`` of a method then read ``"false"`` instead of ``false``, and from then on Terraform's AWS provider
cannot read the API ("expected NullableBoolean to be of type *bool, got string instead").

AWS: "PatchOperation", Amazon API Gateway API Reference: the value of an operation is always a string; "Method",
"Integration", "UsagePlan" there: what is answered has the type of the member.

Fill: after a patch, every member is given the type that the SDK's own model of the service has for it.
"""

from typing import Any, Final

from botocore.model import Shape
from botocore.session import get_session
from ministack.services import apigateway_v1

from harness.localaws.patching import wraps

_UPDATES: Final = {
    "_update_api_key": "ApiKey",
    "_update_integration": "Integration",
    "_update_method": "Method",
    "_update_rest_api": "RestApi",
    "_update_usage_plan": "UsagePlan",
}
"""Function of ministack -> shape of what it changes."""


def typed(shape: Shape | None, value: Any) -> Any:
    """Give a value, and all in it, the types of a shape; what the shape does not know stays as it is."""
    kind = shape.type_name if shape else ""
    if kind == "structure" and isinstance(value, dict):
        members = getattr(shape, "members", {})
        return {name: typed(members.get(name), held) for name, held in value.items()}
    if kind == "map" and isinstance(value, dict):
        return {name: typed(getattr(shape, "value", None), held) for name, held in value.items()}
    if not isinstance(value, str):
        return value
    if kind == "boolean":
        return value.lower() == "true"
    number = {"integer": int, "long": int, "double": float, "float": float}.get(kind)
    return number(value) if number else value


def install() -> None:
    """Patch the updates of ministack's API Gateway (REST)."""
    model = get_session().get_service_model("apigateway")
    changing: list[Shape] = []

    @wraps(apigateway_v1, "_apply_patch")
    def _apply_patch(apply_patch: Any, changed: dict[str, Any], operations: Any) -> Any:
        apply_patch(changed, operations)
        if changing:
            changed.update(typed(changing[-1], changed))
        return changed

    for name, shape in _UPDATES.items():
        _type_after(name, model.shape_for(shape), changing)


def _type_after(name: str, shape: Shape, changing: list[Shape]) -> None:
    @wraps(apigateway_v1, name)
    def _update(update: Any, *arguments: Any) -> Any:
        changing.append(shape)
        try:
            return update(*arguments)
        finally:
            changing.pop()
