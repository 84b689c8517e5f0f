"""The type of a changed resource."""

from dataclasses import dataclass

from harness.changes.edits import Edit
from harness.plan import Action
from harness.plan.resource_types import LOST, TYPES


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

    @property
    def lost(self) -> str:
        """Words on what goes with the object of today, empty where nothing does."""
        return LOST.get(self.type, "") if self.action.destroys else ""

    @property
    def remade(self) -> bool:
        """True for a replacement that loses nothing: AWS makes up the identifier, and the type holds no data."""
        known = TYPES.get(self.type)
        replaced = self.action in (Action.REPLACE_DELETE_FIRST, Action.REPLACE_CREATE_FIRST)
        return replaced and known is not None and known.generated and not self.lost
