"""Tell a plan's changes line by line: the same lines make the terminal's page and the blocks of the pull request."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from harness.changes import Changed, Changes, Edit, OutputChanged
from harness.changes.documents import document_in
from harness.changes.model import grouped
from harness.plan import SENSITIVE, UNKNOWN, Action
from harness.plan.values import NOTHING
from harness.report.wording import characters, columns, cut, cut_pair, shown, visible

SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DELETE: "-",
    Action.REPLACE_DELETE_FIRST: "-/+",
    Action.REPLACE_CREATE_FIRST: "+/-",
    Action.FORGET: "x",
    Action.READ: "<",
    Action.NO_OP: ">",
}
_HOW = {
    Action.DELETE: "is destroyed",
    Action.REPLACE_DELETE_FIRST: "is replaced: the old one is destroyed first",
    Action.REPLACE_CREATE_FIRST: "is replaced: the new one is created first, then the old one destroyed",
    Action.FORGET: "is forgotten: the object stays, Terraform lets go of it",
}
_WHY = {
    "replace_because_tainted": "it is tainted",
    "replace_because_cannot_update": "",  # the attribute says so itself
    "replace_by_request": "asked for on the command line",
    "replace_by_triggers": "replace_triggered_by",
    "delete_because_no_resource_config": "its block is no longer there",
    "delete_because_no_module": "its module is no longer there",
    "delete_because_wrong_repetition": "its block has other instance keys now",
    "delete_because_count_index": "count is lower now",
    "delete_because_each_key": "for_each lacks its key now",
    "delete_because_no_move_target": "nothing has the address that it moves to",
}
_WIDEST_LABEL = 44
_FEW = 5
"""So many new resources are told by address; more are counted by type."""


@dataclass(frozen=True, slots=True)
class View:
    """Settings of a page.

    Attributes:
        width: columns of a line.
        verbose: list what is folded otherwise.
    """

    width: int = 120
    colour: bool = False
    verbose: bool = False


PLAIN = View()
"""Settings for what is no terminal: a file, or the log of a job."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, with the sign that gives it its colour; deeper ones are indented."""

    depth: int
    sign: str
    text: str

    def __str__(self) -> str:
        return f"{'  ' * self.depth}{self.sign:>3} {self.text}" if self.sign else f"{'  ' * self.depth}{self.text}"


def headline(changes: Changes) -> str:
    """Count what happens, the worst first."""
    counts = changes.counts
    remade = sum(one.remade for one in changes.resources)
    replaced = counts[Action.REPLACE_DELETE_FIRST] + counts[Action.REPLACE_CREATE_FIRST] - remade
    moved = sum(bool(one.previous_address) for one in changes.resources)
    imported = sum(one.importing is not None for one in changes.resources)
    told = [
        (counts[Action.DELETE], "to destroy"),
        (replaced, "to replace"),
        (remade, "to make anew"),
        (counts[Action.UPDATE], "to update"),
        (moved, "to move"),
        (imported, "to import"),
        (counts[Action.FORGET], "to forget"),
        (counts[Action.CREATE], "to create"),
        (len(changes.outputs), "output to change" if len(changes.outputs) == 1 else "outputs to change"),
    ]
    return ", ".join(f"{number} {words}" for number, words in told if number) or "no changes"


def only(changes: Changes, resources: tuple[Changed, ...]) -> Changes:
    """Return the changes of these resources alone."""
    return replace(changes, resources=resources, outputs=(), drift=())


def destruction(changes: Changes, view: View) -> Iterator[Line]:
    """Tell what is destroyed or replaced, by full address."""
    for change in changes.destructive:
        yield from resource(change, change.address, view, depth=0)


def others(changes: Sequence[Changed], view: View) -> Iterator[Line]:
    """Tell changes of one module, new resources folded, by address inside the module."""
    created = [one for one in changes if one.action is Action.CREATE]
    read = [one for one in changes if one.action is Action.READ]
    for change in changes:
        if change.action not in (Action.CREATE, Action.READ):
            yield from resource(change, local(change), view, depth=1)
    if view.verbose or len(created) <= _FEW:
        for change in created:
            yield from resource(change, local(change), view, depth=1)
    else:
        counts = Counter(one.type for one in created)
        told = ", ".join(
            kind if number == 1 else f"{kind}\u00a0\u00d7{number}" for kind, number in sorted(counts.items())
        )
        yield Line(1, "+", f"{len(created)} to create: {told}")
    if read:
        yield Line(1, "<", f"{len(read)} to read during the apply: {listed([local(one) for one in read], view)}")


def resource(change: Changed, name: str, view: View, depth: int) -> Iterator[Line]:
    """Tell one resource and what changes of it."""
    notes = [_HOW.get(change.action, ""), change.lost, _why(change.reason)]
    notes += [f"was {change.previous_address}"] if change.previous_address else []
    notes += [] if change.importing is None else [f"is imported ({change.importing or 'its id is known after apply'})"]
    notes += [f"left over from a replacement that did not finish (deposed {change.deposed})"] if change.deposed else []
    told = "; ".join(filter(None, notes))
    yield Line(depth, SIGNS[change.action], visible(f"{name}  {told}" if told else name))
    if view.verbose or change.action not in (Action.CREATE, Action.DELETE):
        yield from edit_lines(change.edits, view, depth + 2)


