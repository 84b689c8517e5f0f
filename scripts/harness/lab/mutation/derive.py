"""Mutations of a file of HCL or YAML, derived from its syntax tree, so a new resource needs no list.

Each mutation breaks one setting: an attribute, block, object entry or list element deleted, a boolean flipped, a number
or text changed, a condition or operator turned. Left alone is what is for readers: ``description`` of variables and
outputs, and the ``error_message`` and ``type`` of variables (a wrong type is Terraform's to refuse).
"""

from collections.abc import Iterator
from typing import cast

import hcl2
import yaml
from lark import Token, Tree

from harness.lab.mutation.mutant import Edit, Mutant, Operator, named

_PROSE = {"why", "drop", "reason"}
Node = Tree[Token]
_TURNED = {
    "==": "!=", "!=": "==", "&&": "||", "||": "&&", "<": "<=", "<=": "<", ">": ">=", ">=": ">",
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "*",
}  # fmt: skip
_FOR_READERS = {"variable": {"description", "error_message", "type"}, "output": {"description"}}
_DELETED_WITH_BLOCK = {"for_each", "content", "condition", "error_message"}
# Deleting one of these whole leaves references to nothing, which Terraform refuses.
_SCAFFOLD = {"terraform", "variable", "locals", "provider", "data", "module"}
_WIDENED = {
    "resource",
    "resources",
    "principal",
    "source_arn",
    "aws:sourcearn",
    "aws:sourceaccount",
    "action",
    "actions",
}


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


def derive(text: str, file: str) -> list[Mutant]:
    """List every mutation of a file, in the order of its lines.

    Raises:
        lark.exceptions.LarkError: it is no HCL.
    """
    return named(_unique(_walk(cast(Node, hcl2.parses_to_tree(text)), (), text)), text, file)


def _unique(edits: Iterator[Edit]) -> list[Edit]:
    """Keep the first edit of each result: `[x]` without its element is the same however it is reached."""
    found: dict[tuple[int, int, str], Edit] = {}
    for edit in edits:
        found.setdefault((edit.start, edit.end, edit.new), edit)
    return list(found.values())


def _walk(node: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    handler = _HANDLERS.get(str(node.data))
    if handler is None:
        yield from _children(node, path, text)
    else:
        yield from handler(node, path, text)


def _children(node: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    for child in _subtrees(node):
        yield from _walk(child, path, text)


def _subtrees(node: Node) -> list[Node]:
    return [child for child in node.children if isinstance(child, Tree)]


def _block(node: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    labels = [_bare(child, text) for child in _subtrees(node) if child.data in ("identifier", "keyword", "string")]
    inner = (*path, *labels)
    if path or labels[0] not in _SCAFFOLD:
        yield _gone(Operator.DELETE_BLOCK, inner, node, text)
    body = next(child for child in _subtrees(node) if child.data == "body")
    yield from _children(body, inner, text)


def _attribute(node: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    name, value = _bare(_subtrees(node)[0], text), _subtrees(node)[-1]
    if path and name in _FOR_READERS.get(path[0], ()):
        return
    inner = (*path, name)
    if name not in _DELETED_WITH_BLOCK:
        yield _gone(Operator.DELETE_ATTRIBUTE, inner, node, text)
    yield from _widened(name, value, inner, text)
    yield from _walk(value, inner, text)


def _entry(node: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    key, value = _subtrees(node)[0], _subtrees(node)[-1]
    inner = (*path, _bare(key, text))
    yield _gone(Operator.DELETE_ENTRY, inner, node, text)
    yield from _widened(inner[-1], value, inner, text)
    yield from _walk(value, inner, text)


def _tuple(node: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    elements = [child for child in _subtrees(node) if child.data != "new_line_or_comment"]
    for element in elements:
        yield _gone(Operator.DELETE_ELEMENT, path, element, text)
        yield from _walk(element, path, text)


def _string(node: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    parts = [part for part in _subtrees(node) if part.data == "string_part"]
    literal = [
        part for part in parts if isinstance(part.children[0], Token) and part.children[0].type == "STRING_CHARS"
    ]
    if not parts:
        yield Edit(Operator.CHANGE_TEXT, path, _start(node), _end(node), '"x"')
    for part in literal:
        yield Edit(Operator.CHANGE_TEXT, path, _start(part), _end(part), f"{text[_start(part) : _end(part)]}x")
    for part in parts:
        yield from _children(part, path, text)


def _number(node: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    old = text[_start(node) : _end(node)]
    new = str(int(old) + 1) if node.data == "int_lit" else str(float(old) * 2)
    yield Edit(Operator.CHANGE_NUMBER, path, _start(node), _end(node), new)


def _literal(node: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    flipped = {"true": "false", "false": "true"}.get(text[_start(node) : _end(node)])
    if flipped:
        yield Edit(Operator.FLIP_BOOLEAN, path, _start(node), _end(node), flipped)


def _operator(node: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    old = text[_start(node) : _end(node)]
    yield Edit(Operator.TURN_OPERATOR, path, _start(node), _end(node), _TURNED[old])


def _unary(node: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    yield Edit(Operator.TURN_OPERATOR, path, _start(node), _start(node) + 1, "")
    yield from _children(node, path, text)


def _conditional(node: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    yes, no = [child for child in _subtrees(node) if child.data != "new_line_or_comment"][1:]
    # A branch that ends in an operator's term takes the line break after it with it.
    first, second = (text[_start(branch) : _end(branch)].rstrip() for branch in (yes, no))
    between = text[_start(yes) + len(first) : _start(no)]
    yield Edit(Operator.SWAP_BRANCHES, path, _start(yes), _start(no) + len(second), second + between + first)
    yield from _children(node, path, text)


def _for_condition(node: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    yield Edit(Operator.DROP_CONDITION, path, _start(node), _end(node), "")
    yield from _children(node, path, text)


_HANDLERS = {
    "block": _block,
    "attribute": _attribute,
    "object_elem": _entry,
    "tuple": _tuple,
    "string": _string,
    "int_lit": _number,
    "float_lit": _number,
    "literal_value": _literal,
    "binary_operator": _operator,
    "unary_op": _unary,
    "conditional": _conditional,
    "for_cond": _for_condition,
}


def _widened(name: str, value: Node, path: tuple[str, ...], text: str) -> Iterator[Edit]:
    """Widen what a policy is about, or who may call, to anything or anybody."""
    old = text[_start(value) : _end(value)]
    if name.strip('"').lower() in _WIDENED and old not in ('"*"', '["*"]'):
        yield Edit(Operator.WIDEN, path, _start(value), _end(value), '"*"')


def _gone(operator: Operator, path: tuple[str, ...], node: Node, text: str) -> Edit:
    """Delete a node; of an entry or element also the comma after it, or before it when it is the last."""
    start, end = _start(node), _end(node)
    if operator in (Operator.DELETE_ENTRY, Operator.DELETE_ELEMENT):
        rest = text[end:]
        comma = len(rest) - len(rest.lstrip(" \t"))
        if rest[comma : comma + 1] == ",":
            end += comma + 1
        else:
            before = text[:start].rstrip()
            start = len(before) - 1 if before.endswith(",") else start
    return Edit(operator, path, start, end, "")


def _bare(node: Node, text: str) -> str:
    return text[_start(node) : _end(node)].strip('"')


def _start(node: Node) -> int:
    return int(node.meta.start_pos)


def _end(node: Node) -> int:
    return int(node.meta.end_pos)
