"""Files are written whole or not at all, and a saved plan knows what it was made from."""

import os
import shutil
from pathlib import Path

import pytest

from harness.base import paths
from harness.base.errors import HarnessError, StaleError, UsageError
from harness.base.paths import Stack, Target, ensure_folder, write_atomically
from harness.terraform import fingerprint


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small tree laid out like this one, with a saved plan of dev in it."""
    for name in (*INPUTS, *NO_INPUTS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    (tmp_path / "envs/dev/main.tf").symlink_to("../shared/main.tf")
    (tmp_path / "envs/dev/texts").symlink_to("../../elsewhere")
    (tmp_path / "elsewhere/again").symlink_to("../envs/dev")
    (tmp_path / "modules/gone.txt").symlink_to("nowhere")
    for module in (paths, fingerprint):
        monkeypatch.setattr(module, "REPO", tmp_path)
    monkeypatch.setattr(paths, "BUILD", tmp_path / "build")
    write_atomically(DEV.plan_bin, b"plan")
    write_atomically(DEV.plan_json, b"{}")
    fingerprint.save_meta(DEV, "", [])
    return tmp_path


DEV = Stack("dev", "dev", Target.LOCAL)
INPUTS = (
    "blueprint.yaml",
    "build/bundle/carts.json",
    "build/bundle/carts.zip",
    "build/bundle/items.json",
    "build/bundle/items.sha256",
    "build/bundle/items.zip",
    "envs/dev/.hidden/key.pem",
    "envs/dev/locals.tf",
    "envs/shared/main.tf",
    "lambda/carts/service.yaml",
    "lambda/items/handler.py",
    "lambda/items/openapi.yaml",
    "lambda/items/permissions.yaml",
    "lambda/items/service.yaml",
    "modules/function/permissions.yaml",
    "modules/table/main.tf",
    "modules/texts/deep/no-suffix",
    "modules/texts/page.tftpl",
)
NO_INPUTS = (
    "elsewhere/text.txt",
    "envs/dev/.terraform/modules/modules.json",
    "envs/dev/exceptions.yaml",
    "envs/dev/parity.yaml",
    "envs/dev/terraform.tfstate.backup",
    "envs/prod/locals.tf",
    "lambda/items/__pycache__/handler.pyc",
    "lambda/items/exceptions.yaml",
    "scripts/tool.py",
)


def test_an_untouched_plan_is_fresh(repo: Path) -> None:
    assert fingerprint.require_fresh(DEV).refusals == []


@pytest.mark.parametrize("name", INPUTS)
def test_a_changed_file_makes_the_plan_stale(repo: Path, name: str) -> None:
    (repo / name).write_text("two")
    with pytest.raises(StaleError, match=f"stale: .*{name} changed since -> make plan ENV=dev"):
        fingerprint.require_fresh(DEV)


@pytest.mark.parametrize(
    ("name", "known_as"),
    [("envs/shared/main.tf", "envs/dev/main.tf"), ("elsewhere/text.txt", "envs/dev/texts/text.txt")],
)
def test_a_changed_file_that_is_linked_into_the_root_makes_it_stale(repo: Path, name: str, known_as: str) -> None:
    (repo / name).write_text("two")
    with pytest.raises(StaleError, match=f"stale: {known_as}.* changed since"):
        fingerprint.require_fresh(DEV)


@pytest.mark.parametrize("name", [name for name in NO_INPUTS if not name.startswith("elsewhere")])
def test_what_no_plan_reads_may_change(repo: Path, name: str) -> None:
    (repo / name).write_text("two")
    assert fingerprint.require_fresh(DEV).refusals == []


def test_a_new_and_a_gone_file_make_it_stale(repo: Path) -> None:
    (repo / "modules/table/extra.tf").write_text("")
    with pytest.raises(StaleError, match=r"modules/table/extra\.tf"):
        fingerprint.require_fresh(DEV)
    (repo / "modules/table/extra.tf").unlink()
    (repo / "envs/dev/locals.tf").unlink()
    with pytest.raises(StaleError, match=r"envs/dev/locals\.tf"):
        fingerprint.require_fresh(DEV)


@pytest.mark.parametrize("file", [DEV.plan_bin.name, DEV.plan_json.name])
@pytest.mark.parametrize("data", [b"forged", None], ids=["another", "gone"])
def test_another_plan_in_its_place_is_refused(repo: Path, file: str, data: bytes | None) -> None:
    path = DEV.folder / file
    path.unlink() if data is None else path.write_bytes(data)
    with pytest.raises(StaleError, match=f"{file} is not the plan that was reviewed|there is no saved plan"):
        fingerprint.require_fresh(DEV)


def test_no_plan_says_how_to_make_one(repo: Path) -> None:
    shutil.rmtree(repo / "build")
    with pytest.raises(StaleError, match="no saved plan of dev -> make plan ENV=dev"):
        fingerprint.require_fresh(DEV)


@pytest.mark.parametrize("text", ["{", "[]", '{"files": {}}'])
def test_damaged_fingerprints_are_named(repo: Path, text: str) -> None:
    DEV.plan_meta.write_text(text)
    with pytest.raises(HarnessError, match="damaged"):
        fingerprint.require_fresh(DEV)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match=r"cannot write .*report\.json: No space left on device -> free disk space"):
        write_atomically(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    assert target.read_text() == "old"


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("")
    with pytest.raises(UsageError, match=r"cannot create .*build"):
        ensure_folder(tmp_path / "build" / "local")
