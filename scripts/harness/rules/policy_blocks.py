"""Read one ``statement`` block of the data source ``aws_iam_policy_document``, of which some may be unknown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from harness.plan import UNKNOWN, Plan, ResourceChange
from harness.plan.addresses import pieces
from harness.rules.policy import Statement, statement_of
from harness.rules.rule import traced

_ELEMENTS = {"Action": "actions", "NotAction": "not_actions", "Resource": "resources", "NotResource": "not_resources"}
_IDENTITIES = frozenset({"arn", "id", "unique_id", "name", "invoke_arn", "execution_arn"})
UNREAD: Final = "<unknown>"
"""Stands for a text of which a plan shows nothing."""


@dataclass(frozen=True, slots=True)
class Block:
    """One ``statement`` block of a data source, the ``at``-th of ``among``, and the elements of it left unread."""

    plan: Plan
    source: ResourceChange
    at: int
    among: int
    values: Mapping[str, object]
    unread: list[str] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Tell whether a part is there; an empty one is none."""
        value = self.values.get(name)
        return value is not None and not (isinstance(value, list) and not value)

    def text(self, value: object, name: str, element: str) -> str:
        """Return a text; of one that is unknown, the resources that it is made from."""
        if isinstance(value, str):
            return value
        made = self._made_from(name) if value is UNKNOWN else ""
        if not made:
            self.unread.append(element)
        return f"<{made}>" if made else UNREAD

    def texts(self, value: object, name: str, element: str) -> list[str]:
        """Return a list of texts."""
        return [self.text(one, name, element) for one in (value if isinstance(value, list) else [value])]

    def principals(self, name: str, element: str) -> dict[str, list[str]]:
        """Return kinds of principals and who they are."""
        found: dict[str, list[str]] = {}
        for block in self._blocks(name, element):
            kind = self.text(block.get("type"), name, element)
            found.setdefault(kind, []).extend(self.texts(block.get("identifiers"), name, element))
        return found

    def conditions(self) -> dict[str, dict[str, list[str]]]:
        """Return operator, key and values of every condition."""
        found: dict[str, dict[str, list[str]]] = {}
        for block in self._blocks("condition", "Condition"):
            test, key = (self.text(block.get(name), "condition", "Condition") for name in ("test", "variable"))
            values = self.texts(block.get("values"), "condition", "Condition")
            found.setdefault(test, {}).setdefault(key, []).extend(values)
        return found

    def _blocks(self, name: str, element: str) -> Iterator[Mapping[str, object]]:
        listed = self.values[name]
        for block in listed if isinstance(listed, list) else [listed]:
            if isinstance(block, dict):
                yield block
            else:
                self.unread.append(element)

    def _made_from(self, name: str) -> str:
        """Name the resources that unknown values of a part are made from; empty when they may be anything else."""
        if not self._is_static(name):
            return ""
        leaves = traced(self.plan, self.source.address, f"statement[{self.at}].{name}")
        return " or ".join(sorted(leaves)) if leaves and all(map(self._is_identity, leaves)) else ""

    def _is_static(self, name: str) -> bool:
        """Tell whether every block is written as such: the configuration in a plan says nothing of dynamic ones."""
        source = self.source
        written = self.plan.configuration.attributes(source.module, source.type, source.name, "data").get("statement")
        if not isinstance(written, list) or len(written) != self.among or not isinstance(written[self.at], dict):
            return False
        part, values = written[self.at].get(name), self.values[name]
        return isinstance(part, dict) or (
            isinstance(part, list) and isinstance(values, list) and len(part) == len(values)
        )

    def _is_identity(self, leaf: str) -> bool:
        parts = pieces(leaf)
        kinds = {change.type for change in self.plan.resources.values() if change.mode == "managed"}
        return len(parts) > 2 and len(parts) % 2 == 1 and parts[-3] in kinds and parts[-1] in _IDENTITIES


def statement_of_block(block: Block) -> Statement:
    """Write a block as the document has it, and read it as such."""
    effect, sid = (block.values.get(name) for name in ("effect", "sid"))
    # Allow is the data source's default, and the worst that an unknown effect can be.
    document: dict[str, object] = {"Effect": effect if isinstance(effect, str) else "Allow"}
    if effect is not None:
        block.text(effect, "effect", "Effect")
    document |= {} if sid is None else {"Sid": block.text(sid, "sid", "Sid")}
    for element, name in _ELEMENTS.items():
        if block.has(name):
            document[element] = block.texts(block.values[name], name, element)
    for element, name in (("Principal", "principals"), ("NotPrincipal", "not_principals")):
        if block.has(name):
            document[element] = block.principals(name, element)
    if block.has("condition"):
        document["Condition"] = block.conditions()
    return statement_of(document, tuple(dict.fromkeys(block.unread)))
