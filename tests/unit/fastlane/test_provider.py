"""The provider is the one of the lock file, verified, or there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.support.lanes import LOCK, Tools, write_root

from harness.base.errors import ToolError
from harness.fastlane.provider import locked_provider, provider_in_data_dir
from harness.terraform import binary
from harness.terraform.runner import Runner


def test_the_provider_is_the_one_the_lock_file_names(tools: Tools, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert locked_provider(tools.terraform, LOCK, cache, tools.env) == tools.provider
    (data,) = cache.glob("provider-*")
    assert provider_in_data_dir(data) == tools.provider
    assert locked_provider("no-terraform-needed", LOCK, cache, {}) == tools.provider, "it was looked for again"

    (data / "verified").write_text("another binary")
    with pytest.raises(ToolError, match="no-terraform-needed"):
        locked_provider("no-terraform-needed", LOCK, cache, {})


@pytest.mark.parametrize(
    ("change", "message"),
    [(lambda text: text.replace("hashicorp/aws", "other/aws"), "names no"), (lambda text: "", "names no")],
)
def test_a_lock_file_without_the_provider_is_refused(
    tools: Tools, tmp_path: Path, change: object, message: str
) -> None:
    lock = tmp_path / "lock"
    lock.write_text(change(LOCK.read_text()))  # type: ignore[operator]
    with pytest.raises(ToolError, match=message):
        locked_provider(tools.terraform, lock, tmp_path / "cache", tools.env)


def test_a_provider_that_the_lock_files_checksums_do_not_match_is_refused(tools: Tools, tmp_path: Path) -> None:
    lines = LOCK.read_text().splitlines()
    lock = tmp_path / "lock"
    lock.write_text("\n".join('    "h1:AAAA=",' if line.strip().startswith('"') else line for line in lines))
    with pytest.raises(ToolError, match="is not the one of the lock file, its checksum differs -> do not use it"):
        locked_provider(tools.terraform, lock, tmp_path / "cache", tools.env)
    with pytest.raises(ToolError, match="0 AWS providers"):
        provider_in_data_dir(tmp_path)


@pytest.mark.parametrize("by", ["the lane", "an operator"])
def test_an_edited_provider_in_a_mirror_is_refused_and_never_run(
    by: str, tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tools.provider.relative_to(tools.provider.parents[5])
    edited = tmp_path / "mirror" / place
    edited.parent.mkdir(parents=True)
    edited.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    edited.chmod(0o755)
    monkeypatch.setattr(binary, "BUILD", tmp_path / "build")
    config = binary.cli_config({"TF_PLUGIN_MIRROR": str(tmp_path / "mirror")})
    env = {**os.environ, "TF_CLI_CONFIG_FILE": str(config), "TF_DATA_DIR": str(tmp_path / "data")}
    root = write_root(tmp_path / "root", 'terraform {\n  backend "local" {}\n}\n')
    (root / "backend.hcl").write_text("")
    with pytest.raises(ToolError) as refused:
        if by == "the lane":
            locked_provider(tools.terraform, LOCK, tmp_path / "cache", env)
        else:
            Runner(tools.terraform, root, env).init({}, root / "backend.hcl")
    assert str(refused.value).startswith("the provider is not the one of the lock file, its checksum differs -> do not")
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "ran").exists()
