"""Values of a plan: the two marks (unknown, sensitive), attribute paths, and how masks lie over values."""

import json
import re
from itertools import zip_longest
from typing import Final, NoReturn, TypeAlias

from harness.base.errors import HarnessError

Step: TypeAlias = str | int
_STEP = re.compile(r"""\.?([A-Za-z_][\w-]*)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\.(\d+)""")


class ValueMissingError(HarnessError):
    """An attribute that was asked for does not stand in the plan."""


class _Mark:
    """A placeholder that is equal to nothing, unequal to nothing and has no truth: an assertion on it fails.

    ``==`` and ``!=`` both answer ``False`` (as SQL's NULL does), so neither ``assert value == x`` nor
    ``assert value != x`` passes vacuously; ``assert value`` raises. Test with ``is``.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> NoReturn:
        raise ValueMissingError(
            f"a plan value is {self._name} and has no truth",
            "compare with `is`, or assert the reference in the configuration instead",
        )

    def __repr__(self) -> str:
        return f"<{self._name}>"


UNKNOWN: Final = _Mark("unknown until apply")
SENSITIVE: Final = _Mark("sensitive")
NOTHING: Final = _Mark("absent")


def is_marked(value: object) -> bool:
    """Tell whether ``value`` is ``UNKNOWN`` or ``SENSITIVE``, or holds one somewhere inside."""
    if isinstance(value, dict):
        return any(is_marked(item) for item in value.values())
    if isinstance(value, list):
        return any(is_marked(item) for item in value)
    return isinstance(value, _Mark)


def number(value: object) -> float | None:
    """Return a number as such; ``None`` for anything else, booleans and marks included."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def steps(path: str) -> tuple[Step, ...]:
    """Split ``a.b[0].c["odd key"]`` into ``("a", "b", 0, "c", "odd key")``.

    Raises:
        HarnessError: when the text is not a path.
    """
    found: list[Step] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise HarnessError(f"not an attribute path: {path!r}", 'write it as a.b[0].c or a["odd key"]')
        name, bracketed, quoted, dotted = match.groups()
        if name is not None:
            found.append(name)
        elif quoted is not None:
            found.append(_unquoted(quoted))
        else:
            found.append(int(bracketed or dotted))
        position = match.end()
    return tuple(found)


def _unquoted(key: str) -> str:
    """Read a key as JSON writes it; a backslash that escapes nothing is one."""
    try:
        return str(json.loads(f'"{key}"', strict=False))
    except ValueError:
        return key.replace('\\"', '"')


def dig(tree: object, path: str, *, where: str) -> object:
    """Follow ``path`` into ``tree``; a mark met on the way is the answer (what lies below it is as unknown).

    Raises:
        ValueMissingError: names ``where``, the path, and the keys that do stand there.
    """
    node = tree
    walked = ""
    for step in steps(path):
        if isinstance(node, _Mark):
            return node
        node, parent = child(node, step), node
        if node is NOTHING:
            raise ValueMissingError(
                f"{where}: no {path!r} in the plan; {walked or 'the resource'} has {_offers(parent)}",
                "correct the path, or set the attribute in the HCL",
            )
        walked = f"{walked}[{step}]" if isinstance(step, int) else f"{walked}.{step}".lstrip(".")
    return node


def child(node: object, step: Step) -> object:
    """Return what stands one step below a node of JSON, or ``NOTHING``."""
    if isinstance(node, dict):
        return node.get(step, NOTHING)
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return NOTHING


def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a JSON object in which a key stands twice: nothing shows which of the two values counts.

    Raises:
        ValueError: one does.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def shallow(value: object, levels: int) -> bool:
    """Tell whether a value is nested no deeper than so many levels."""
    level = [value]
    for _ in range(levels + 1):
        inner = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        if not inner:
            return True
        level = [part for parts in inner for part in parts]
    return False


def copied(tree: object) -> object:
    """Copy a tree of JSON; marks stay themselves."""
    if isinstance(tree, dict):
        return {key: copied(value) for key, value in tree.items()}
    return [copied(value) for value in tree] if isinstance(tree, list) else tree


def _offers(node: object) -> str:
    """Return the keys or the length that stand at a node, never its values."""
    if isinstance(node, dict):
        return "the keys " + ", ".join(sorted(map(str, node)))
    if isinstance(node, list):
        return f"{len(node)} element(s)"
    return "null" if node is None else f"a {type(node).__name__}"


def mask(value: object, unknown: object, sensitive: object) -> object:
    """Lay the masks of Terraform's plan JSON (each ``true``, or a tree of them) over a value.

    Sensitive lies over unknown, which lies over the value. What a mask has and the value lacks is added: Terraform
    leaves unknown attributes out of ``after``. Where a mask is of another shape than its value, all of it is masked.
    """
    if sensitive is True:
        return SENSITIVE
    if unknown is True:
        return UNKNOWN
    masks = [one for one in (unknown, sensitive) if has_mark(one)]
    if not masks:
        # A place that neither the value nor a mask tells anything of is not null.
        return UNKNOWN if value is NOTHING else value
    shapes = {type(one) for one in (value, *masks) if one is not None and one is not NOTHING}
    if shapes == {dict}:
        return _masked_keys(value, unknown, sensitive)
    if shapes == {list}:
        return _masked_elements(value, unknown, sensitive)
    return SENSITIVE if has_mark(sensitive) else UNKNOWN


def _masked_keys(value: object, unknown: object, sensitive: object) -> dict[str, object]:
    later, secret = (one if isinstance(one, dict) else {} for one in (unknown, sensitive))
    known = value if isinstance(value, dict) else {}
    added = (key for tree in (later, secret) for key, part in tree.items() if has_mark(part))
    return {key: mask(known.get(key), later.get(key), secret.get(key)) for key in dict.fromkeys((*known, *added))}


def _masked_elements(value: object, unknown: object, sensitive: object) -> list[object]:
    known, later, secret = (one if isinstance(one, list) else [] for one in (value, unknown, sensitive))
    return [mask(*parts) for parts in zip_longest(known, later, secret, fillvalue=NOTHING)]


def has_mark(marks: object) -> bool:
    """Tell whether a mask of plan JSON marks anything."""
    if isinstance(marks, dict):
        return any(map(has_mark, marks.values()))
    if isinstance(marks, list):
        return any(map(has_mark, marks))
    return marks is True
