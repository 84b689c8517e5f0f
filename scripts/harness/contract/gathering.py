"""The document made plain for its readers: operations whole, nothing that only people read inside schemas."""

import copy
from collections.abc import Mapping
from typing import Any

from harness.base.routes import VERBS
from harness.contract.grammar import at, follow, paths, walk, without_extensions
from harness.contract.located import Path

_EXACT = 2**53


def gathered(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contract with each operation's parameters and request body in the operation itself.

    Extensions beside paths and inside schemas are left out: the gateway would take them for paths, and the function's
    validator looks for references in them.
    """
    document = _without_extensions(document)
    whole = {
        name: {
            field: _whole(document, ("paths", name), field) if field in VERBS else value
            for field, value in item.items()
            if field != "parameters"
        }
        for name, item in paths(document).items()
    }
    return {name: _plain(held) for name, held in ({**document, "paths": whole} if whole else document).items()}


def _without_extensions(document: Mapping[str, Any]) -> dict[str, Any]:
    copied = copy.deepcopy(dict(document))
    for place in list(walk(copied)):
        if place.kind == "schema":
            schema = at(copied, place.path)
            for name in schema.keys() - without_extensions(schema).keys():
                del schema[name]
    return copied


def _plain(value: Any) -> Any:
    """Write whole numbers without a fraction: Terraform reads 1.0 as 1 anyway, Python and draft-04 do not."""
    if isinstance(value, dict):
        return {key: _plain(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_plain(held) for held in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT else value


def _whole(document: Mapping[str, Any], item: Path, verb: str) -> dict[str, Any]:
    """Return one operation with all that belongs to it."""
    place = (*item, verb)
    operation = dict(at(document, place))
    listed = [(*owner, "parameters") for owner in (item, place) if at(document, (*owner, "parameters"))]
    found = [follow(document, (*one, index))[1] for one in listed for index in range(len(at(document, one)))]
    if found:
        # An operation's parameter takes the place of its path's of the same name and location.
        operation["parameters"] = list({_key(one): one for one in found}.values())
    if "requestBody" in operation:
        operation["requestBody"] = follow(document, (*place, "requestBody"))[1]
    return operation


def _key(parameter: Mapping[str, Any]) -> tuple[str, str]:
    """Tell a parameter from others; headers are the same in any case."""
    location, name = parameter["in"], parameter["name"]
    return location, name.lower() if location == "header" else name
