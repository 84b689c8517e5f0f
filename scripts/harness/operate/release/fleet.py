"""The aliases of a stack, read and moved together, and how messages call their versions."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.base.errors import HarnessError
from harness.operate.release.alias import Alias, Pointer
from harness.operate.release.record import Move

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
