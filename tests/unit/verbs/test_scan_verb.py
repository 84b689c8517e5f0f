"""The scan judges the account's root by the sizes that AWS takes: no other command plans it for review."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support.builder import Res, plan

from harness.base.paths import ACCOUNT
from harness.scan.launch import Scanned
from harness.verbs import scan as verb

LONG = Res("aws_iam_role_policy.this", {"role": "r", "policy": "x" * 10_241})


class NoScanner:
    """Finds nothing."""

    def __enter__(self) -> NoScanner:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def scan(self, *_: Any, **__: Any) -> Scanned:
        return Scanned((), (), {}, {}, "", {})


@pytest.mark.parametrize(("policy", "found"), [("x" * 10_240, []), ("x" * 10_241, [LONG.address])])
def test_what_is_too_large_in_the_account_is_found(
    policy: str, found: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    planned = SimpleNamespace(asked=[])

    def make_plans(_: Path, names: tuple[str, ...]) -> dict[str, bytes]:
        planned.asked += names
        return {ACCOUNT: b"account's"}

    monkeypatch.setattr(verb, "Scanner", NoScanner)
    monkeypatch.setattr(verb, "copy_tree", lambda *_: None)
    monkeypatch.setattr(verb, "make_plans", make_plans)
    monkeypatch.setattr(verb, "read_plan", lambda data: plan(LONG.but(policy=policy)) if data == b"account's" else None)
    (tmp_path / "blueprint.yaml").write_text(
        "project: p\nprefix: pp\nregion: eu-west-1\nenvironments: {one: {}, two: {}}\n"
    )
    scanned = verb.scan(tmp_path)
    assert planned.asked == ["one", "two", ACCOUNT]
    assert [(one.check, one.address, one.environment) for one in scanned.findings] == [
        ("aws-limits", address, ACCOUNT) for address in found
    ]
