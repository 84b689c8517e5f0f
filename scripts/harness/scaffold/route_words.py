"""A route, read strictly, and the names that follow from it."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from harness.base.errors import UsageError
from harness.base.routes import MAX_DEPTH, VERBS, variables
from harness.scaffold.naming import camel, singular

_PATH = re.compile(r"(/(\{[A-Za-z_][A-Za-z0-9_]*\}|[A-Za-z0-9._-]+))+")
_READS, _CHANGES = (
    ("get", "head", "options"),
    {"post": "create", "put": "replace", "patch": "update", "delete": "delete"},
)
_WITH_BODY = ("patch", "post", "put")


@dataclass(frozen=True, slots=True)
class Route:
    """Method and path of an operation.

    Attributes:
        verb: in lower case, as a contract has it.
    """

    verb: str
    path: str

    @property
    def name(self) -> str:
        """The operation, as ``POST /things/{id}/close``."""
        return f"{self.verb.upper()} {self.path}"

    @property
    def variables(self) -> list[str]:
        """Variables of the path, in their order."""
        return variables(self.path)

    @property
    def has_body(self) -> bool:
        """Tell if a request brings a body."""
        return self.verb in _WITH_BODY

    @property
    def status(self) -> int:
        """The status of an answer to a request that could be answered."""
        return 204 if self.verb in ("delete", "head", "options") else 200

    def operation_ids(self) -> Iterator[str]:
        """List names for the operation, the best first."""
        words = [part for part in self.path.split("/") if part and not part.startswith("{")]
        last, single = words[-1] if words else "root", not words or singular(words[-1]) == words[-1]
        of = [singular(word) for word in words[:-1][-1:]]
        item = self.path.endswith("}")
        if self.verb == "post" and of and single and not item:
            yield _joined(last, *of)
        begins = "list" if self.verb == "get" and not item and not single else _CHANGES.get(self.verb, self.verb)
        yield _joined(begins, *of, last if begins == "list" else singular(last))
        yield _joined(self.verb, *words, *(["by", *self.variables] if self.variables else []))


def _joined(first: str, *others: str) -> str:
    text = camel(first, *others)
    return text[0].lower() + text[1:]


def read_route(text: str) -> Route:
    """Read a route as ``POST /things/{id}/close``.

    Raises:
        UsageError: method or path is none that the gateway can serve.
    """
    method, _, path = text.strip().partition(" ")
    path, verb = path.strip(), method.lower()
    if not path or verb not in VERBS:
        known = ", ".join(one.upper() for one in VERBS)
        raise UsageError(f"ROUTE={text}: {method} is no method", f"write METHOD /path, with one of {known}")
    if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        said = f"ROUTE={text}: a segment of {path} is neither {{name}} nor letters, digits and ._-"
        raise UsageError(said, "write it like /things/{id}, without a slash at the end")
    if path.count("/") > MAX_DEPTH:
        raise UsageError(f"ROUTE={text}: {path} is nested deeper than {MAX_DEPTH} levels", "write a shorter path")
    if twice := [name for name in variables(path) if variables(path).count(name) > 1]:
        raise UsageError(f"ROUTE={text}: {path} has {{{twice[0]}}} twice", "give each variable a name of its own")
    return Route(verb, path)


def clash(path: str, known: Collection[str]) -> str:
    """Return the path that has another variable at the same place: the gateway takes one name there; empty: none."""
    parts = path.split("/")
    for other in known:
        for depth, (own, theirs) in enumerate(zip(parts, other.split("/"), strict=False)):
            if parts[:depth] != other.split("/")[:depth]:
                break
            if own != theirs and own.startswith("{") and theirs.startswith("{"):
                return other
    return ""
