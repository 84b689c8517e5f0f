"""Comparison of plans that were made in two ways, path by path."""

import json
from typing import Any

from harness.base.errors import PlanFormatError
from harness.plan.differences import unlike

#: The moment of planning: differs between any two runs of the same command.
VOLATILE = "timestamp"
#: A set that Terraform prints in no particular order.
UNORDERED = "relevant_attributes"


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
    return sorted({one.path for one in unlike(a, b, same=_identical)})


def _identical(one: object, other: object) -> bool:
    # Stricter than JSON: the same command never prints 10 once and 10.0 another time.
    return type(one) is type(other) and one == other
