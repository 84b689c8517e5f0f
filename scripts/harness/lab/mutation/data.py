"""Mutations of data kept as YAML."""

from collections.abc import Iterator

import yaml

from harness.lab.mutation.mutant import Edit, Mutant, Operator, named

_PROSE = {"why", "drop", "reason"}


def derive_yaml(text: str, file: str) -> list[Mutant]:
    """List every mutation of data in YAML: a text changed, a boolean flipped, an element of a block list deleted.

    Left alone is prose for readers (``why``, ``drop``, ``reason``).

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    root = yaml.compose(text, yaml.SafeLoader)
    return named(_data(root, (), text), text, file) if root is not None else []


def _data(node: yaml.Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value not in _PROSE:
                yield from _data(value, (*path, key.value), text)
    elif isinstance(node, yaml.SequenceNode):
        for element in node.value:
            if not node.flow_style:
                start, end = (text.rfind("\n", 0, mark.index) + 1 for mark in (element.start_mark, element.end_mark))
                yield Edit(Operator.DELETE_ELEMENT, path, start, end, "")
            yield from _data(element, path, text)
    else:
        start, end = node.start_mark.index, node.end_mark.index
        flipped = {"true": "false", "false": "true"}.get(text[start:end])
        operator = Operator.FLIP_BOOLEAN if flipped else Operator.CHANGE_TEXT
        yield Edit(operator, path, start, end, flipped or f"{text[start:end]}x")
