"""The shortened show gives the stock one's bytes, and falls back to that whatever is off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.lanes import LOCK, Tools, living, topic, write_root

from harness.base.errors import ToolError
from harness.fastlane.command import run
from harness.fastlane.provider import locked_provider, provider_in_data_dir
from harness.fastlane.show import SchemaServer


@pytest.fixture(scope="module")
def planned(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, str]]:
    """A root, its plan by the stock CLI, and the environment that was made with."""
    tmp_path = tmp_path_factory.mktemp("planned")
    root, out = write_root(tmp_path / "root", topic("shown")), tmp_path / "plan.bin"
    env = {**tools.env, "TF_DATA_DIR": str(tmp_path / "data")}
    for command in (["init", "-lockfile=readonly"], ["plan", "-lock=false", f"-out={out}"]):
        run(str(tools.terraform), command, root, env)
    return root, out, env


def test_the_bytes_are_the_stock_ones_and_no_provider_is_started(
    tools: Tools, planned: tuple[Path, Path, dict[str, str]]
) -> None:
    root, out, env = planned
    stock = run(str(tools.terraform), ["show", "-json", str(out)], root, env)
    with SchemaServer(tools.provider, tools.cache_dir, tools.env) as first:  # fills the cache where it is empty
        assert first.show(tools.terraform, out, root, env) == stock

    mark = {"MARK": str(out)}
    with SchemaServer(tools.provider, tools.cache_dir, {**tools.env, **mark}) as schemas:
        assert schemas.environment(out)["TF_REATTACH_PROVIDERS"]
        # With no provider in the data folder the stock way cannot work: it was the short one.
        assert schemas.show(tools.terraform, out, root, {**env, "TF_DATA_DIR": env["TF_DATA_DIR"] + "-none"}) == stock
        assert not [line for _, line in living(str(out)) if "-debug" in line]
    assert living(str(out)) == []


def test_whatever_is_off_the_stock_way_is_taken(
    tools: Tools, planned: tuple[Path, Path, dict[str, str]], tmp_path: Path
) -> None:
    root, out, env = planned
    stock = json.loads(run(str(tools.terraform), ["show", "-json", str(out)], root, env))
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")

    with SchemaServer(Path("/bin/sh"), tools.cache_dir, tools.env) as not_a_provider:
        assert json.loads(not_a_provider.show(tools.terraform, out, root, env)) == stock
    with SchemaServer(tools.provider, in_the_way, tools.env) as no_place_for_schemas:
        assert no_place_for_schemas.environment(out) == {}
    with SchemaServer(tmp_path / "none", tools.cache_dir, tools.env) as no_provider:
        assert no_provider.environment(out) == {}
    assert SchemaServer(tools.provider, tools.cache_dir, tools.env).environment(out) == {}, "it was never started"


def test_a_socket_that_died_in_between_is_no_obstacle(
    tools: Tools, planned: tuple[Path, Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, out, env = planned
    with SchemaServer(tools.provider, tools.cache_dir, tools.env) as schemas:
        dead = schemas.environment(out)
    monkeypatch.setattr(schemas, "environment", lambda _: dead)

    assert json.loads(schemas.show(tools.terraform, out, root, env))["planned_values"]


def test_a_file_that_is_no_plan_is_the_stock_commands_error(tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "plan.bin").write_text("no plan")
    with (
        SchemaServer(tools.provider, tools.cache_dir, tools.env) as schemas,
        pytest.raises(ToolError, match=r"show -json plan\.bin failed"),
    ):
        schemas.show(tools.terraform, tmp_path / "plan.bin", tmp_path, tools.env)


def test_the_provider_is_the_one_the_lock_file_names(tools: Tools, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert locked_provider(tools.terraform, LOCK, cache, tools.env) == tools.provider
    (data,) = cache.glob("provider-*")
    assert provider_in_data_dir(data) == tools.provider
    assert locked_provider("no-terraform-needed", LOCK, cache, {}) == tools.provider, "it was looked for again"

    (data / "verified").write_text("another binary")
    with pytest.raises(OSError, match="no-terraform-needed"):
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
