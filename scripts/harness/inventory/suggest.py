"""Write an inventory from a plan: every attribute the configuration sets. A start to prune, never to trust."""

import json
import re
from collections.abc import Callable

import yaml

from harness.inventory.document import counted, output_sources, sources_of
from harness.inventory.expect import Operator, References
from harness.plan import SENSITIVE, UNKNOWN, Plan, ResourceChange, ValueMissingError
from harness.plan.differences import below

Resources = dict[str, dict[str, object]]
Decides = Callable[[str, str, object], bool]
_JSON_OPENINGS = ("{", "[")
_QUOTED = re.compile(r"(![a-z]+) '([\w.-]*)'$", re.MULTILINE)


class _Dumper(yaml.SafeDumper):
    """Writes operators as tags, and never an anchor."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 (the base class's signature)
        """Repeat values: an alias hides what is expected."""
        return True


def _represent(dumper: yaml.SafeDumper, operator: Operator) -> yaml.Node:
    if isinstance(operator.argument, str | None):
        return dumper.represent_scalar(f"!{operator.tag}", operator.argument or "")
    node = dumper.represent_data(operator.argument)
    node.tag = f"!{operator.tag}"
    return node


_Dumper.add_representer(Operator, _represent)


def suggest(plan: Plan, decides: Decides = lambda *_: True) -> str:
    """Write an inventory that holds for ``plan``, with unknown values traced to what they are made from.

    Args:
        decides: tells whether an attribute belongs into it, by address, name and expected value.
    """
    document = {
        "counts": dict(sorted(counted(plan).items())),
        "resources": _selected(suggest_resources(plan), decides),
        "outputs": {name: _output(plan, name) for name in sorted(plan.outputs)},
    }
    return dump({section: part for section, part in document.items() if part})


def _selected(resources: Resources, decides: Decides) -> Resources:
    found = {
        address: {name: value for name, value in attributes.items() if decides(address, name, value)}
        for address, attributes in resources.items()
    }
    return {address: attributes for address, attributes in found.items() if attributes}


def dump(document: object, *, flow: bool = False, width: int = 110) -> str:
    """Write a document with operators as YAML; with ``flow`` in one line."""
    wide = 10**9 if flow else width
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=wide, allow_unicode=True, default_flow_style=flow)
    # PyYAML quotes every tagged scalar; people do not.
    return _QUOTED.sub(lambda found: f"{found[1]} {found[2]}".rstrip(), text)


def suggest_resources(plan: Plan, within: str = "") -> Resources:
    """Make the ``resources`` section; with ``within`` (``module.x.``) that module's own, seen from inside."""
    inside = (change for change in plan.resources.values() if change.address.startswith(within))
    found = {
        change.address.removeprefix(within): suggest_attributes(plan, change, within)
        for change in inside
        if change.mode == "managed" and change.stays
    }
    return {address: attributes for address, attributes in found.items() if attributes}


def suggest_attributes(plan: Plan, change: ResourceChange, within: str = "") -> dict[str, object]:
    """Make a resource's expectations: every attribute that the configuration sets."""
    after = change.after
    if not isinstance(after, dict):
        return {}
    shape = plan.configuration.attributes(change.module, change.type, change.name)

    trace = sources_of(plan, change.address.removeprefix(within), within)
    return {name: expectation(after[name], shape.get(name), name, trace) for name in _written(after, shape)}


def _written(values: dict[str, object], shape: dict[str, object]) -> list[str]:
    """Attributes the configuration sets. A ``dynamic`` block is missing there: known blocks count as written."""
    return sorted(
        name
        for name, value in values.items()
        if name in shape or (isinstance(value, list) and value and all(isinstance(one, dict) for one in value))
    )


def _output(plan: Plan, name: str) -> object:
    return expectation(plan.outputs[name].after, None, name, output_sources(plan, name))


def expectation(value: object, shape: object, path: str, trace: References) -> object:
    """Write a value as it is expected; in nested blocks only what the configuration writes."""
    if isinstance(value, list) and value:
        shapes = shape if isinstance(shape, list) and shape else [shape]
        return [_block(part, shapes[min(at, len(shapes) - 1)], f"{path}[{at}]", trace) for at, part in enumerate(value)]
    if isinstance(value, dict):
        return {key: expectation(part, None, below(path, key), trace) for key, part in sorted(value.items())}
    return _traced(path, trace) if value is UNKNOWN else _scalar(value)


def _block(value: object, shape: object, path: str, trace: References) -> object:
    if not isinstance(value, dict) or not isinstance(shape, dict) or "references" in shape:
        return expectation(value, None, path, trace)
    names = _written(value, shape)
    return {name: expectation(value[name], shape.get(name), below(path, name), trace) for name in names}


def _traced(path: str, trace: References) -> Operator:
    try:
        sources = sorted(trace(path))
    except ValueMissingError:
        sources = []
    if not sources:
        return Operator("unknown", None)
    return Operator("from", sources[0] if len(sources) == 1 else sources)


def _scalar(value: object) -> object:
    if value is SENSITIVE:
        return Operator("sensitive", None)
    if value is None or value == []:
        return Operator("absent", None)
    if isinstance(value, str) and value.startswith(_JSON_OPENINGS):
        try:
            return Operator("json", json.loads(value))
        except ValueError:
            return value
    return value
