"""Drift of one stack, told for people and for CI. Pure."""

import json
from dataclasses import dataclass

from harness.operate.drift.compare import Changed

_LONGEST = 160


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
