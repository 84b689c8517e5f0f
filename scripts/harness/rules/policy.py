"""IAM and resource policies as data. Fails closed: an element that is not understood makes a statement unreadable."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.base import iam_conditions
from harness.base.iam_conditions import like
from harness.plan.values import unique

_UNDERSTOOD = {"Sid", "Effect", "Action", "Resource", "Principal", "Condition"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. ``services`` and ``principals`` are its Principal's Service and all others.

    Attributes:
        strange: elements that are not understood here (NotAction, NotResource, NotPrincipal …).
        unread: elements that hold something of which a plan shows nothing.
    """

    sid: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    services: tuple[str, ...]
    principals: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, tuple[str, ...]]]
    strange: tuple[str, ...]
    unread: tuple[str, ...] = ()

    @property
    def named(self) -> str:
        """Name it for a message."""
        return f"statement {self.sid or '(without Sid)'}"

    def covers(self, action: str) -> bool:
        """Tell whether an action is among those named, wildcards followed; actions ignore case."""
        return any(like(one.lower(), action.lower()) for one in self.actions)

    def admits(self, request: Mapping[str, str]) -> bool:
        """Tell whether its conditions let a request pass; ``request`` has every condition key of it."""
        return iam_conditions.holds(self.conditions, {key.lower(): (value,) for key, value in request.items()})

    def guarded(self, keys: Sequence[str]) -> bool:
        """Tell whether its conditions need one of the keys, and a value that names somebody."""
        return iam_conditions.guarded(self.conditions, keys)


def parse(text: object) -> tuple[Statement, ...] | None:
    """The statements of a policy document; ``None`` when it is unknown, or no policy at all."""
    if not isinstance(text, str):
        return None
    try:
        document = json.loads(text, object_pairs_hook=unique)
    except ValueError:
        return None
    found = document.get("Statement") if isinstance(document, dict) else None
    listed = [found] if isinstance(found, dict) else found
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        return None
    return tuple(map(statement_of, listed))


def takes_all(action: str) -> bool:
    """Tell whether an action is every one of a service, or one of any service."""
    service, _, verb = action.partition(":")
    return "*" in service or "?" in service or not verb.strip("*?")


def statement_of(one: Mapping[str, object], unread: tuple[str, ...] = ()) -> Statement:
    """Read one statement of a document."""
    principal = one.get("Principal", {})
    named = principal if isinstance(principal, dict) else {"": principal}
    conditions = _conditions(one.get("Condition", {}))
    malformed = () if conditions is not None else ("Condition",)
    return Statement(
        sid=str(one.get("Sid", "")),
        allows=one.get("Effect") == "Allow",
        actions=_texts(one.get("Action")),
        resources=_texts(one.get("Resource")),
        services=_texts(named.get("Service")),
        principals=tuple(text for kind, part in named.items() if kind != "Service" for text in _texts(part)),
        conditions=conditions or {},
        strange=tuple(sorted((*(one.keys() - _UNDERSTOOD), *malformed))),
        unread=unread,
    )


def _conditions(value: object) -> Mapping[str, Mapping[str, tuple[str, ...]]] | None:
    if not isinstance(value, dict) or not all(isinstance(tests, dict) for tests in value.values()):
        return None
    return {operator: {key: _texts(part) for key, part in tests.items()} for operator, tests in value.items()}


def _texts(value: object) -> tuple[str, ...]:
    """List texts; a boolean as JSON has it, for so AWS compares it."""
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(one if isinstance(one, str) else json.dumps(one, default=str) for one in listed)
