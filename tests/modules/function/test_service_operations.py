"""Operations are those of the service's own statements that hold: no others, and on no other resources."""

from __future__ import annotations

import pytest
from tests.support.collecting import accepted_plan


@pytest.mark.parametrize(
    ("case", "resources"),
    [
        ("plain", set()),
        ("with_permissions", {"index:x/by-y", "queue:z", "table:x"}),
        ("with_conditions", {"key", "queue:z"}),
    ],
)
def test_operations_are_on_the_resources_of_the_service_alone(
    case: str, resources: set[str], pytestconfig: pytest.Config
) -> None:
    """A case's expectation of a mapping is a subset; this one is the whole of it."""
    operations = accepted_plan(pytestconfig, "function").result().outputs[f"function__{case}__operations"].after
    assert isinstance(operations, dict)
    assert set(operations) == resources
