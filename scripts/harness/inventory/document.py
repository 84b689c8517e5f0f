"""Inventories as documents: read, checked for shape, matched against a plan."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from harness.base.errors import HarnessError
from harness.base.findings import Finding, Severity
from harness.inventory.expect import TAGS, Operator, References, compare
from harness.plan import Plan, ValueMissingError

CHECK = "inventory"
SECTIONS = ("counts", "resources", "outputs", "variables", "given")


class InventoryError(HarnessError):
    """Raised where an inventory is not written as the package's docstring says."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Parsed expectations.

    Attributes:
        counts: resource type -> how many, ``None`` when the document does not count.
        variables: root variables the plan is made with, besides their defaults.
        given: what exists before the plan, by address, with what AWS gave it: what is made from it is then known.
    """

    counts: Mapping[str, int] | None = None
    resources: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    outputs: Mapping[str, object] = field(default_factory=dict)
    variables: Mapping[str, object] = field(default_factory=dict)
    given: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


class Loader(yaml.SafeLoader):
    """SafeLoader with the operators as tags; a key that stands twice is an error, not the last one's win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        """Refuse duplicate keys, which would silently drop assertions."""
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        twice = [key for key, count in Counter(keys).items() if count > 1]
        if twice:
            raise InventoryError(f"{twice[0]!r} stands twice{node.start_mark}", "merge the two")
        return dict(super().construct_mapping(node, deep))


def _operator(tag: str) -> Callable[[Loader, yaml.Node], Operator]:
    def construct(loader: Loader, node: yaml.Node) -> Operator:
        if isinstance(node, yaml.MappingNode):
            return Operator(tag, loader.construct_mapping(node, deep=True))
        if isinstance(node, yaml.SequenceNode):
            return Operator(tag, loader.construct_sequence(node, deep=True))
        return Operator(tag, node.value)

    return construct


for _tag in TAGS:
    Loader.add_constructor(f"!{_tag}", _operator(_tag))


def load(text: str, *, file: str) -> object:
    """Read YAML with the operators.

    Raises:
        InventoryError: not YAML, an unknown tag, or a key that stands twice.
    """
    try:
        return yaml.load(text, Loader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        raise InventoryError(f"{file}: {error}", "correct the YAML") from error


def read_inventory(text: str, *, file: str) -> Inventory:
    """Read an inventory. Raises :class:`InventoryError`."""
    return inventory_of(load(text, file=file), file=file)


def inventory_of(document: object, *, file: str) -> Inventory:
    """Check a document's shape.

    Raises:
        InventoryError: a section is unknown or of the wrong shape, or the whole asserts nothing.
    """
    if not isinstance(document, dict) or not document or set(document) - set(SECTIONS):
        found = ", ".join(map(str, document)) if isinstance(document, dict) else type(document).__name__
        raise InventoryError(f"{file}: sections are {', '.join(SECTIONS)}; found {found or 'none'}", "correct them")
    mappings = [*document.items(), *document.get("resources", {}).items()]
    for name, part in mappings:
        if not isinstance(part, dict) or not part:
            raise InventoryError(f"{file}: {name} holds nothing to assert", "write name: value below it")
    resources, outputs = document.get("resources", {}), document.get("outputs", {})
    variables, given = document.get("variables", {}), document.get("given", {})
    return Inventory(document.get("counts"), resources, outputs, variables, given)


def match(plan: Plan, inventory: Inventory, *, file: str = "", environment: str = "") -> Iterator[Finding]:
    """Find everything in the plan that is not as the inventory says."""

    def finding(address: str, message: str) -> Finding:
        return Finding(CHECK, Severity.ERROR, address, message, environment=environment, file=file)

    for address, attributes in inventory.resources.items():
        yield from (finding(address, text) for text in match_resource(plan, address, attributes))
    for text in match_counts(plan, inventory):
        yield finding("", text)
    for name, expected in inventory.outputs.items():
        yield from (finding(f"output.{name}", text) for text in match_output(plan, name, expected))


def match_counts(plan: Plan, inventory: Inventory) -> Iterator[str]:
    """List types that occur more or less often than counted; a type that is not listed counts as none."""
    if inventory.counts is None:
        return
    found = counted(plan)
    for kind in sorted(found.keys() | inventory.counts.keys()):
        if found[kind] != inventory.counts.get(kind, 0):
            yield f"{kind}: got {found[kind]} resource(s), expected {inventory.counts.get(kind, 0)}"


def counted(plan: Plan) -> Counter[str]:
    """Count the managed resources that exist after the change, by type."""
    return Counter(change.type for change in plan.resources.values() if change.mode == "managed" and change.stays)


def match_resource(plan: Plan, address: str, attributes: Mapping[str, object], within: str = "") -> Iterator[str]:
    """List what differs at one address: ``attribute: got …, expected …``.

    Args:
        within: ``module.x.`` when addresses, also those behind ``!from``, are seen from inside that module.
    """
    sources = sources_of(plan, address, within)
    for path, expected in attributes.items():
        try:
            yield from compare(plan.resource(within + address).value(path), expected, path, sources)
        except ValueMissingError as error:
            yield str(error)


def sources_of(plan: Plan, address: str, within: str = "") -> References:
    """Return what tells of a resource's attributes what they are made from; see :func:`match_resource`."""
    return lambda path: frozenset(one.removeprefix(within) for one in plan.references(within + address, path))


def match_output(plan: Plan, name: str, expected: object) -> Iterator[str]:
    """List what differs in a root output."""
    if name not in plan.outputs:
        yield f"no output {name!r}; there are {', '.join(sorted(plan.outputs)) or 'none'}"
        return
    yield from compare(plan.outputs[name].after, expected, name, output_sources(plan, name))


def output_sources(plan: Plan, name: str) -> References:
    """Return what tells what a root output is made from."""
    return lambda _: plan.output_references(name)
