"""From a refresh-only plan to what was really changed, told for people and for CI. Pure.

Terraform lists more than was changed: an attribute that was null and reads back as empty, what follows from something
else, and what releases move. That is left out here, by a rule or by a line of a table with its reason.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.changes import Changes
from harness.changes.following import follows
from harness.operate.release.record import Record
from harness.plan import SENSITIVE, UNKNOWN, Action, ResourceChange, steps

_LONGEST = 160
_ALIAS = "aws_lambda_alias"


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute: its path, the value Terraform knows, the value that is there."""

    path: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Changed:
    """One resource that is not as Terraform left it; without differences it is gone."""

    address: str
    differences: tuple[Difference, ...]
    deleted: bool


@dataclass(frozen=True, slots=True)
class Live:
    """Place of one function's alias as the record of releases has it.

    Attributes:
        version: the version that serves; ``""`` when nothing was ever released.
        moving: a release is under way: the alias may be anywhere.
    """

    version: str = ""
    moving: bool = False


def live_of(record: Record) -> dict[str, Live]:
    """Say of each function where releases left its alias."""
    moving = record.running.moves if record.running is not None else {}
    names = {*record.functions, *moving}
    return {name: Live(record.line(name).live, name in moving) for name in names}


def unreleased(found: Changes, drift: Sequence[ResourceChange], record: Record) -> Changes:
    """Leave out of a plan's drift what releases did.

    Args:
        found: changes of the plan.
        drift: ``Plan.drift`` of the same plan.
    """
    aliases = [change for change in drift if change.type == _ALIAS]
    others = {
        one.address: {steps(each.path)[0] for each in one.differences} for one in drifted(aliases, {}, live_of(record))
    }
    kept = []
    for one in found.drift:
        by_hand = others.get(one.address, set())
        ours = one.type == _ALIAS and one.action is not Action.DELETE
        edits = tuple(edit for edit in one.edits if not ours or steps(edit.path)[0] in by_hand)
        if edits or not ours:
            kept.append(replace(one, edits=edits))
    return replace(found, drift=tuple(kept))


def drifted(
    changes: Sequence[ResourceChange], inline_policies: Mapping[str, frozenset[str]], live: Mapping[str, Live]
) -> tuple[Changed, ...]:
    """List what was changed or deleted outside Terraform and outside releases, by address.

    Args:
        changes: ``Plan.drift`` of a refresh-only plan.
        inline_policies: role -> names of the inline policies that Terraform manages.
        live: function -> where its alias is expected.
    """
    found = []
    for change in changes:
        deleted = change.action is Action.DELETE
        differences = () if deleted else tuple(_differences(change, inline_policies, live))
        if deleted or differences:
            found.append(Changed(change.address, differences, deleted))
    return tuple(sorted(found, key=lambda one: one.address))


def _differences(
    change: ResourceChange, inline_policies: Mapping[str, frozenset[str]], live: Mapping[str, Live]
) -> Iterator[Difference]:
    before, after = change.before, change.after
    if not isinstance(before, dict) or not isinstance(after, dict):
        return
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if follows(change.type, name, old) or (change.type == _ALIAS and _released(name, before, new, live)):
            continue
        if (change.type, name) == ("aws_iam_role", "inline_policy"):
            managed = inline_policies.get(str(after.get("name")), frozenset())
            old, new = _foreign(old, managed), _foreign(new, managed)
        yield from _walk(name, old, new)


def _released(name: str, alias: Mapping[str, Any], new: object, live: Mapping[str, Live]) -> bool:
    """Tell whether a release gave an attribute of an alias its new value."""
    expected = live.get(str(alias.get("function_name")).rpartition(":")[2], Live())
    if name == "function_version":
        return expected.moving or new == expected.version
    return name == "routing_config" and expected.moving


def _foreign(policies: object, managed: frozenset[str]) -> list[Any]:
    listed = policies if isinstance(policies, list) else []
    return [policy for policy in listed if policy.get("name") not in managed]


def _walk(path: str, old: Any, new: Any) -> Iterator[Difference]:
    # Marks are equal to nothing. A secret's value is not compared: no report could say what differs.
    if any(value is mark for value in (old, new) for mark in (SENSITIVE, UNKNOWN)):
        return
    old, new = _opened(old), _opened(new)
    if old == new or (_empty(old) and _empty(new)):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _walk(f"{path}.{key}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for at, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _walk(f"{path}[{at}]", one, other)
    else:
        yield Difference(path, old, new)


def _opened(value: Any) -> Any:
    """JSON inside a string (policies, the dashboard) as what it says: order and spaces are no difference."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


@dataclass(frozen=True, slots=True)
class Drift:
    """Resources that are not as Terraform left them.

    Attributes:
        unknown: ARNs that carry our tags and are in no state.
    """

    changed: tuple[Changed, ...]
    unknown: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Tell whether there is any."""
        return bool(self.changed or self.unknown)


def as_text(drift: Drift, title: str, words: str) -> str:
    """Write the drift in words, ending in a line break.

    Args:
        words: the Makefile variables that name it.
    """
    if not drift.any:
        return f"{title}: no drift\n"
    deleted = sum(one.deleted for one in drift.changed)
    lines = [f"{title}: {len(drift.changed) - deleted} changed, {deleted} deleted, {len(drift.unknown)} unknown"]
    for one in drift.changed:
        lines.append(f"  - {one.address}: deleted outside Terraform" if one.deleted else f"  ~ {one.address}")
        lines += [f"      {each.path}: {_shown(each.before)} -> {_shown(each.after)}" for each in one.differences]
    lines += [f"  ? {arn}: carries our tags, is in no state" for arn in drift.unknown]
    lines.append(f"to undo the changes: make plan {words}, make apply; to keep one, write it into the HCL first")
    if drift.unknown:
        lines.append("what is unknown: delete it, or import it into the HCL that is to own it")
    return "\n".join(lines) + "\n"


def as_content(drift: Drift) -> dict[str, object]:
    """Return the drift as JSON."""
    return {
        "drift": drift.any,
        "changed": [
            {
                "address": one.address,
                "deleted": one.deleted,
                "attributes": [
                    {"path": each.path, "before": each.before, "after": each.after} for each in one.differences
                ],
            }
            for one in drift.changed
        ],
        "unknown": list(drift.unknown),
    }


def _shown(value: object) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
