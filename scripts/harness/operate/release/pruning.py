"""Find published versions that may go, and delete them. AWS keeps every version until somebody deletes it."""

from collections.abc import Iterable, Sequence

from harness.operate.release.alias import Alias
from harness.operate.release.record import Record
from harness.operate.release.store import RecordStore

KEPT = 5
"""Number of newest versions that stay, and of rollbacks in a row that stay possible."""


def expendable(function: str, versions: Sequence[str], routed: Iterable[str], record: Record) -> tuple[str, ...]:
    """List versions nobody needs: neither new, nor served, nor on the way back.

    Args:
        versions: every published version, the oldest first.
        routed: versions an alias sends requests to.
    """
    needed = {*versions[-KEPT:], *routed}
    history = (one.version for one in reversed(record.line(function).history))
    way_back = dict.fromkeys(version for version in history if version in versions)
    # One more than there are rollbacks: the first of them is live.
    needed.update([*way_back][: KEPT + 1])
    move = record.running.moves.get(function) if record.running is not None else None
    if move is not None:
        needed.update((move.source, move.target))
    return tuple(version for version in versions if version not in needed and version.isdecimal())


def find_expendable(alias: Alias, store: RecordStore) -> tuple[str, ...]:
    """List versions of ``alias``'s function that may go, as AWS and the record say now.

    Raises:
        HarnessError: AWS refuses.
    """
    # The record first: a release that begins in between takes a version that is new, or that is in the record.
    record = store.load()
    return expendable(alias.function, alias.versions(), alias.routed(), record)


def prune(alias: Alias, versions: Sequence[str]) -> None:
    """Delete ``versions``.

    Raises:
        HarnessError: AWS refuses. A version that an alias took up meanwhile is refused by AWS, too.
    """
    for version in versions:
        alias.delete(version)
