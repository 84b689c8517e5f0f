"""Reserved concurrency of functions against what AWS lets an account reserve."""

from collections.abc import Sequence
from dataclasses import dataclass

_KEPT_UNRESERVED = 100
"""Executions that AWS keeps unreserved.

"You can reserve concurrency for as many functions as you like, as long as you leave at least 100 simultaneous
executions unreserved" (PutFunctionConcurrency, AWS Lambda API Reference). Accounts whose quota is smaller name a
smaller minimum in the refusal ([10], [50]): it is then the whole quota, so nothing can be reserved there either way.
"""


@dataclass(frozen=True, slots=True)
class Reservation:
    """The reserved concurrency of a function of the plan.

    Attributes:
        wanted: executions after the apply; 0: none are reserved.
        held: executions that it has reserved now.
    """

    address: str
    wanted: int
    held: int

    @property
    def more(self) -> int:
        """Count executions that the apply takes out of what is unreserved."""
        return max(0, self.wanted - self.held)


def shortage(reservations: Sequence[Reservation], limit: int, unreserved: int, file: str) -> str:
    """Tell by how much reservations exceed what AWS lets the account reserve; "" when they fit.

    What the apply gives back is not counted: Terraform changes functions in no fixed order.

    Args:
        limit: concurrent executions of the account.
        unreserved: those that no function has reserved now.
        file: where the reservations are written.
    """
    asked, room = sum(one.more for one in reservations), max(0, unreserved - _KEPT_UNRESERVED)
    missing = asked - room
    if asked == 0 or missing <= 0:
        return ""
    each = " and ".join(f"{one.address} reserves {one.wanted}" for one in reservations if one.more)
    # In an account below the minimum, the quota has to reach that first.
    quota = limit + asked - (unreserved - _KEPT_UNRESERVED)
    given = sum(max(0, one.held - one.wanted) for one in reservations)
    lowered = f", or apply the lower reservations first, which give {given} back" if given >= missing else ""
    return (
        f"{each} concurrent executions, {asked} more than now; of the account's {limit:,}, {unreserved:,} are"
        f" unreserved and AWS keeps at least {_KEPT_UNRESERVED} of them so, which leaves {room:,}"
        f" -> raise the quota to {quota:,} (Service Quotas, L-B99A9384), or lower reserved_concurrency in {file} by"
        f" {missing:,} in all{lowered}"
    )
