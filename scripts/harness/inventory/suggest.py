"""Write an inventory from a plan: every attribute the configuration sets. A start to prune, never to trust."""

from __future__ import annotations

import json
import re
from collections import Counter

import yaml

from harness.inventory.expect import Operator, References
from harness.plan import SENSITIVE, UNKNOWN, Plan, ResourceChange, ValueMissingError

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


def suggest(plan: Plan) -> str:
    """An inventory in YAML that holds for ``plan``, with unknown values traced to what they are made from."""
    staying = [change for change in plan.resources.values() if change.mode == "managed" and change.stays]
    document = {
        "counts": dict(sorted(Counter(change.type for change in staying).items())),
        "resources": suggest_resources(plan),
        "outputs": {name: _output(plan, name) for name in sorted(plan.outputs)},
    }
    return dump({section: part for section, part in document.items() if part})


def dump(document: object) -> str:
    """YAML of a document with operators."""
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)
    # PyYAML quotes every tagged scalar; people do not.
    return _QUOTED.sub(lambda found: f"{found[1]} {found[2]}".rstrip(), text)


def suggest_resources(plan: Plan, within: str = "") -> dict[str, dict[str, object]]:
    """The ``resources`` section; with ``within`` (``module.x.``) that module's own, seen from inside."""
    inside = (change for change in plan.resources.values() if change.address.startswith(within))
    found = {
        change.address.removeprefix(within): _attributes(plan, change, within)
        for change in inside
        if change.mode == "managed" and change.stays
    }
    return {address: attributes for address, attributes in found.items() if attributes}


def _attributes(plan: Plan, change: ResourceChange, within: str) -> dict[str, object]:
    after = change.after
    if not isinstance(after, dict):
        return {}
    shape = plan.configuration.attributes(change.module, change.type, change.name)

    def trace(path: str) -> frozenset[str]:
        return frozenset(one.removeprefix(within) for one in plan.references(change.address, path))

    return {name: _expectation(after[name], shape.get(name), name, trace) for name in _written(after, shape)}


def _written(values: dict[str, object], shape: dict[str, object]) -> list[str]:
    """Attributes the configuration sets. A ``dynamic`` block is missing there: known blocks count as written."""
    return sorted(
        name
        for name, value in values.items()
        if name in shape or (isinstance(value, list) and value and all(isinstance(one, dict) for one in value))
    )


def _output(plan: Plan, name: str) -> object:
    return _expectation(plan.outputs[name].after, None, name, lambda _: plan.output_references(name))


def _expectation(value: object, shape: object, path: str, trace: References) -> object:
    """The value as expected; in nested blocks only what the configuration writes."""
    if isinstance(value, list) and value:
        shapes = shape if isinstance(shape, list) and shape else [shape]
        return [_block(part, shapes[min(at, len(shapes) - 1)], f"{path}[{at}]", trace) for at, part in enumerate(value)]
    if isinstance(value, dict):
        return {key: _expectation(part, None, f"{path}.{key}", trace) for key, part in sorted(value.items())}
    return _traced(path, trace) if value is UNKNOWN else _scalar(value)


def _block(value: object, shape: object, path: str, trace: References) -> object:
    if not isinstance(value, dict) or not isinstance(shape, dict) or "references" in shape:
        return _expectation(value, None, path, trace)
    names = _written(value, shape)
    return {name: _expectation(value[name], shape.get(name), f"{path}.{name}", trace) for name in names}


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
