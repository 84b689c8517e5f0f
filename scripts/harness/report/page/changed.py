"""Tell a plan's changes for a page: by module, what is lost first, what is made folded to its types."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.changes import Changed, Changes, Edit
from harness.changes.model import grouped
from harness.plan import SENSITIVE, UNKNOWN, Action
from harness.plan.values import NOTHING
from harness.report.page.words import shown

SIGNS: Mapping[Action, tuple[str, str, str]] = {
    Action.DELETE: ("-", "delete", "destroy"),
    Action.REPLACE_DELETE_FIRST: ("±", "replace", "replace"),
    Action.REPLACE_CREATE_FIRST: ("±", "replace", "replace, the new one first"),
    Action.UPDATE: ("~", "update", "update"),
    Action.FORGET: ("x", "forget", "forget"),
    Action.CREATE: ("+", "create", "create"),
    Action.READ: ("?", "same", "read"),
    Action.NO_OP: ("=", "same", "move or import"),
}
"""Action -> its sign, its class in the style sheet, its word."""
ROOT = "root"
"""Title of what stands in no module."""

_MARKS = ((SENSITIVE, "mask"), (UNKNOWN, "later"), (NOTHING, "none"))
_FOLDED = (Action.CREATE, Action.READ)


@dataclass(frozen=True, slots=True)
class Side:
    """A value before or after; ``css`` tells a mask, an unknown value and none at all from what a value says."""

    text: str
    css: str


@dataclass(frozen=True, slots=True)
class EditRow:
    """An attribute that changes; ``inside`` is the path in the JSON document that it holds."""

    path: str
    inside: str
    before: Side
    after: Side
    forces: bool


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource or an output that something happens to.

    Attributes:
        notes: moves, imports, Terraform's reason.
        later: attributes that nobody set: known after the apply, or empty and back to their default.
    """

    sign: str
    css: str
    verb: str
    name: str
    notes: tuple[str, ...]
    edits: tuple[EditRow, ...]
    later: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """Number of things that share an action, in words."""

    css: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """Changes of one module; ``folded`` are resources that are made or read, by type."""

    title: str
    counts: tuple[Count, ...]
    things: tuple[Thing, ...]
    folded: tuple[tuple[str, tuple[Thing, ...]], ...]


def sections(found: Changes) -> tuple[Section, ...]:
    """Tell the resources by module, modules in the order of their gravest change."""
    return tuple(_section(module or ROOT, inside) for module, inside in found.by_module().items())


def drift(found: Changes) -> tuple[Section, ...]:
    """Tell what was changed outside Terraform, by module."""
    return tuple(_section(module or ROOT, inside) for module, inside in grouped(found.drift).items())


def outputs(found: Changes) -> tuple[Thing, ...]:
    """Tell the outputs that change."""
    return tuple(
        Thing(*SIGNS[one.action], one.name, (), tuple(_row(edit) for edit in one.edits)) for one in found.outputs
    )


def destroyed(found: Changes) -> tuple[Thing, ...]:
    """Tell what is lost: only the edits that force it."""
    return tuple(_thing(one, [edit for edit in one.edits if edit.forces]) for one in found.destructive)


def counts(resources: Iterable[Changed]) -> tuple[Count, ...]:
    """Count resources by action, the gravest first."""
    found = Counter(one.action for one in resources)
    return tuple(
        Count(css, f"{sign} {found[action]:,} to {verb}")
        for action, (sign, css, verb) in SIGNS.items()
        if action in found
    )


def _section(title: str, inside: Sequence[Changed]) -> Section:
    made: dict[str, list[Thing]] = defaultdict(list)
    for one in inside:
        if one.action in _FOLDED:
            made[one.type].append(_thing(one, one.edits))
    things = tuple(_thing(one, one.edits) for one in inside if one.action not in _FOLDED)
    return Section(title, counts(inside), things, tuple((kind, tuple(made[kind])) for kind in sorted(made)))


def _thing(one: Changed, edits: Sequence[Edit]) -> Thing:
    # Of what is gone altogether nobody needs every attribute that it had.
    told = [edit for edit in edits if not edit.computed and one.action is not Action.DELETE]
    later = tuple(edit.path for edit in edits if edit.computed)
    return Thing(*SIGNS[one.action], one.address, _notes(one), tuple(map(_row, told)), later)


def _notes(one: Changed) -> tuple[str, ...]:
    told = (
        (one.previous_address, f"moved from {one.previous_address}"),
        (one.importing is not None, f"imported: {one.importing or 'its id is known after the apply'}"),
        (one.deposed, f"left over from an unfinished replacement ({one.deposed})"),
        (one.lost, one.lost),
        (one.reason, f"Terraform's reason: {one.reason.replace('_', ' ')}"),
    )
    return tuple(text for said, text in told if said)


def _row(edit: Edit) -> EditRow:
    return EditRow(edit.path or "value", edit.document, _side(edit.before), _side(edit.after), edit.forces)


def _side(value: object) -> Side:
    return Side(shown(value), next((css for mark, css in _MARKS if value is mark), "value"))
