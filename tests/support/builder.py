"""Small plans for tests of rules, as Terraform would write them, through the real reader.

``UNKNOWN`` and ``SENSITIVE`` inside values become the masks of the plan's JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.plan import SENSITIVE, UNKNOWN, Plan, read_plan

ACTIONS = {"replace": ["delete", "create"], "replace-create-first": ["create", "delete"]}


@dataclass(frozen=True)
class Res:
    """One resource of a plan.

    Attributes:
        address: ``type.name`` or ``type.name["key"]``, of a data source after ``data.``; no module.
        after: its values; ``None`` for what goes away.
        refs: attribute -> what the configuration makes it from.
        written: attribute or block -> its expression tree, where that is more than references; ``...`` takes it away.
        action: a verb of Terraform, ``replace`` or ``replace-create-first``.
        forced_by: steps to each attribute that forces a replacement.
    """

    address: str
    after: Mapping[str, Any] | None
    refs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    action: str = "create"
    before: Mapping[str, Any] | None = None
    depends_on: Sequence[str] = ()
    deposed: str = ""
    forced_by: Sequence[Sequence[str | int]] = ()
    written: Mapping[str, Any] = field(default_factory=dict)

    def but(self, **changes: Any) -> Res:
        """Copy it with other values; ``...`` takes an attribute away."""
        merged = {**(self.after or {}), **changes}
        return replace(self, after={name: value for name, value in merged.items() if value is not ...})


def plan(*resources: Res, checks: Sequence[Mapping[str, Any]] = (), complete: bool = True) -> Plan:
    """Build a plan of these resources."""
    return read_plan(json.dumps(document(*resources, checks=checks, complete=complete)).encode())


def document(*resources: Res, checks: Sequence[Mapping[str, Any]] = (), complete: bool = True) -> dict[str, Any]:
    """Write the JSON of a plan of these resources, as Terraform would."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "errored": False,
        "complete": complete,
        "applyable": True,
        "resource_changes": [_change(one) for one in resources],
        "checks": list(checks),
        "configuration": {"root_module": {"resources": _configuration(resources)}},
    }


def _change(one: Res) -> dict[str, Any]:
    kind, name, key = _parts(one.address)
    after, unknown, sensitive = (None, {}, {}) if one.after is None else _split(one.after)
    entry = {
        "address": one.address,
        "mode": _mode(one),
        "type": kind,
        "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {
            "actions": ACTIONS.get(one.action, [one.action]),
            "before": one.before,
            "after": after,
            "after_unknown": unknown,
            "before_sensitive": False,
            "after_sensitive": sensitive,
            "replace_paths": [list(path) for path in one.forced_by],
        },
    }
    return entry | ({"index": key} if key is not None else {}) | ({"deposed": one.deposed} if one.deposed else {})


def _configuration(resources: Sequence[Res]) -> list[dict[str, Any]]:
    blocks = {}
    for one in resources:
        kind, name, _ = _parts(one.address)
        written = {attribute: {"constant_value": 0} for attribute in one.after or {}}
        made = {attribute: {"references": list(sources)} for attribute, sources in one.refs.items()}
        blocks[_mode(one), kind, name] = {
            "type": kind,
            "name": name,
            "mode": _mode(one),
            "expressions": {key: made for key, made in (written | made | dict(one.written)).items() if made is not ...},
            "depends_on": list(one.depends_on),
        }
    return list(blocks.values())


def _mode(one: Res) -> str:
    return "data" if one.address.startswith("data.") else "managed"


def _parts(address: str) -> tuple[str, str, str | int | None]:
    path, _, key = address.removeprefix("data.").partition("[")
    kind, name = path.split(".")
    return kind, name, json.loads(key.removesuffix("]")) if key else None


def _split(value: Any) -> tuple[Any, Any, Any]:
    """Split a value with marks into (value, unknown mask, sensitive mask)."""
    if value is UNKNOWN:
        return None, True, False
    if value is SENSITIVE:
        return "hidden", False, True
    if isinstance(value, Mapping):
        parts = {key: _split(part) for key, part in value.items()}
        known = {key: part[0] for key, part in parts.items() if part[1] is not True}
        return known, {key: part[1] for key, part in parts.items()}, {key: part[2] for key, part in parts.items()}
    if isinstance(value, list | tuple):
        split = [_split(part) for part in value]
        return [one[0] for one in split], [one[1] for one in split], [one[2] for one in split]
    return value, False, False


def policy(*statements: Mapping[str, Any]) -> str:
    """Write a policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
