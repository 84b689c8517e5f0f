"""The policy documents of a plan, for :mod:`harness.scan.iam`. Pure."""

import re
from collections.abc import Iterator, Mapping

from harness.plan import Plan, ResourceChange, is_marked
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
            yield name, kind, ""
    if _INLINE in after and is_written(plan, change, _INLINE):
        yield from _inline(after)


def _inline(after: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """List the documents in the blocks of a role; they are a part of its own policy."""
    listed = after[_INLINE]
    for at, block in enumerate(listed if isinstance(listed, list) else [listed]):
        text = block.get("policy") if isinstance(block, dict) else None
        yield f"{_INLINE}[{at}].policy", "identity", text if isinstance(text, str) else ""
