"""Resources that the state knows, and those of them that are only half made."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.operate.instances import read_instances
from harness.terraform.state import State


@dataclass(frozen=True, slots=True)
class Known:
    """Content of the state.

    Attributes:
        ids: address -> id.
        half_made: addresses of resources that Terraform could not finish creating ("tainted").
    """

    ids: Mapping[str, str]
    half_made: frozenset[str]


def known(state: State) -> Known:
    """Read the state's managed resources; none when no state was written yet.

    What an unfinished replacement left over is no longer at its address, so it is not among them.

    Raises:
        HarnessError: the state cannot be read.
    """
    instances = [one for one in read_instances(state) if not one.left_over]
    return Known(
        {one.address: str(one.attributes.get("id")) for one in instances},
        frozenset(one.address for one in instances if one.half_made),
    )
