"""IAM and resource policies as data. Fails closed: an element that is not understood makes a statement unreadable."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

_UNDERSTOOD = {"Sid", "Effect", "Action", "Resource", "Principal", "Condition"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. ``services`` and ``principals`` are its Principal's Service and all others.

    Attributes:
        strange: elements that are not understood here (NotAction, NotResource, NotPrincipal …).
    """

    sid: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    services: tuple[str, ...]
    principals: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, tuple[str, ...]]]
    strange: tuple[str, ...]

    def grants(self, action: str) -> bool:
        """Tell whether an action is among those named, wildcards followed."""
        return self.allows and any(fnmatchcase(action.lower(), one.lower()) for one in self.actions)

    def admits(self, key: str, value: str) -> bool:
        """Tell whether the conditions on ``key`` let ``value`` pass; a condition that is not there does."""
        return all(
            any(fnmatchcase(value, pattern) for pattern in wanted[key])
            for wanted in self.conditions.values()
            if key in wanted
        )


def parse(text: object) -> tuple[Statement, ...] | None:
    """The statements of a policy document; ``None`` when it is unknown, or no policy at all."""
    if not isinstance(text, str):
        return None
    try:
        document = json.loads(text)
    except ValueError:
        return None
    found = document.get("Statement") if isinstance(document, dict) else None
    listed = [found] if isinstance(found, dict) else found
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        return None
    return tuple(map(_statement, listed))


def _statement(one: dict[str, object]) -> Statement:
    principal = one.get("Principal", {})
    named = principal if isinstance(principal, dict) else {"": principal}
    conditions = one.get("Condition", {})
    return Statement(
        sid=str(one.get("Sid", "")),
        allows=one.get("Effect") == "Allow",
        actions=_texts(one.get("Action")),
        resources=_texts(one.get("Resource")),
        services=_texts(named.get("Service")),
        principals=tuple(text for kind, part in named.items() if kind != "Service" for text in _texts(part)),
        conditions={
            operator: {key: _texts(value) for key, value in tests.items()}
            for operator, tests in (conditions.items() if isinstance(conditions, dict) else ())
        },
        strange=tuple(sorted(one.keys() - _UNDERSTOOD)),
    )


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
