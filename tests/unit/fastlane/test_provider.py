"""The provider is the one of the lock file, verified, or there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.lanes import LOCK, Tools

from harness.base.errors import ToolError
from harness.fastlane.provider import locked_provider, provider_in_data_dir


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
    with pytest.raises(ToolError, match="found no provider"):
        locked_provider(tools.terraform, lock, tmp_path / "cache", tools.env)
    with pytest.raises(ToolError, match="0 AWS providers"):
        provider_in_data_dir(tmp_path)
