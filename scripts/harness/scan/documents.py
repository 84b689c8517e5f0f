"""The policy documents of a plan, for :mod:`harness.scan.iam`. Pure."""

import json
import re
from collections.abc import Iterator, Mapping

from harness.plan import Plan, ResourceChange, is_marked
from harness.rules.policy import Statement
from harness.rules.policy_reading import read_policy
from harness.rules.rule import is_written

_IDENTITY = re.compile(r"aws_(iam_(role|user|group)_policy|iam_policy)$")
_NAMES = ("access_policies", "access_policy", "assume_role_policy", "policy", "policy_document")
_INLINE = "inline_policy"


def documents(environment: str, plan: Plan) -> list[dict[str, str]]:
    """List every policy document that will exist; those of which the plan does not show all with an empty text."""
    return [
        {"source": environment, "resource": change.address, "attribute": name, "kind": kind, "text": text}
        for change in plan.resources.values()
        if change.stays and change.mode == "managed"
        for name, kind, text in _held(plan, change)
    ]


def _held(plan: Plan, change: ResourceChange) -> Iterator[tuple[str, str, str]]:
    """List attribute, kind and text of each document of a resource."""
    after = change.after
    if not isinstance(after, dict):
        return
    of_type = "identity" if _IDENTITY.match(change.type) else "resource"
    for name, value in after.items():
        kind = "trust" if name == "assume_role_policy" else of_type
        is_policy = name in _NAMES and change.type.startswith("aws_iam_")
        if isinstance(value, str) and ('"Statement"' in value or (is_policy and value)):
            yield name, kind, value
        elif name in _NAMES and is_marked(value) and is_written(plan, change, name):
            yield name, kind, _read(plan, change, name)
    if _INLINE in after and is_written(plan, change, _INLINE):
        yield from _inline(after)


def _read(plan: Plan, change: ResourceChange, name: str) -> str:
    """Write the document that an unknown text will be, where the plan shows all of it; else nothing.

    Principals are not written: the kind of each, which conditions depend on, is not told apart.
    """
    document = read_policy(plan, change, name)
    if document is None or document.unread or any(map(_is_hidden, document.statements)):
        return ""
    return json.dumps({"Version": "2012-10-17", "Statement": [_written(one) for one in document.statements]})


def _is_hidden(one: Statement) -> bool:
    made = any(resource.startswith("<") for resource in one.resources)
    return bool(made or one.unread or one.strange or one.principals or one.services)


def _written(one: Statement) -> dict[str, object]:
    parts = {
        "Sid": one.sid,
        "Effect": "Allow" if one.allows else "Deny",
        "Action": one.actions,
        "Resource": one.resources,
        "Condition": one.conditions,
    }
    return {name: part for name, part in parts.items() if part}


def _inline(after: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """List the documents in the blocks of a role; they are a part of its own policy."""
    listed = after[_INLINE]
    for at, block in enumerate(listed if isinstance(listed, list) else [listed]):
        text = block.get("policy") if isinstance(block, dict) else None
        yield f"{_INLINE}[{at}].policy", "identity", text if isinstance(text, str) else ""
