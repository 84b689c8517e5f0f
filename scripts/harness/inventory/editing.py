"""Edit YAML so that it means another document, and leave every byte alone that need not change."""

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import yaml

from harness.inventory.document import InventoryError, Loader, load
from harness.inventory.expect import Operator
from harness.inventory.suggest import dump
from harness.plan.differences import equal
from harness.plan.values import NOTHING

_WIDTH = 110


def edited(text: str, wanted: object, *, file: str) -> str:
    """Return ``text``, changed where it must be to mean ``wanted``; comments, order and style of the rest stay.

    Raises:
        InventoryError: it cannot be changed in place, as when what must change stands under an anchor.
    """
    reader = _Reader(text)
    edits = reader.inside(reader.root, load(text, file=file), wanted) or []
    for _, edit in sorted(enumerate(edits), key=lambda one: (one[1].start, one[1].end, one[0]), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    try:
        done = _same(load(text, file=file), wanted)
    except InventoryError:
        done = False
    if not done:
        raise InventoryError(f"{file}: cannot be changed in place", "write what is under anchors and << by hand")
    return text


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a mapping or an element of a list.

    Attributes:
        start: where its key or dash stands.
        key_end: where its key ends; as ``start`` in a list.
        after: behind its colon or dash.
        end: where its value ends, comments apart.
        node: the value; ``None`` when it is an alias of one that stands elsewhere.
    """

    start: int
    key_end: int
    after: int
    end: int
    node: yaml.Node | None


class _Reader(Loader):
    """Composes the nodes of a text, and knows where they stand."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._text = text
        self._aliases: dict[tuple[int, object], tuple[int, int]] = {}
        self.root = self.get_single_node()

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        """Remember where aliases stand: composed, they are the node that they name."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            place = index if isinstance(index, int) else id(index)
            self._aliases[id(parent), place] = event.start_mark.index, event.end_mark.index
        return super().compose_node(parent, index)  # type: ignore[arg-type]

    def inside(self, node: yaml.Node | None, old: object, new: object) -> list[_Edit] | None:
        """List edits that make a node mean ``new``; ``None`` when all of it must be written anew."""
        if isinstance(old, Operator) and isinstance(new, Operator) and old.tag == new.tag:
            old, new = old.argument, new.argument
        if isinstance(node, yaml.MappingNode) and isinstance(old, dict) and isinstance(new, dict):
            return self._mapping(node, old, new)
        if isinstance(node, yaml.SequenceNode) and isinstance(old, list) and isinstance(new, list):
            return self._sequence(node, old, new)
        return None

    def _mapping(
        self, node: yaml.MappingNode, old: dict[object, object], new: dict[object, object]
    ) -> list[_Edit] | None:
        """Edit entry by entry; what a merge key brings in and need not change is left to it."""
        entries = {
            self.construct_object(key): self._entry(node, key, value)
            for key, value in node.value
            if key.tag != "tag:yaml.org,2002:merge"
        }
        keys = _in_order(entries, [key for key in new if key in entries or not _same(old.get(key, NOTHING), new[key])])
        flow = bool(node.flow_style)

        def pair(mine: int, theirs: int) -> Iterator[_Edit]:
            was, now, entry = list(entries)[mine], keys[theirs], list(entries.values())[mine]
            if was != now:
                yield _Edit(entry.start, entry.key_end, _key_text(now, flow=flow))
            if not _same(old[was], new[now]):
                yield from self._changed(entry, old[was], new[now], flow=flow)

        def made(theirs: int) -> str:
            return dump({keys[theirs]: new[keys[theirs]]}, width=_WIDTH)

        names = [_key(key) for key in entries], [_key(key) for key in keys]
        return self._aligned(list(entries.values()), names, pair, made, flow=flow)

    def _sequence(self, node: yaml.SequenceNode, old: list[object], new: list[object]) -> list[_Edit] | None:
        entries = self._elements(node)
        flow = bool(node.flow_style)

        def pair(mine: int, theirs: int) -> Iterator[_Edit]:
            if not _same(old[mine], new[theirs]):
                yield from self._changed(entries[mine], old[mine], new[theirs], flow=flow)

        names = [_key(part) for part in old], [_key(part) for part in new]
        return self._aligned(entries, names, pair, lambda theirs: dump([new[theirs]], width=_WIDTH), flow=flow)

    def _aligned(
        self,
        entries: Sequence[_Entry],
        names: tuple[list[str], list[str]],
        pair: Callable[[int, int], Iterator[_Edit]],
        made: Callable[[int], str],
        *,
        flow: bool,
    ) -> list[_Edit] | None:
        """Edit what both have, take out what only the old has, put in what only the new has."""
        edits: list[_Edit] = []
        for _, mine, mine_end, theirs, theirs_end in difflib.SequenceMatcher(
            None, *names, autojunk=False
        ).get_opcodes():
            both = min(mine_end - mine, theirs_end - theirs)
            gone, come = entries[mine + both : mine_end], range(theirs + both, theirs_end)
            plain = not flow and bool(names[1]) and not any(self._lead(entry) == "?" for entry in entries)
            if (gone or come) and not (plain and not any(map(self._lead, gone))):
                return None
            for at in range(both):
                edits += pair(mine + at, theirs + at)
            edits += [_Edit(self._line(entry.start), self._next_line(entry.end), "") for entry in gone]
            if come:
                edits.append(self._inserted(entries, mine + both, [made(at) for at in come]))
        return edits

    def _inserted(self, entries: Sequence[_Entry], at: int, texts: Sequence[str]) -> _Edit:
        """Put entries in behind the one before, or before the first."""
        indent = " " * (entries[0].start - self._line(entries[0].start))
        lines = [line for text in texts for line in text.splitlines(keepends=True)]
        if at == 0:
            return _Edit(entries[0].start, entries[0].start, indent.join(lines) + indent)
        place = self._next_line(entries[at - 1].end)
        open_end = "" if self._text[place - 1 : place] == "\n" else "\n"
        return _Edit(place, place, open_end + "".join(indent + line for line in lines))

    def _changed(self, entry: _Entry, old: object, new: object, *, flow: bool) -> list[_Edit]:
        """Edit an entry's value inside, or write it anew in the style that it had."""
        inner = self.inside(entry.node, old, new)
        if inner is not None:
            return inner
        lead = "" if flow and entry.after == entry.start else " "
        if flow or (isinstance(entry.node, yaml.CollectionNode) and entry.node.flow_style):
            return [_Edit(entry.after, entry.end, lead + dump([new], flow=True).strip()[1:-1])]
        column = entry.start - self._line(entry.start)
        first, *more = (
            dump([new], width=_WIDTH - column)[1:]
            if entry.start == entry.key_end
            else dump({"k": new}, width=_WIDTH - column)[2:]
        ).splitlines()
        return [_Edit(entry.after, entry.end, "\n".join([first, *(" " * column + line for line in more)]))]

    def _entry(self, parent: yaml.MappingNode, key: yaml.Node, value: yaml.Node) -> _Entry:
        key_end = key.end_mark.index
        alias = self._aliases.get((id(parent), id(key)))
        end = alias[1] if alias else self._end(value)
        return _Entry(key.start_mark.index, key_end, self._text.index(":", key_end) + 1, end, None if alias else value)

    def _elements(self, node: yaml.SequenceNode) -> list[_Entry]:
        found: list[_Entry] = []
        for at, value in enumerate(node.value):
            alias = self._aliases.get((id(node), at))
            start, end = alias or (value.start_mark.index, self._end(value))
            dash = start if node.flow_style else self._text.rindex("-", 0, start)
            after = start if node.flow_style else dash + 1
            found.append(_Entry(dash, dash, after, end, None if alias else value))
        return found

    def _end(self, node: yaml.Node) -> int:
        """Return where a node ends; a block's own mark stands behind the comments that follow it."""
        if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
            key, value = node.value[-1]
            return self._entry(node, key, value).end
        if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
            return self._elements(node)[-1].end
        found = self._text[node.start_mark.index : node.end_mark.index]
        return node.start_mark.index + len(found.rstrip())

    def _lead(self, entry: _Entry) -> str:
        """Return what stands before an entry on its line: nothing, an element's dash, or a long key's mark."""
        return self._text[self._line(entry.start) : entry.start].strip()[-1:]

    def _line(self, place: int) -> int:
        return self._text.rfind("\n", 0, place) + 1

    def _next_line(self, place: int) -> int:
        found = self._text.find("\n", place)
        return len(self._text) if found < 0 else found + 1


def _in_order(old: Iterable[object], new: Sequence[object]) -> list[object]:
    """Put keys into the order in which they stand already; a new one behind the one that it follows."""
    found = [key for key in old if key in new]
    for at, key in enumerate(new):
        if key not in found:
            found.insert(found.index(new[at - 1]) + 1 if at else 0, key)
    return found


def _key_text(key: object, *, flow: bool) -> str:
    text = dump({key: 0}, flow=True).strip()[1:-4] if flow else dump({key: 0}).rstrip()[:-3]
    return json.dumps(key) if text.startswith("?") else text  # empty, or longer than a plain key may be


def _same(one: object, other: object) -> bool:
    return equal(_plain(one), _plain(other))


def _key(value: object) -> str:
    """Write a value so that equal ones are the same text."""
    return json.dumps(_plain(value), sort_keys=True, default=str)


def _plain(value: object) -> object:
    """Return a value whose operators are mappings, so that all of it can be compared."""
    if isinstance(value, Operator):
        return {f"!{value.tag}": _plain(value.argument) if value.argument is not None else ""}
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value
