"""What a role is granted beside what it used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.usage import Grant, Used, findings, general, granted, read_decisions, used_by

_ROLE = "ci-live-apply"


def _decision(
    action: str, resource: str, *, allowed: bool = True, role: str = _ROLE, sid: str = "Some"
) -> dict[str, Any]:
    grants = [{"sid": sid, "actions": [action], "resources": [resource]}] if allowed else []
    principal = f"arn:aws:sts::000000000000:assumed-role/{role}/job"
    return {"principal": principal, "action": action, "resource": resource, "allowed": allowed, "grants": grants}


def _of(sid: str, *patterns: str, kind: str = "action") -> set[Grant]:
    return {Grant(sid, kind, one) for one in patterns}


class _Iam:
    """The part of IAM that tells a role's policies."""

    def list_role_policies(self, RoleName: str) -> Any:
        return {"PolicyNames": ["own"]}

    def get_role_policy(self, RoleName: str, PolicyName: str) -> Any:
        deny = {"Sid": "No", "Effect": "Deny", "Action": "c:C", "Resource": "*"}
        some = {"Sid": "Some", "Effect": "Allow", "Action": ["a:A", "a:B"], "Resource": "x"}
        return {"PolicyDocument": {"Statement": [deny, some]}}

    def list_attached_role_policies(self, RoleName: str) -> Any:
        return {"AttachedPolicies": [{"PolicyArn": "arn"}]}

    def get_policy(self, PolicyArn: str) -> Any:
        return {"Policy": {"DefaultVersionId": "v2"}}

    def get_policy_version(self, PolicyArn: str, VersionId: str) -> Any:
        other = {"Sid": "Other", "Effect": "Allow", "Action": "b:B", "Resource": ["y", "z"]}
        return {"PolicyVersion": {"Document": json.dumps({"Statement": other})}}


def test_only_what_allows_is_granted_own_and_attached() -> None:
    some = _of("Some", "a:A", "a:B") | _of("Some", "x", kind="resource")
    other = _of("Other", "b:B") | _of("Other", "y", "z", kind="resource")
    assert granted(_Iam(), _ROLE) == some | other


def test_what_a_role_did_is_told_from_what_others_did(tmp_path: Path) -> None:
    lines = [
        _decision("a:A", "x"),
        _decision("a:B", "x", role="ci-live-apply-2"),
        _decision("c:C", "y", allowed=False),
        _decision("c:C", "y", allowed=False),
    ]
    file = tmp_path / "decisions.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    used = used_by(_ROLE, read_decisions([file]))
    assert used.grants == _of("Some", "a:A") | _of("Some", "x", kind="resource")
    assert used.refused == (("c:C", "y"),)


def test_each_kind_of_difference_is_a_finding() -> None:
    has = frozenset(_of("Some", "a:A", "a:B", "a:D"))
    used = Used(frozenset(_of("Some", "a:A", "a:D")), (("c:C", "y"),))
    assert findings("r", has, used, _of("Some", "a:D", "a:E")) == [
        "r: refused: c:C on y",
        "r: granted, never used: Some: a:B",
        "r: declared as never asked, and used: Some: a:D",
        "r: declared, not granted: Some: a:E",
    ]
    assert findings("r", frozenset(_of("Some", "a:A")), Used(frozenset(_of("Some", "a:A")), ()), ()) == []


def test_an_environments_name_is_a_word_of_its_own() -> None:
    grants = _of("Some", "table/p-*-live", "live/live/*", "p-lively", "alive", kind="resource")
    patterns = {one.pattern for one in general(grants, "live")}
    assert patterns == {"table/p-*-{environment}", "{environment}/{environment}/*", "p-lively", "alive"}
