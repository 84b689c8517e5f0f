"""Read the policy that an attribute will hold, also where a plan does not know all of it.

A text made with ``jsonencode`` is unknown as a whole when one ARN in it is: nothing is read of it. One of the data
source ``aws_iam_policy_document`` is read statement by statement, and what is unknown in it stands as ``<ADDRESS.arn>``
where the configuration makes it from a resource of the plan. What stays unknown is said to be unread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.plan import UNKNOWN, Plan, ResourceChange
from harness.plan.addresses import instance_key, pieces, plain_address
from harness.plan.configuration import module_names
from harness.plan.model import nearest
from harness.rules.policy import Statement, parse
from harness.rules.policy_blocks import Block, statement_of_block
from harness.rules.rule import is_written, traced

_DATA: Final = "aws_iam_policy_document"
_JOINED = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
REMEDY: Final = "build its ARNs from names, or write it as data.aws_iam_policy_document, whose statements a plan shows"


@dataclass(frozen=True, slots=True)
class Document:
    """A policy as far as a plan shows it.

    Attributes:
        unread: why not all of it can be read; empty when it can.
    """

    statements: tuple[Statement, ...]
    unread: str = ""


def read_policy(plan: Plan, change: ResourceChange, attribute: str) -> Document | None:
    """Read a policy; ``None`` where none is set, so that AWS's default holds."""
    value = change.find(attribute)
    if isinstance(value, str) and value:
        return parse_document(value)
    if value is UNKNOWN:
        return _made(plan, change, attribute) if is_written(plan, change, attribute) else None
    return None if value is None or isinstance(value, str) else Document((), f"cannot be read: it is {value!r}")


def parse_document(text: object) -> Document:
    """Read the text of a policy, and say where it is none or unknown."""
    statements = parse(text)
    if statements is not None:
        return Document(statements)
    return Document((), "is no policy document" if isinstance(text, str) else f"is unknown until apply; {REMEDY}")


def _made(plan: Plan, change: ResourceChange, attribute: str) -> Document:
    """Read an unknown policy from the data sources that it is made from."""
    leaves = traced(plan, change.address, attribute)
    sources = {leaf: _sources(plan, change, leaf) for leaf in leaves if f"data.{_DATA}." in leaf}
    # Anything else that AWS makes up may change the text, and a local may hold anything.
    others = [leaf for leaf in leaves if leaf not in sources and pieces(leaf)[0] not in ("each", "count")]
    if len(sources) != 1 or others or not all(sources.values()):
        return Document((), f"is unknown until apply; {REMEDY}")
    return _joined([_of_source(plan, one) for found in sources.values() for one in found])


def _sources(plan: Plan, change: ResourceChange, leaf: str) -> list[ResourceChange]:
    """Find the data source that a reference is to; of several instances, that of the same module and key."""
    parts = pieces(leaf)
    at = parts.index(_DATA)
    name, key = plain_address(parts[at + 1]), instance_key(parts[at + 1])
    if parts[at + 2 :] not in (("json",), ("minified_json",)):
        return []
    path = parts[1 : at - 1 : 2]
    every = [
        one
        for one in plan.resources.values()
        if (one.mode, one.type, one.name) == ("data", _DATA, name)
        and module_names(one.module) == path
        and key in (None, one.index)
    ]
    return nearest(change, every)


def _of_source(plan: Plan, source: ResourceChange) -> Document:
    listed = source.find("statement")
    blocks = [] if listed is None else listed
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return Document((), f"has statements that are unknown until apply ({source.address})")
    own = tuple(statement_of_block(Block(plan, source, at, len(blocks), block)) for at, block in enumerate(blocks))
    joined = [_other(source, name) for name in _JOINED if source.find(name) not in (None, "", [])]
    return _joined([Document(own), *joined])


def _other(source: ResourceChange, name: str) -> Document:
    """Read the documents that a data source takes statements from."""
    value = source.find(name)
    texts = value if isinstance(value, list) else [value]
    read = [parse(text) for text in texts]
    if all(one is not None for one in read):
        return Document(tuple(statement for one in read for statement in one or ()))
    return Document((), f"takes statements from {name} of {source.address}, which are unknown until apply")


def _joined(documents: Sequence[Document]) -> Document:
    return Document(
        tuple(statement for one in documents for statement in one.statements),
        "; ".join(one.unread for one in documents if one.unread),
    )
