"""Alias that serves: read where it points, list versions, move it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.aws.clients import Aws
from harness.aws.missing import error_code, refusing
from harness.base.errors import HarnessError


@dataclass(frozen=True, slots=True)
class Pointer:
    """Versions that an alias points at.

    Attributes:
        candidate: the version that gets a share, ``""`` when there is none.
        weight: its share of the requests, 0 to 1.
        revision: changes with every change of the alias.
    """

    version: str
    candidate: str
    weight: float
    revision: str


@dataclass(frozen=True, slots=True)
class Alias:
    """One alias of one function."""

    aws: Aws
    function: str
    name: str

    def pointer(self) -> Pointer:
        """Read where it points now.

        Raises:
            HarnessError: the alias cannot be read.
        """
        return _pointer(self._call("get_alias", FunctionName=self.function, Name=self.name))

    def versions(self) -> tuple[str, ...]:
        """List every published version, the oldest first.

        Raises:
            HarnessError: they cannot be listed.
        """
        every = (item["Version"] for item in self._listed("list_versions_by_function", "Versions"))
        return tuple(sorted((version for version in every if version != "$LATEST"), key=int))

    def variables(self) -> Mapping[str, Mapping[str, str]]:
        """Read the environment variables of every version; none where they cannot be seen.

        Raises:
            HarnessError: versions cannot be listed.
        """
        every = self._listed("list_versions_by_function", "Versions")
        return {item["Version"]: item.get("Environment", {}).get("Variables", {}) for item in every}

    def move(self, now: Pointer, version: str, candidate: str = "", weight: float = 0) -> Pointer:
        """Send requests to ``version``, and a share of ``weight`` of them to ``candidate``.

        Args:
            now: the alias as it was when this was decided; a change by somebody else since then is not overwritten.
            candidate: the other version, ``""`` for none.
            weight: its share, 0 to 1.

        Raises:
            HarnessError: somebody else moved the alias meanwhile, or AWS refuses.
        """
        weights = {candidate: weight} if candidate else {}
        try:
            answer = self._call(
                "update_alias",
                FunctionName=self.function,
                Name=self.name,
                FunctionVersion=version,
                RoutingConfig={"AdditionalVersionWeights": weights},
                RevisionId=now.revision,
            )
        except HarnessError as error:
            if error_code(error.__cause__) != "PreconditionFailedException":
                raise
            moved = f"somebody else moved the alias {self.name} of {self.function} meanwhile"
            raise HarnessError(moved, "look, then run it again") from error
        return _pointer(answer)

    def routed(self) -> frozenset[str]:
        """List every version that any alias of the function sends requests to.

        Raises:
            HarnessError: they cannot be listed.
        """
        aliases = self._listed("list_aliases", "Aliases")
        return frozenset(version for item in aliases for version in (item["FunctionVersion"], *_weights(item)))

    def delete(self, version: str) -> None:
        """Delete one published version.

        Raises:
            HarnessError: an alias points at it, or AWS refuses.
        """
        # Without a qualifier, or with that of the unpublished code, the call would delete the function.
        if not version.isdecimal():
            raise AssertionError(f"{version!r} is no published version")
        self._call("delete_function", FunctionName=self.function, Qualifier=version)

    def _listed(self, operation: str, key: str) -> Iterator[Mapping[str, Any]]:
        marker: dict[str, str] = {}
        while True:
            page = self._call(operation, FunctionName=self.function, **marker)
            yield from page[key]
            if not page.get("NextMarker"):
                return
            marker = {"Marker": page["NextMarker"]}

    def _call(self, operation: str, **arguments: Any) -> Any:
        with refusing(f"{operation} of {self.function} failed", "check the permissions, run it again"):
            return getattr(self.aws.client("lambda"), operation)(**arguments)


def _pointer(answer: Mapping[str, Any]) -> Pointer:
    candidate, weight = next(iter(_weights(answer).items()), ("", 0.0))
    return Pointer(str(answer["FunctionVersion"]), str(candidate), float(weight), str(answer["RevisionId"]))


def _weights(alias: Mapping[str, Any]) -> Mapping[str, float]:
    return (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
