"""Show what a plan changes, attribute by attribute and without secrets: ``changes(plan) -> Changes``. Pure."""

from harness.changes.edits import Edit
from harness.changes.model import Changed, Changes, OutputChanged, changes

__all__ = ["Changed", "Changes", "Edit", "OutputChanged", "changes"]
