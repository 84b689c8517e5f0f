"""Compare both sides of a change down to the places at which they differ."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.changes.aligning import aligned, reordered
from harness.changes.documents import document_in
from harness.plan.differences import alike, below
from harness.plan.sealing import Sealed
from harness.plan.values import NOTHING, SENSITIVE, Step, steps


@dataclass(frozen=True, slots=True)
class Edit:
    """One place at which before and after differ.

    Attributes:
        path: as :func:`harness.plan.steps` reads it; empty for the whole value (of an output).
        before: JSON, ``UNKNOWN``, ``SENSITIVE``, or ``NOTHING`` where nothing stood.
        after: likewise; ``SENSITIVE`` on one side means so on the other, unless nothing stands there; ``UNKNOWN`` on
            both where two values that nobody knows yet may differ.
        forces: this is what forces the replacement.
        document: path inside the JSON document that the attribute's text holds, else ``""``.
        computed: nobody set it: it becomes unknown, or goes from empty to none, only because something else changes.
    """

    path: str
    before: object
    after: object
    forces: bool = False
    document: str = ""
    computed: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    path: str = ""
    document: str | None = None

    def key(self, key: str) -> "_Place":
        if self.document is None:
            return _Place(below(self.path, key))
        return _Place(self.path, below(self.document, key))

    def at(self, index: int) -> "_Place":
        if self.document is None:
            return _Place(f"{self.path}[{index}]")
        return _Place(self.path, f"{self.document}[{index}]")

    def named(self, name: str) -> "_Place":
        """Go to an element of a document's list by its name, quoted even where that is a plain word."""
        return _Place(self.path, f"{self.document}[{json.dumps(name, ensure_ascii=False)}]")

    def inside(self) -> "_Place":
        """Enter the JSON document that a text holds; one inside another goes on with its path."""
        return self if self.document is not None else replace(self, document="")

    def edit(self, before: object, after: object) -> Edit:
        sides = (before, after)
        if any(isinstance(side, Sealed) for side in sides):
            before, after = (side if side is NOTHING else SENSITIVE for side in sides)
        return Edit(self.path, unsealed(before), unsealed(after), document=self.document or "")


def edits(before: object, after: object) -> tuple[Edit, ...]:
    """List places at which two sealed values differ; a side that is ``None`` as a whole has no attributes."""
    one, other = ({} if side is None else side for side in (before, after))
    return tuple(_unlike(one, other, _Place()))


def edits_of_value(before: object, after: object) -> tuple[Edit, ...]:
    """List places at which two values differ that may be ``NOTHING`` or no map, as outputs are."""
    return tuple(_unlike(before, after, _Place()))


def forcing(found: Sequence[Edit], forced_by: Sequence[tuple[Step, ...]]) -> tuple[Edit, ...]:
    """Mark the edits that force a replacement; an attribute that forces one without an edit gets none."""
    return tuple(replace(one, forces=any(_meets(steps(one.path), path) for path in forced_by)) for one in found)


def unsealed(value: object) -> object:
    """Replace every seal by ``SENSITIVE``."""
    if isinstance(value, Sealed):
        return SENSITIVE
    if isinstance(value, dict):
        return {key: unsealed(part) for key, part in value.items()}
    return [unsealed(part) for part in value] if isinstance(value, list) else value


def _meets(one: tuple[Step, ...], other: tuple[Step, ...]) -> bool:
    """Tell whether one path leads to the other, or through it."""
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def _unlike(before: object, after: object, place: _Place) -> Iterator[Edit]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from _unlike(before.get(key, NOTHING), after.get(key, NOTHING), place.key(key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, place)
    elif isinstance(before, str) and isinstance(after, str):
        yield from _texts(before, after, place)
    elif not _same(before, after, place):
        yield place.edit(before, after)


def _same(before: object, after: object, place: _Place) -> bool:
    """Tell whether two leaves are equal; null and nothing are, as Terraform writes one for the other: not in a text."""
    if place.document is None and any(side is None or side is NOTHING for side in (before, after)):
        return all(side is None or side is NOTHING for side in (before, after))
    # Two unknown values only meet where two plans are compared, which lists those that may differ itself.
    return before is after or alike(before, after)


def _lists(before: list[object], after: list[object], place: _Place) -> Iterator[Edit]:
    named = [_statements(side) for side in (before, after)] if place.document is not None else [None]
    if all(named):
        mine, theirs = (side or {} for side in named)
        for name in (*mine, *(one for one in theirs if one not in mine)):
            yield from _unlike(mine.get(name, NOTHING), theirs.get(name, NOTHING), place.named(name))
        yield from _order(mine, theirs, place)
        return
    if reordered(before, after):
        yield place.edit(before, after)
        return
    for was, will in aligned(before, after):
        one = NOTHING if was is None else before[was]
        other = NOTHING if will is None else after[will]
        at = will if was is None else was if will is None else will
        yield from _unlike(one, other, place.at(at or 0))


def _order(mine: Mapping[str, object], theirs: Mapping[str, object], place: _Place) -> Iterator[Edit]:
    """Tell that statements which both sides have stand in another order, by their names."""
    was, will = [name for name in mine if name in theirs], [name for name in theirs if name in mine]
    if was != will:
        yield place.edit(was, will)


def _statements(side: list[object]) -> dict[str, object] | None:
    """Return the statements of a policy by their Sid, if all have one and no two the same."""
    found: dict[str, object] = {
        part["Sid"]: part for part in side if isinstance(part, dict) and isinstance(part.get("Sid"), str)
    }
    return found if len(found) == len(side) else None


def _texts(before: str, after: str, place: _Place) -> Iterator[Edit]:
    if before == after:
        return
    one, other = document_in(before), document_in(after)
    found = list(_unlike(one, other, place.inside())) if type(one) is type(other) and one is not None else []
    # Documents that say the same and are written otherwise are a change of the text.
    yield from found or [place.edit(before, after)]
