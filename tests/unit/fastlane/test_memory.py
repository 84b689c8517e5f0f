"""Checks remembered from one run to the next: clean ones, of this provider in this environment, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.lanes import Tools, topic, write_root

from harness.base import sealed
from harness.fastlane import memory
from harness.fastlane.command import PlanRejected
from harness.fastlane.equality import differences, normalise
from harness.fastlane.memory import Memory, kept


def test_what_is_kept_comes_back_and_of_two_writers_both(tmp_path: Path) -> None:
    file = tmp_path / "checks"
    for name in ("dev", "prod"):
        mine = Memory()
        mine.learn("Validate", name.encode(), b"clean")
        mine.keep(file, "key")
    back = kept(file, "key")
    assert back.recall("Validate", b"dev") == back.recall("Validate", b"prod") == b"clean"
    assert back.recall("Other", b"dev") is None


def test_what_was_used_last_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT", 2)
    mine = Memory()
    for name in (b"a", b"b", b"c"):
        mine.learn("Validate", name, b"clean")
    mine.recall("Validate", b"a")
    mine.keep(tmp_path / "checks", "key")
    back = kept(tmp_path / "checks", "key")
    assert [back.recall("Validate", name) for name in (b"a", b"b", b"c")] == [b"clean", None, b"clean"]


def test_a_foreign_torn_or_senseless_file_is_none(tmp_path: Path) -> None:
    mine, file = Memory(), tmp_path / "checks"
    mine.learn("Validate", b"x", b"clean")
    mine.keep(file, "key")
    assert kept(file, "key of another provider").recall("Validate", b"x") is None
    file.write_bytes(file.read_bytes()[:-1])
    assert kept(file, "key").recall("Validate", b"x") is None
    sealed.store(file, "key", b"no answers")
    assert kept(file, "key").recall("Validate", b"x") is None
    assert kept(tmp_path / "missing", "key").recall("Validate", b"x") is None


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    Memory([("Validate", b"x", b"clean")]).keep(tmp_path / "checks", "key")
    assert not (tmp_path / "checks").exists()


def test_the_next_lane_plans_the_same_without_asking_again(tools: Tools, tmp_path: Path) -> None:
    root = write_root(tmp_path, topic("remembered"))
    with tools.lane() as first:
        before = normalise(first.plan(root))
    (file,) = tools.cache_dir.glob("checks-*.bin")
    written = file.stat().st_mtime_ns
    with tools.lane() as second:
        assert differences(before, normalise(second.plan(root))) == []
    assert file.stat().st_mtime_ns == written, "a check was asked again"


def test_another_environment_asks_for_itself(tools: Tools, tmp_path: Path) -> None:
    root = write_root(tmp_path, topic("elsewhere"))
    with tools.lane() as here:
        here.validate(root)
    (file,) = tools.cache_dir.glob("checks-*.bin")
    written = file.stat().st_mtime_ns
    with tools.lane(AWS_REGION="us-east-1") as there:
        there.validate(root)
    assert file.stat().st_mtime_ns != written


def test_a_refusal_is_not_remembered_as_clean(tools: Tools, tmp_path: Path) -> None:
    root = write_root(tmp_path, 'resource "aws_sns_topic" "this" { kms_master_key_id = "x"\n signature_version = 7 }')
    for _ in range(2):
        with tools.lane() as lane, pytest.raises(PlanRejected, match="signature_version"):
            lane.validate(root)
