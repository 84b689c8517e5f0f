"""The type of a changed resource."""

from dataclasses import dataclass

from harness.changes.edits import Edit
from harness.plan import Action


@dataclass(frozen=True, slots=True)
class Changed:
    """One resource instance that something happens to; see :class:`harness.plan.ResourceChange` for the words.

    Attributes:
        edits: what changes, attribute by attribute; none for one that is only moved, imported, forgotten or read.
    """

    address: str
    module: str
    type: str
    name: str
    action: Action
    edits: tuple[Edit, ...]
    reason: str = ""
    previous_address: str = ""
    importing: str | None = None
    deposed: str = ""
