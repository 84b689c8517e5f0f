"""The oracle at work: equal plans pass, and one that is not names root and path."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.lanes import LOCK, Tools, topic, write_root

from harness.base.errors import ToolError
from harness.fastlane.equality import unequal
from harness.fastlane.lane import Lane


def find(tools: Tools, roots: list[Path], scratch: Path) -> list[str]:
    found = unequal(roots, tools.terraform, tools.provider, tools.cache_dir, tools.env, scratch)
    return [f"{one.environment}: {one.message}" for one in found]


def test_equal_plans_and_one_that_is_not(tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roots = [write_root(tmp_path / name, topic("same", name)) for name in ("dev", "prod")]
    assert find(tools, roots, tmp_path / "first") == []

    plan = Lane.plan
    monkeypatch.setattr(Lane, "plan", lambda self, root: plan(self, root).replace(b'"Owner":"prod"', b'"Owner":"dev"'))

    (message,) = find(tools, roots, tmp_path / "second")
    assert message.startswith("prod: the fast lane's plan differs from the stock CLI's at ")
    assert "resource_changes[0].change.after.tags_all.Owner" in message


def test_a_lock_file_that_does_not_fit_stops_the_comparison(tools: Tools, tmp_path: Path) -> None:
    root = write_root(tmp_path / "dev", topic("same"))
    lines = LOCK.read_text().splitlines()
    wrong = "\n".join('    "h1:AAAA=",' if line.strip().startswith('"') else line for line in lines)
    (root / ".terraform.lock.hcl").write_text(wrong)

    with pytest.raises(ToolError, match="checksums"):
        find(tools, [root], tmp_path / "scratch")
