"""Write down each authorisation decision of the local AWS: who asked for what, and which statements allowed it.

What a role is granted can then be held against what it uses. Decisions about the account's root keys are none: no
policy is asked. Every part of a request that is authorised on its own is a line of its own: the table of each item of
a transaction, a role that is passed, a key that a service uses for its caller. They are written as long as the file
exists: whoever wants them makes it, and takes it away.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from ministack.core import iam_evaluator

from harness.localaws.patching import wraps
from harness.localaws.settings import DECISIONS

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Grant:
    """One statement that allows a call, and how.

    Attributes:
        actions: patterns of the statement that the call's action matches.
        resources: patterns of the statement that the call's resource matches.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision about one call, or one part of it.

    Attributes:
        principal: ARN of the role's session, or of the user.
        context: condition keys of the call.
        grants: statements of the principal's own policies that allow it; empty for a refused call that none allows.
    """

    principal: str
    action: str
    resource: str
    allowed: bool
    context: Mapping[str, Any]
    grants: tuple[Grant, ...]


def grants_of(context: Any, policies: list[list[Any]]) -> Iterator[Grant]:
    """List every statement that allows a call; ministack itself stops at the first."""
    for statement in (one for policy in policies for one in policy):
        if statement.effect != "Allow" or iam_evaluator._first_match(context, [statement], "Allow") is None:
            continue
        yield Grant(
            statement.sid,
            tuple(one for one in statement.actions if iam_evaluator.fnmatch_iam(context.action, one)),
            tuple(one for one in statement.resources if iam_evaluator.fnmatch_iam_cs(context.resource_arn, one)),
        )


def install() -> None:
    """Wrap ministack's policy evaluation; does nothing where no file is named to write to."""
    if DECISIONS not in os.environ:
        return
    file = Path(os.environ[DECISIONS])
    # The first evaluation within an enforcement is that of the principal's own policies; resource policies follow.
    first: ContextVar[list[tuple[Any, list[list[Any]]]] | None] = ContextVar("first", default=None)

    @wraps(iam_evaluator, "evaluate")
    def evaluate(judge: Any, context: Any, policies: Any, *limits: Any) -> Any:
        if (kept := first.get()) is not None and not kept:
            kept.append((context, policies))
        return judge(context, policies, *limits)

    @wraps(iam_evaluator, "enforce")
    def enforce(judge: Any, *arguments: Any, **options: Any) -> Any:
        token = first.set([])
        try:
            refused = judge(*arguments, **options)
            kept = first.get() or []
        finally:
            first.reset(token)
        for context, policies in kept if file.exists() else ():
            _write(file, _decision(context, policies, allowed=refused is None))
        return refused


def _decision(context: Any, policies: list[list[Any]], *, allowed: bool) -> Decision:
    return Decision(
        context.principal_arn,
        context.action,
        context.resource_arn,
        allowed,
        {key: value for key, value in context.service_context.items() if value is not None},
        tuple(grants_of(context, policies)),
    )


def _write(file: Path, decision: Decision) -> None:
    # One write of one line in append mode: lines of calls that are served at once do not mix.
    with file.open("a", encoding="utf-8") as written:
        written.write(json.dumps(asdict(decision), default=str) + "\n")
