"""Look in the account for what an interrupted apply made and its state does not know."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from harness.aws.clients import Aws
from harness.aws.missing import refusing, unless_missing
from harness.base.errors import HarnessError
from harness.plan import Action, Plan, ResourceChange, is_marked

SKEW_SECONDS = 60.0
"""Seconds that this machine's clock and AWS's may differ by; AWS itself refuses requests that are five minutes off."""

_REFUSED = ("cannot look for what the interrupted apply made", "check the permissions of the credentials")


@dataclass
class Search:
    """One search through the account.

    Attributes:
        since: seconds since the epoch when its apply began.
        ids: address -> id of what is known to be this stack's: the state's content, then what is found.
    """

    aws: Aws
    plan: Plan
    since: float
    ids: dict[str, str]
    _clients: dict[str, Any] = field(default_factory=dict)
    _answers: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return a boto3 client, made once."""
        if service not in self._clients:
            self._clients[service] = self.aws.client(service)
        return self._clients[service]

    def ask(self, service: str, operation: str, **parameters: Any) -> Any:
        """Ask one operation; the answer, or ``None`` when the thing asked for does not exist.

        Raises:
            HarnessError: AWS refuses.
        """
        return unless_missing(lambda: getattr(self.client(service), operation)(**parameters), *_REFUSED)

    def listed(self, service: str, operation: str, key: str, **parameters: Any) -> list[Any]:
        """List all pages of a listing, asked for once.

        Raises:
            HarnessError: AWS refuses.
        """
        question = (service, operation, *(f"{name}={value}" for name, value in sorted(parameters.items())))
        if question not in self._answers:
            with refusing(*_REFUSED):
                pages = self.client(service).get_paginator(operation).paginate(**parameters)
                self._answers[question] = [item for page in pages for item in page.get(key, ())]
        return list(self._answers[question])

    def sibling(self, change: ResourceChange, kind: str) -> str | None:
        """Return the id of the only resource of type ``kind`` in the same module; ``None`` before it exists."""
        there = [other.address for other in self.plan.all_of_type(kind) if other.module == change.module]
        return self.ids.get(there[0]) if len(there) == 1 else None

    def knows(self, kind: str, identifier: str) -> bool:
        """Tell whether the resource of type ``kind`` with this id is this stack's."""
        return any(self.ids.get(other.address) == identifier for other in self.plan.all_of_type(kind))

    def ours(self, change: ResourceChange, tags: Mapping[str, str], made: datetime | float | None) -> bool:
        """Tell whether the interrupted apply made a thing that bears the planned name: by its tags and by its age.

        Args:
            made: when it was created (seconds since the epoch or a time); ``None`` where the service does not say.
        """
        planned = change.value("tags_all")
        if not isinstance(planned, dict) or is_marked(planned) or not planned:
            return False
        moment = made.timestamp() if isinstance(made, datetime) else made
        return planned.items() <= tags.items() and (moment is None or moment >= self.since - SKEW_SECONDS)


Finder = Callable[[Search, ResourceChange], str | None]
"""Import id of what the change was to create, when it exists and is ours."""


def find_made(search: Search, order: Mapping[str, Finder]) -> dict[str, str]:
    """Address -> import id of everything that was to be created, is in no state and exists all the same.

    Args:
        search: where, since when, and what the state knows; learns the ids found.
        order: how to find each type, parents before children.

    Raises:
        HarnessError: AWS refuses, or two things answer to one description.
    """
    found: dict[str, str] = {}
    for kind, find in order.items():
        for change in search.plan.all_of_type(kind):
            lost = was_new(change) and change.address not in search.ids
            identifier = find(search, change) if lost else None
            if identifier is not None:
                found[change.address] = search.ids[change.address] = identifier
    return found


def only(change: ResourceChange, things: Iterable[Mapping[str, Any]], key: str = "id") -> str | None:
    """Return the id of the one thing found.

    Raises:
        HarnessError: there are several, and nothing says which one is the apply's.
    """
    identifiers = [str(thing[key]) for thing in things]
    if len(identifiers) > 1:
        raise HarnessError(
            f"{change.address} could be any of {', '.join(identifiers)}", "delete all but one, then make apply again"
        )
    return identifiers[0] if identifiers else None


def was_new(change: ResourceChange) -> bool:
    """Tell whether the approved plan was to bring the thing into the state.

    A replaced one is not new: under its name the state finds the new one, too; and what has no name is not replaced on
    its own here, but for deployments (see leftovers).
    """
    return change.mode == "managed" and (change.action is Action.CREATE or change.importing is not None)
