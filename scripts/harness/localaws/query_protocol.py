"""AWS's Query protocol, both ways, driven by botocore's own service models.

Needed where ministack answers JSON and CBOR completely but Query poorly: a fill then asks for the JSON answer
and renders that. Source: "AWS Query protocol", Smithy 2.0 documentation.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import ServiceModel, Shape

Response = tuple[int, dict[str, str], bytes]


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def _text(shape: Shape, value: Any) -> str:
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "timestamp" and isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return escape(str(value))


def _render(shape: Any, value: Any) -> str:
    if shape.type_name == "structure":
        return "".join(
            f"<{name}>{_render(member, value[name])}</{name}>"
            for name, member in shape.members.items()
            if value.get(name) is not None
        )
    if shape.type_name == "list":
        return "".join(f"<member>{_render(shape.member, item)}</member>" for item in value)
    return _text(shape, value)


def render(service: str, operation: str, data: Mapping[str, Any]) -> Response:
    """Build the Query (XML) answer of ``operation`` that carries ``data``, every modelled member of it."""
    model = _model(service)
    shape = model.operation_model(operation).output_shape
    result = f"<{operation}Result>{_render(shape, data) if shape else ''}</{operation}Result>"
    body = (
        f'<{operation}Response xmlns="{model.metadata["xmlNamespace"]}">{result}'
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{operation}Response>"
    )
    return 200, {"Content-Type": "text/xml"}, body.encode()


def _convert(shape: Shape, value: str) -> Any:
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name in ("double", "float"):
        return float(value)
    return value == "true" if shape.type_name == "boolean" else value


def _collect(shape: Any, flat: Mapping[str, str], prefix: str) -> Any:
    if shape.type_name == "structure":
        found = {
            name: _collect(member, flat, f"{prefix}.{name}".lstrip("."))
            for name, member in shape.members.items()
            if any(key == (at := f"{prefix}.{name}".lstrip(".")) or key.startswith(f"{at}.") for key in flat)
        }
        return {name: value for name, value in found.items() if value is not None}
    if shape.type_name == "list":
        items: list[Any] = []
        while any(k == (at := f"{prefix}.member.{len(items) + 1}") or k.startswith(f"{at}.") for k in flat):
            items.append(_collect(shape.member, flat, f"{prefix}.member.{len(items) + 1}"))
        return items
    return _convert(shape, flat[prefix]) if prefix in flat else None


def parse(service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Build the request of ``operation`` as the JSON protocol would carry it, from flat Query parameters."""
    flat = {key: value[0] if isinstance(value, list) else value for key, value in params.items()}
    collected: dict[str, Any] = _collect(_model(service).operation_model(operation).input_shape, flat, "")
    return collected
