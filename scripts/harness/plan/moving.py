"""Follow addresses through ``moved`` blocks, as Terraform does. Pure."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from harness.plan.addresses import instance_key, pieces, plain_address


@dataclass(frozen=True, slots=True)
class Moved:
    """One ``moved`` block: where a resource or a whole module stood, and where it stands."""

    source: str
    target: str


def successors(base: Mapping[str, object], head: Container[str], moves: Sequence[Moved]) -> dict[str, str]:
    """Return where the resources of ``base`` stand in ``head`` that a block moves there, by their old address.

    As in Terraform, nothing moves to where something stood before.
    """
    found = {address: _end(address, moves) for address in base}
    return {old: new for old, new in found.items() if new in head and new not in base}


def _end(address: str, moves: Sequence[Moved]) -> str:
    """Follow blocks one after the other, whatever their order; each leads on once, so that a circle ends."""
    left = list(moves)
    while step := next(((one, to) for one in left if (to := _through(address, one))), None):
        left.remove(step[0])
        address = step[1]
    return address


def _through(address: str, move: Moved) -> str:
    """Return where one block leads an address, ``""`` where it does not speak of it."""
    there, source, target = pieces(address), pieces(move.source), pieces(move.target)
    at = len(source) - 1
    if len(there) <= at or there[:at] != source[:at]:
        return ""
    last = target[-1]
    if there[at] != source[at]:
        # A block without instance keys speaks of every instance, and keeps their keys.
        keyed = any(instance_key(one) is not None for one in (source[at], last))
        if keyed or plain_address(there[at]) != source[at]:
            return ""
        last += there[at].removeprefix(source[at])
    return ".".join((*target[:-1], last, *there[at + 1 :]))
