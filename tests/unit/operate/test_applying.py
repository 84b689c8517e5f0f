"""A guarded environment changes only when its name is repeated, and what is to be pasted repeats it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.aws.clients import Aws
from harness.base.errors import HarnessError, UsageError
from harness.base.options import read_options
from harness.base.paths import Stack, Target
from harness.facts import FactError, read_blueprint
from harness.operate.applying import apply_saved, confirm
from harness.terraform import context as context_module
from harness.terraform import fingerprint
from harness.terraform.context import Context

HEAD = "project: shop\nprefix: shop\nregion: eu-west-1\nenvironments:\n"


@pytest.fixture(autouse=True)
def blueprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "blueprint.yaml").write_text(HEAD + "  free: {guarded: false}\n  silent: {}\n")
    monkeypatch.setattr(context_module, "read_blueprint", lambda: read_blueprint(tmp_path))


def context(environment: str, confirm: str = "", suffix: str = "") -> Context:
    options = read_options({"ENV": environment, "CONFIRM": confirm})
    return Context(options, Stack(environment, suffix or environment, Target.LOCAL), Aws(Target.LOCAL, {}, "r", ""))


def test_a_free_environment_changes_without_a_word() -> None:
    confirm(context("free"))
    assert context("free").apply_words == "ENV=free"


@pytest.mark.parametrize("word", ["", "free", "yes", "1", "alice"])
def test_one_that_says_nothing_is_guarded(word: str) -> None:
    with pytest.raises(UsageError, match="silent changes only on purpose -> add CONFIRM=silent"):
        confirm(context("silent", word, "alice"))


def test_its_own_name_lets_it_change() -> None:
    confirm(context("silent", "silent"))
    assert context("silent", suffix="alice").apply_words == "ENV=silent SUFFIX=alice CONFIRM=silent"


def test_a_refused_plan_is_refused_before_anybody_is_asked_to_confirm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stack, "folder", property(lambda _: tmp_path))
    monkeypatch.setattr(fingerprint, "inputs", lambda _: {})
    given = context("silent")
    given.stack.plan_bin.write_bytes(b"plan")
    given.stack.plan_json.write_bytes(b"{}")
    fingerprint.save_meta(given.stack, "", ["parity aws_x.this: differs"])
    with pytest.raises(HarnessError, match=r"(?s)1 finding keeps .*\nparity aws_x\.this: differs\n-> read about"):
        apply_saved(given)
    fingerprint.save_meta(given.stack, "", [])
    with pytest.raises(UsageError, match="changes only on purpose"):
        apply_saved(given)
    given.stack.plan_meta.unlink()
    with pytest.raises(UsageError, match="changes only on purpose"):
        apply_saved(given)


def test_one_that_is_not_listed_never_changes() -> None:
    with pytest.raises(FactError, match="lists no environment production"):
        confirm(context("production", "production"))
