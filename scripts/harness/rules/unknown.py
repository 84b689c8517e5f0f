"""Rule over resource types that nothing here knows."""

from collections.abc import Iterator

from harness.plan.resource_types import unknown_types
from harness.rules.rule import Context, Violation


def unknown_resource_types(context: Context) -> Iterator[Violation]:
    """A type that is not in the registry is looked at by no rule, price or recovery: that is said once, so that nobody
    takes silence for a promise, and blocks nothing."""
    found = unknown_types(
        change.type for change in context.plan.resources.values() if change.mode == "managed" and change.stays
    )
    if found:
        listed = ", ".join(found)
        yield Violation(
            "", f"no rule, price or recovery knows {listed}; to add one, see scripts/harness/plan/resource_types.py"
        )
