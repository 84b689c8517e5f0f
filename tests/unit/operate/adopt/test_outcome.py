"""How the last apply stands is read from what its worker left on disk, whenever that ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.base import paths
from harness.base.paths import Stack, Target
from harness.operate.adopt import journal
from harness.operate.adopt.journal import Outcome, begin, mark_path, outcome
from harness.terraform import detached
from harness.terraform.detached import End, Mark, own_mark, write_mark

STACK = Stack("dev", "dev", Target.LOCAL)
PLAN = {
    **{"format_version": "1.2", "terraform_version": "1.13.0", "variables": {"owner": {"value": "kay"}}},
    **{"errored": False, "complete": True, "applyable": True, "configuration": {"root_module": {}}},
}


@pytest.fixture(autouse=True)
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An apply has begun, and its worker has left a mark."""
    monkeypatch.setattr(paths, "BUILD", tmp_path)
    monkeypatch.setattr(journal, "load_meta", lambda _: type("Meta", (), {"files": {}}))
    STACK.folder.mkdir(parents=True)
    STACK.plan_json.write_text(json.dumps(PLAN))
    begin(STACK)
    write_mark(mark_path(STACK), own_mark())


def test_it_runs_while_a_process_of_its_session_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detached.Mark, "alive", lambda _: True)

    assert outcome(STACK) is Outcome.RUNNING


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (End.UNKNOWN, Outcome.INTERRUPTED),
        (End.FINISHED, Outcome.FINISHED),
        (End.HALTED, Outcome.INTERRUPTED),
        (End.FAILED, Outcome.FAILED),
    ],
)
def test_an_end_that_is_noted_while_the_process_is_looked_for_counts(
    end: End, expected: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(mark: Mark) -> bool:
        write_mark(mark_path(STACK), mark, end)
        return False

    monkeypatch.setattr(detached.Mark, "alive", ends)

    assert outcome(STACK) is expected
