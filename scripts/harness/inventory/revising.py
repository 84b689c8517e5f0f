"""Revise expectations that no longer hold: what holds stays as it is, and so does the choice of what is asserted.

A value that differs becomes the plan's, written as a suggestion writes it; what the plan no longer has goes away; a
resource that has another address now is followed where there is no doubt which it is. Nothing new is asserted but a
type's count.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness.inventory.document import (
    Inventory,
    counted,
    match_counts,
    match_output,
    match_resource,
    output_sources,
    sources_of,
)
from harness.inventory.expect import Operator, References, compare, document_of
from harness.inventory.suggest import expectation, suggest_attributes
from harness.plan import Plan, ValueMissingError
from harness.plan.addresses import plain_address
from harness.plan.differences import below
from harness.plan.values import NOTHING, child

Attributes = Mapping[str, object]
_MODULE_INSTANCE = re.compile(r'(?<![\w-])(module\.[\w-]+)\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


@dataclass(frozen=True, slots=True)
class Revised:
    """Expectations that hold.

    Attributes:
        expected: the mapping to write in the place of the one that was revised; empty: nothing of it is left.
        notes: what did not hold and what was done about it, a line each; empty: everything held.
    """

    expected: dict[str, object]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Notes:
    lines: list[str] = field(default_factory=list)

    def add(self, address: str, texts: Iterator[str]) -> None:
        self.lines += [text if text.startswith(address) else f"{address}: {text}" for text in texts]


def revised_inventory(plan: Plan, inventory: Inventory, document: Mapping[str, object]) -> Revised:
    """Revise counts, resources and outputs of an inventory; ``document`` is what it was read from."""
    parts = {
        "counts": revised_counts(plan, inventory),
        "resources": revised_resources(plan, inventory.resources),
        "outputs": revised_outputs(plan, inventory.outputs),
    }
    kept = {name: parts[name].expected if name in parts else section for name, section in document.items()}
    notes = tuple(note for part in parts.values() for note in part.notes)
    return Revised({name: section for name, section in kept.items() if section}, notes)


def revised_counts(plan: Plan, inventory: Inventory) -> Revised:
    """Revise the counts; of a type that has become more, the addresses that are not listed are said."""
    notes, found = list(match_counts(plan, inventory)), counted(plan)
    before = dict(inventory.counts or {})
    if not notes:
        return Revised(dict(before))
    kept: dict[str, object] = {kind: found[kind] for kind in before if found[kind]}
    new = sorted(found.keys() - before.keys())
    for kind in sorted(found):
        if found[kind] > before.get(kind, 0):
            unlisted = [one.address for one in plan.of_type(kind) if one.address not in inventory.resources]
            notes += [f"{address}: not listed; add what a reader would defend in review" for address in unlisted]
    in_order = list(kept) == sorted(kept)
    merged = kept | {kind: found[kind] for kind in new}
    return Revised(dict(sorted(merged.items())) if in_order else merged, tuple(notes))


def revised_resources(plan: Plan, resources: Mapping[str, Attributes], within: str = "") -> Revised:
    """Revise what is expected of resources; with ``within`` (``module.x.``) addresses are seen from inside it."""
    expected: dict[str, object] = {}
    notes, addresses = _Notes(), _addresses_now(plan, resources, within)
    for address, attributes in resources.items():
        now = addresses[address]
        if not now:
            notes.add(address, iter(["not in the plan: removed"]))
            continue
        if now != address:
            notes.add(address, iter([f"is now {now}"]))
        revised = revised_attributes(plan, now, attributes, within)
        notes.add(now, iter(revised.notes))
        if revised.expected:
            expected[now] = revised.expected
    return Revised(expected, tuple(notes.lines))


def revised_attributes(plan: Plan, address: str, attributes: Attributes, within: str = "") -> Revised:
    """Revise what is expected of one resource."""
    change, sources = plan.resource(within + address), sources_of(plan, address, within)
    suggested = suggest_attributes(plan, change, within)
    expected: dict[str, object] = {}
    notes: list[str] = []
    for path, part in attributes.items():
        try:
            got = change.value(path)
        except ValueMissingError as error:
            notes.append(f"{error.tried}: removed")
            continue
        notes += compare(got, part, path, sources)
        new = revised(part, got, path, sources, suggested.get(path, NOTHING))
        if new is not NOTHING:
            expected[path] = new
    return Revised(expected, tuple(notes))


def revised_outputs(plan: Plan, outputs: Attributes) -> Revised:
    """Revise what is expected of root outputs."""
    expected: dict[str, object] = {}
    notes = _Notes()
    for name, part in outputs.items():
        notes.add(f"output.{name}", match_output(plan, name, part))
        if name in plan.outputs:
            expected[name] = revised(part, plan.outputs[name].after, name, output_sources(plan, name))
    return Revised({name: part for name, part in expected.items() if part is not NOTHING}, tuple(notes.lines))


def revised(expected: object, got: object, path: str, sources: References, suggested: object = NOTHING) -> object:
    """Return the expectation where it holds, else one that does; ``NOTHING`` where the plan has nothing left of it.

    Args:
        suggested: what a suggestion says of the whole value, where one is known.
    """
    if got is NOTHING:
        return NOTHING
    if not any(True for _ in compare(got, expected, path, sources)):
        return expected
    if isinstance(expected, Operator) and expected.tag == "json" and document_of(got) is not NOTHING:
        return Operator("json", document_of(got))
    if isinstance(expected, dict) and isinstance(got, dict):
        parts = {key: revised(part, child(got, key), below(path, str(key)), sources) for key, part in expected.items()}
        kept = {key: part for key, part in parts.items() if part is not NOTHING}
        return kept or NOTHING
    if isinstance(expected, list) and isinstance(got, list) and expected and got:
        return _revised_list(expected, got, path, sources)
    return expectation(got, None, path, sources) if suggested is NOTHING else suggested


def _revised_list(expected: list[object], got: list[object], path: str, sources: References) -> list[object]:
    """Revise a list: elements at either end that hold stay; those between keep the choice of their predecessors."""

    def holds(mine: int, theirs: int) -> bool:
        return not any(True for _ in compare(got[theirs], expected[mine], f"{path}[{theirs}]", sources))

    most = min(len(expected), len(got))
    head = next((at for at in range(most) if not holds(at, at)), most)
    tail = next((at for at in range(most - head) if not holds(-1 - at, len(got) - 1 - at)), most - head)
    ends = len(expected) - tail, len(got) - tail
    between = [
        _revised_element(expected[min(at, max(ends[0] - 1, 0))], got[at], f"{path}[{at}]", sources)
        for at in range(head, ends[1])
    ]
    return [*expected[:head], *between, *expected[ends[0] :]]


def _revised_element(like: object, got: object, path: str, sources: References) -> object:
    new = revised(like, got, path, sources)
    return expectation(got, None, path, sources) if new is NOTHING else new


def _addresses_now(plan: Plan, resources: Mapping[str, Attributes], within: str) -> dict[str, str]:
    """Find listed resources in the plan: the address of each, another where it moved, empty where it is gone."""
    staying = [one.address for one in plan.resources.values() if one.stays and one.address.startswith(within)]
    there = [address.removeprefix(within) for address in staying]
    found = {address: address if address in there else "" for address in resources}
    for look in (_in_another_instance, _with_another_key):
        for address, attributes in resources.items():
            if not found[address]:
                free = [one for one in there if one not in found.values()]
                found[address] = look(plan, address, attributes, free, within)
    return found


def _in_another_instance(_: Plan, address: str, __: Attributes, free: list[str], ___: str) -> str:
    """Find a resource whose module has got an instance key, or lost it."""
    bare = _MODULE_INSTANCE.sub(r"\1", address)
    found = [one for one in free if _MODULE_INSTANCE.sub(r"\1", one) == bare]
    return found[0] if len(found) == 1 else ""


def _with_another_key(plan: Plan, address: str, attributes: Attributes, free: list[str], within: str) -> str:
    """Find the one instance of the same resource for which most of what is expected holds, more than half of it."""
    alike = [one for one in free if plain_address(one) == plain_address(address)]
    scores = sorted(((_held(plan, one, attributes, within), one) for one in alike), reverse=True)
    best = [one for score, one in scores if score == scores[0][0] and 2 * score > len(attributes)]
    return best[0] if len(best) == 1 else ""


def _held(plan: Plan, address: str, attributes: Attributes, within: str) -> int:
    """Count the attributes that are as expected."""
    return sum(
        not any(True for _ in match_resource(plan, address, {path: part}, within)) for path, part in attributes.items()
    )
