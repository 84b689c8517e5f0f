"""Show what a plan changes, attribute by attribute and without secrets: ``changes(plan) -> Changes``. Pure."""

from harness.changes.edits import Edit
from harness.changes.model import Changes, OutputChanged, changes
from harness.changes.types import Changed

__all__ = ["Changed", "Changes", "Edit", "OutputChanged", "changes"]
