"""Write an inventory from a plan: every attribute the configuration sets. A start to prune, never to trust."""

from __future__ import annotations

import json
from collections import Counter

import yaml

from harness.inventory.expect import Operator
from harness.plan import SENSITIVE, UNKNOWN, Plan, ResourceChange, ValueMissingError

_JSON_OPENINGS = ("{", "[")


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
        "resources": {change.address: _attributes(plan, change) for change in staying},
        "outputs": {name: _output(plan, name) for name in sorted(plan.outputs)},
    }
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)


def _attributes(plan: Plan, change: ResourceChange) -> dict[str, object]:
    after = change.after
    if not isinstance(after, dict):
        return {}
    written = plan.configuration.attributes(change.module, change.type, change.name)
    return {
        name: _expectation(plan, change, after[name], shape, name)
        for name, shape in sorted(written.items())
        if name in after
    }


def _expectation(plan: Plan, change: ResourceChange, value: object, shape: object, path: str) -> object:
    """The value as expected; in nested blocks only what the configuration writes."""
    if isinstance(value, list) and value:
        shapes = shape if isinstance(shape, list) and shape else [shape]
        return [
            _block(plan, change, part, shapes[min(at, len(shapes) - 1)], f"{path}[{at}]")
            for at, part in enumerate(value)
        ]
    if isinstance(value, dict):
        return {key: _expectation(plan, change, part, None, f"{path}.{key}") for key, part in sorted(value.items())}
    return _traced(plan, change, path) if value is UNKNOWN else _scalar(value)


def _block(plan: Plan, change: ResourceChange, value: object, shape: object, path: str) -> object:
    if not isinstance(value, dict) or not isinstance(shape, dict) or "references" in shape:
        return _expectation(plan, change, value, None, path)
    written = {key: part for key, part in value.items() if key in shape}
    return {key: _expectation(plan, change, part, shape[key], f"{path}.{key}") for key, part in written.items()}


def _traced(plan: Plan, change: ResourceChange, path: str) -> Operator:
    try:
        sources = sorted(plan.references(change.address, path))
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


def _output(plan: Plan, name: str) -> object:
    value = plan.outputs[name].after
    if value is UNKNOWN:
        sources = sorted(plan.output_references(name))
        return Operator("from", sources[0] if len(sources) == 1 else sources)
    return _scalar(value)
