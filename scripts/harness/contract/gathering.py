"""Operations made whole: what stands at their path, or behind a reference, is put into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.contract.grammar import VERBS, at, follow
from harness.contract.located import Path


def gathered(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contract with each operation's parameters and request body in the operation itself."""
    paths = {
        name: {
            field: _whole(document, ("paths", name), field) if field in VERBS else value
            for field, value in item.items()
            if field != "parameters"
        }
        for name, item in document.get("paths", {}).items()
    }
    return {**document, "paths": paths} if paths else dict(document)


def _whole(document: Mapping[str, Any], item: Path, verb: str) -> dict[str, Any]:
    """Return one operation with all that belongs to it."""
    place = (*item, verb)
    operation = dict(at(document, place))
    listed = [(*owner, "parameters") for owner in (item, place) if at(document, (*owner, "parameters"))]
    found = [follow(document, (*one, index))[1] for one in listed for index in range(len(at(document, one)))]
    if found:
        # An operation's parameter takes the place of its path's of the same name and location.
        operation["parameters"] = list({(one["in"], one["name"]): one for one in found}.values())
    if "requestBody" in operation:
        operation["requestBody"] = follow(document, (*place, "requestBody"))[1]
    return operation
