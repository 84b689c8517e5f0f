"""Choosing the versions that a release or a rollback moves, function by function."""

from collections.abc import Set
from dataclasses import dataclass

from harness.base.errors import HarnessError, UsageError
from harness.operate.release.fleet import Fleet
from harness.operate.release.record import Move, Record


@dataclass(frozen=True, slots=True)
class Forward:
    """Moves of a release.

    Attributes:
        said: what stays and why, one line each.
    """

    moves: dict[str, Move]
    said: tuple[str, ...]


def moves_forward(fleet: Fleet, record: Record, chosen: Set[str], version: str, words: str) -> Forward:
    """Choose the newest version of each function that does not serve it, or ``version`` of the one that is chosen.

    A version that was taken back is left out, unless it is asked for by its number.

    Raises:
        UsageError: no such version, several functions could be meant, or only versions that were taken back are left.
        HarnessError: AWS refuses.
    """
    functions = tuple(name for name in fleet.functions if not chosen or name in chosen)
    if version and len(functions) > 1:
        raise UsageError(
            f"VERSION={version} could be of {', '.join(functions)}", "say of which: FUNCTION=<service>, or leave it out"
        )
    moves, live, refused = {}, {}, []
    for name in functions:
        line, target = record.line(name), _target(fleet, name, version)
        if target == line.live:
            live[name] = target
        elif not version and target in line.rejected:
            refused.append((name, target, line.rejected[target]))
        else:
            moves[name] = Move(line.live, target)
    if refused and not moves:
        name, target, reason = refused[0]
        raise UsageError(
            f"{fleet.called({name: target})} was taken back ({reason})",
            f"publish another (make plan, make apply), or insist: make release {words}{_of(fleet, name)}"
            f" VERSION={target}",
        )
    said = [f"{fleet.called({name: target})} is live already" for name, target in live.items()] if moves else []
    said += [
        f"{fleet.called({name: target})} stays out, it was taken back ({reason}); to insist:"
        f" make release {words}{_of(fleet, name)} VERSION={target}"
        for name, target, reason in refused
    ]
    return Forward(moves, tuple(said))


def moves_back(fleet: Fleet, record: Record, chosen: Set[str], words: str) -> dict[str, Move]:
    """Choose the versions that served before: of the chosen functions, or of those that the latest release moved.

    Raises:
        HarnessError: one has no previous version, or AWS refuses.
    """
    latest = set(record.latest()) & set(fleet.functions)
    wanted = chosen or latest or set(fleet.functions)
    moves = {}
    for name in (one for one in fleet.functions if one in wanted):
        line = record.line(name)
        source = line.previous(fleet.alias(name).versions())
        if not source:
            raise HarnessError(
                f"{fleet.called({name: line.live})} has no previous version that was live",
                f"make release {words}{_of(fleet, name)} VERSION=n names one",
            )
        moves[name] = Move(source, line.live)
    return moves


def _target(fleet: Fleet, name: str, version: str) -> str:
    versions = fleet.alias(name).versions()
    if version and version not in versions:
        raise UsageError(f"VERSION={version} is not a published version", f"use one of: {', '.join(versions[-5:])}")
    return version or versions[-1]


def _of(fleet: Fleet, name: str) -> str:
    return "" if len(fleet.aliases) == 1 else f" FUNCTION={name}"
