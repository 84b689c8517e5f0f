"""What a role is granted beside what it used: from its policies, and from decisions that the local AWS wrote down."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, order=True)
class Grant:
    """One action, or one resource pattern, that one statement allows.

    Attributes:
        kind: ``action`` or ``resource``.
    """

    sid: str
    kind: str
    pattern: str


@dataclass(frozen=True)
class Used:
    """What a role did.

    Attributes:
        grants: every action and resource pattern of its statements that a call needed.
        refused: action and resource of each call that was refused, each once.
    """

    grants: frozenset[Grant]
    refused: tuple[tuple[str, str], ...]


def read_decisions(files: Iterable[Path]) -> Iterator[Mapping[str, Any]]:
    """Read what the local AWS decided, in order."""
    for file in files:
        yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


def used_by(role: str, decisions: Iterable[Mapping[str, Any]]) -> Used:
    """Collect what a role's sessions did."""
    grants: set[Grant] = set()
    refused: dict[tuple[str, str], None] = {}
    for one in decisions:
        if f":assumed-role/{role}/" not in one["principal"]:
            continue
        if not one["allowed"]:
            refused[(one["action"], one["resource"])] = None
            continue
        for grant in one["grants"]:
            grants |= {Grant(grant["sid"], "action", pattern) for pattern in grant["actions"]}
            grants |= {Grant(grant["sid"], "resource", pattern) for pattern in grant["resources"]}
    return Used(frozenset(grants), tuple(refused))


def granted(iam: Any, role: str) -> frozenset[Grant]:
    """Collect what a role's policies allow, its own and those that are attached."""
    found: set[Grant] = set()
    for document in _documents(iam, role):
        for statement in _listed(document["Statement"]):
            if statement["Effect"] != "Allow":
                continue
            # Every statement is told by its name: two of one name would hide each other.
            assert not any(one.sid == statement["Sid"] for one in found), f"{role}: two statements {statement['Sid']}"
            found |= {Grant(statement["Sid"], "action", one) for one in _listed(statement["Action"])}
            found |= {Grant(statement["Sid"], "resource", one) for one in _listed(statement["Resource"])}
    return frozenset(found)


def _documents(iam: Any, role: str) -> Iterator[Mapping[str, Any]]:
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield _read(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = policy["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        yield _read(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def _read(document: Any) -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
    return read


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def general(grants: Iterable[Grant], environment: str) -> frozenset[Grant]:
    """Put a mark in the place of an environment's name: statements are one text for every environment."""
    word = re.compile(rf"(?<![A-Za-z0-9]){re.escape(environment)}(?![A-Za-z0-9])")
    return frozenset(Grant(one.sid, one.kind, word.sub("{environment}", one.pattern)) for one in grants)


def findings(role: str, has: frozenset[Grant], used: Used, declared: Iterable[Grant]) -> list[str]:
    """List what is granted and not used, refused, or declared in vain; a line each.

    Args:
        role: name or kind of role.
        declared: grants that the local AWS cannot ask for.
    """
    spared = frozenset(declared)
    lines = [f"{role}: refused: {action} on {resource}" for action, resource in used.refused]
    lines += [f"{role}: granted, never used: {one.sid}: {one.pattern}" for one in sorted(has - used.grants - spared)]
    lines += [
        f"{role}: declared as never asked, and used: {one.sid}: {one.pattern}" for one in sorted(spared & used.grants)
    ]
    lines += [f"{role}: declared, not granted: {one.sid}: {one.pattern}" for one in sorted(spared - has)]
    return lines
