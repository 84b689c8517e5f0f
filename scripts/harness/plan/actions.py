"""What Terraform will do with an object."""

from collections.abc import Mapping
from enum import StrEnum

from harness.base.errors import PlanFormatError


class Action(StrEnum):
    """What Terraform will do with an object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE_DELETE_FIRST = "replace (delete first)"
    REPLACE_CREATE_FIRST = "replace (create first)"
    READ = "read"
    NO_OP = "no-op"
    FORGET = "forget"

    @property
    def destroys(self) -> bool:
        """Whether the object that exists now will be gone afterwards (forgetting it leaves it alone)."""
        return self in (Action.DELETE, Action.REPLACE_DELETE_FIRST, Action.REPLACE_CREATE_FIRST)


ACTIONS: Mapping[tuple[str, ...], Action] = {
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("delete", "create"): Action.REPLACE_DELETE_FIRST,
    ("create", "delete"): Action.REPLACE_CREATE_FIRST,
    ("read",): Action.READ,
    ("no-op",): Action.NO_OP,
    ("forget",): Action.FORGET,
}


def action_of(verbs: tuple[str, ...], *, where: str) -> Action:
    """Terraform's list of verbs as one action.

    Raises:
        PlanFormatError: a combination this harness does not know; guessing could hide a deletion.
    """
    try:
        return ACTIONS[verbs]
    except KeyError:
        raise PlanFormatError(
            f"{where}: unknown actions {list(verbs)}", "teach harness.plan what they mean before trusting the plan"
        ) from None