def outputs(changed: Sequence[OutputChanged], view: View) -> Iterator[Line]:
    """Tell outputs; many new ones by name alone."""
    new = [one for one in changed if one.action is Action.CREATE]
    fold = not view.verbose and len(new) > _FEW
    for one in changed:
        if not (fold and one.action is Action.CREATE):
            yield from edit_lines(one.edits, view, 1, within=one.name)
    if fold:
        yield Line(1, "+", f"{len(new)} new: {listed([one.name for one in new], view)}")


def drift(changed: Sequence[Changed], view: View) -> Iterator[Line]:
    """Tell what somebody changed outside Terraform."""
    for one in changed:
        gone = "  is gone" if one.action is Action.DELETE else ""
        yield Line(0, SIGNS[one.action], visible(one.address) + gone)
        if one.action is not Action.DELETE:
            yield from edit_lines(one.edits, view, 2)


def edit_lines(edits: Iterable[Edit], view: View, depth: int, within: str = "") -> Iterator[Line]:
    """Tell edits, those that force a replacement first; what only follows from others is folded into a line."""
    edits = sorted(edits, key=lambda one: not one.forces)
    told = [one for one in edits if one.forces or not one.computed or view.verbose]
    labels = [_label(one, within) for one in told]
    widest = min(max(map(columns, labels), default=0), _WIDEST_LABEL)
    for one, label in zip(told, labels, strict=True):
        yield from _edit(one, f"{label}:{' ' * (widest - columns(label))}", view, depth)
    folded = [_label(one, within) for one in edits if one not in told]
    if folded:
        count = "1 attribute" if len(folded) == 1 else f"{len(folded)} attributes"
        emptied = any(one.after is not UNKNOWN for one in edits if one not in told)
        why = "known after apply or back to their default" if emptied else "known after apply"
        yield Line(depth, "~", f"{count} {why}: {listed(folded, view)}")


def listed(names: Sequence[str], view: View) -> str:
    """List names as far as a line has room, and count the rest."""
    room, taken = view.width // 2, 0
    for at, name in enumerate(names):
        taken += columns(visible(name)) + 2
        if taken > room and at and not view.verbose:
            return f"{', '.join(map(visible, names[:at]))} and {len(names) - at} more"
    return ", ".join(map(visible, names))


def by_module(changes: Changes) -> Iterator[tuple[str, tuple[Changed, ...]]]:
    """Group what is not destructive by module."""
    yield from grouped(one for one in changes.resources if not one.action.destroys).items()


def local(change: Changed) -> str:
    """Return the address inside the module."""
    return change.address.removeprefix(f"{change.module}.") if change.module else change.address


def _why(reason: str) -> str:
    return _WHY.get(reason, reason.replace("_", " "))


def _label(edit: Edit, within: str) -> str:
    path = (within + (f".{edit.path}" if edit.path and edit.path[0] != "[" else edit.path)) if within else edit.path
    return visible(f"{path} » {edit.document}" if edit.document else path)


def _edit(edit: Edit, label: str, view: View, depth: int) -> Iterator[Line]:
    forced = "  # forces replacement" if edit.forces else ""
    room = view.width - 2 * depth - 4 - columns(label) - 1 - len(forced)
    if edit.before is SENSITIVE and edit.after is SENSITIVE:
        yield Line(depth, "~", f"{label} (sensitive) changes{forced}")
    elif edit.before is UNKNOWN and edit.after is UNKNOWN:
        yield Line(depth, "~", f"{label} made otherwise: its value cannot be told from the files alone{forced}")
    elif edit.before is NOTHING or edit.after is NOTHING:
        sign, value = ("+", edit.after) if edit.before is NOTHING else ("-", edit.before)
        yield Line(depth, sign, f"{label} {cut(shown(value), max(room, 24), characters(value))}{forced}")
    elif _only_rewritten(edit):
        yield Line(depth, "~", f"{label} the same JSON document, written differently{forced}")
    else:
        yield from _both(edit, label, forced, room, view, depth)


def _both(edit: Edit, label: str, forced: str, room: int, view: View, depth: int) -> Iterator[Line]:
    told = f"{shown(edit.before)} → {shown(edit.after)}"
    if columns(told) <= room:
        yield Line(depth, "~", f"{label} {told}{forced}")
        return
    before, after = cut_pair(edit.before, edit.after, view.width - 2 * depth - 6)
    yield Line(depth, "~", f"{label.rstrip()}{forced}")
    yield Line(depth + 1, "-", before)
    yield Line(depth + 1, "+", after)


def _only_rewritten(edit: Edit) -> bool:
    texts = [side for side in (edit.before, edit.after) if isinstance(side, str)]
    documents = [document_in(text) for text in texts]
    return len(documents) == 2 and documents[0] is not None and documents[0] == documents[1]
