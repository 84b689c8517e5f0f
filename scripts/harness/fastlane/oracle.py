"""Comparison of plans that were made in two ways, path by path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from harness.base.errors import PlanFormatError

#: The moment of planning: differs between any two runs of the same command.
VOLATILE = "timestamp"
#: A set that Terraform prints in no particular order.
UNORDERED = "relevant_attributes"
_ABSENT = object()


def normalise(plan_json: bytes) -> dict[str, Any]:
    """Take out of a plan what differs between two identical runs of the stock CLI, and nothing else.

    Raises:
        PlanFormatError: it is not the JSON of a plan.
    """
    try:
        plan = json.loads(plan_json)
    except ValueError as error:
        raise PlanFormatError(f"not the JSON of a plan: {error}", "make the plan again") from error
    if not isinstance(plan, dict) or "format_version" not in plan:
        raise PlanFormatError("JSON, but not of a plan: no format_version", "make the plan again")
    plan.pop(VOLATILE, None)
    if UNORDERED in plan:
        plan[UNORDERED] = sorted(plan[UNORDERED], key=lambda item: json.dumps(item, sort_keys=True))
    return plan


def differences(a: object, b: object) -> list[str]:
    """List the JSON paths at which ``a`` and ``b`` differ, sorted; none when they are equal. Values are not named."""
    return sorted(set(_differing(a, b, "")))


def _differing(a: object, b: object, path: str) -> Iterator[str]:
    if isinstance(a, dict) and isinstance(b, dict):
        for key in a.keys() | b.keys():
            yield from _differing(a.get(key, _ABSENT), b.get(key, _ABSENT), f"{path}.{key}" if path else key)
    elif isinstance(a, list) and isinstance(b, list):
        for index in range(max(len(a), len(b))):
            left = a[index] if index < len(a) else _ABSENT
            right = b[index] if index < len(b) else _ABSENT
            yield from _differing(left, right, f"{path}[{index}]")
    elif type(a) is not type(b) or a != b:
        yield path
