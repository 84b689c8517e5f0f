"""The aliases of a stack, read and moved together; the choice of their versions, and how messages call these."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from harness.base.errors import HarnessError, UsageError
from harness.base.options import wrong
from harness.operate.release.alias import Alias, Pointer
from harness.operate.release.record import Move, Record

Pointers = dict[str, Pointer]


@dataclass(frozen=True, slots=True)
class Fleet:
    """Every alias that serves, one of each function."""

    aliases: tuple[Alias, ...]

    @property
    def functions(self) -> tuple[str, ...]:
        """Names of the functions."""
        return tuple(alias.function for alias in self.aliases)

    def alias(self, function: str) -> Alias:
        """Return the alias of a function."""
        return next(alias for alias in self.aliases if alias.function == function)

    def pointers(self) -> Pointers:
        """Read where each alias points now.

        Raises:
            HarnessError: one cannot be read.
        """
        return {alias.function: alias.pointer() for alias in self.aliases}

    def shift(self, pointers: Pointers, moves: Mapping[str, Move], percent: int) -> None:
        """Give the targets ``percent`` of the requests, function by function; ``pointers`` follows.

        Raises:
            HarnessError: an alias could not be moved; those before it were.
        """
        for function, move in moves.items():
            alias = self.alias(function)
            if percent == 100:
                pointers[function] = alias.move(pointers[function], move.target)
            else:
                pointers[function] = alias.move(pointers[function], move.source, move.target, percent / 100)

    def take_back(self, moves: Mapping[str, Move], *, force: bool) -> tuple[str, ...]:
        """Send every request to the sources again, each alias though another one fails.

        Args:
            force: also take back an alias that somebody moved to another version meanwhile.

        Returns:
            Functions that were left, as somebody else had moved their aliases.

        Raises:
            HarnessError: an alias could not be taken back; names each one.
        """
        left, failed = [], []
        for function, move in moves.items():
            try:
                pointer = self.alias(function).pointer()
                if not force and not within(pointer, move):
                    left.append(function)
                elif (pointer.version, pointer.candidate) != (move.source, ""):
                    self.alias(function).move(pointer, move.source)
            except HarnessError as error:
                failed.append(f"{function}: {error.tried}")
        if failed:
            raise HarnessError(f"not everything could be taken back: {'; '.join(failed)}", "")
        return tuple(left)

    def called(self, versions: Mapping[str, str]) -> str:
        """Name versions by function; in a stack of one function the version alone says it."""
        if len(self.aliases) == 1:
            return "".join(f"version {version}" for version in versions.values())
        return " and ".join(f"version {version} of {function}" for function, version in versions.items())


def sources(moves: Mapping[str, Move]) -> dict[str, str]:
    """Return the versions that served before, by function."""
    return {function: move.source for function, move in moves.items()}


def targets(moves: Mapping[str, Move]) -> dict[str, str]:
    """Return the versions that are to serve, by function."""
    return {function: move.target for function, move in moves.items()}


def within(pointer: Pointer, move: Move) -> bool:
    """Tell whether an alias stands where a release of ``move`` puts it at some step."""
    return pointer.version in (move.source, move.target) and pointer.candidate in ("", move.target)


@dataclass(frozen=True, slots=True)
class Forward:
    """Moves of a release."""

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
        raise wrong(
            "VERSION",
            version,
            f"could be of {', '.join(functions)}",
            "say of which: FUNCTION=<service>, or leave it out",
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
        raise wrong("VERSION", version, "is not a published version", f"use one of: {', '.join(versions[-5:])}")
    return version or versions[-1]


def _of(fleet: Fleet, name: str) -> str:
    return "" if len(fleet.aliases) == 1 else f" FUNCTION={name}"
