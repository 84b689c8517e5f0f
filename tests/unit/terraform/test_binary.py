"""Finding Terraform and its provider, and refusing a release that is not HashiCorp's."""

import hashlib
import io
import os
import re
import zipfile
from pathlib import Path

import pytest

from harness.base.errors import ToolError
from harness.terraform import binary


def program(path: Path, version: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho \'{{"terraform_version": "{version}"}}\'\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def path_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(binary, "TOOLS", tmp_path / "ours")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/bin{os.pathsep}/usr/bin")
    return tmp_path / "bin"


@pytest.mark.parametrize("version", ["1.11.0", "1.11.4", "1.15.5", "1.15.99"])
def test_what_is_on_path_and_was_tried_is_used(path_only: Path, version: str) -> None:
    found = program(path_only / "terraform", version)
    assert binary.find_terraform() == found


def test_the_version_that_setup_fetches_was_tried() -> None:
    assert binary.unfit(tuple(map(int, binary.wanted_version().split(".")))) == ""


def test_ours_comes_first(path_only: Path, tmp_path: Path) -> None:
    program(path_only / "terraform", "1.13.0")
    ours = program(tmp_path / "ours" / "terraform", "1.11.4")
    assert binary.find_terraform() == ours


def test_none_at_all_says_what_to_do(path_only: Path) -> None:
    with pytest.raises(ToolError, match=r"Terraform is not installed -> run make setup, or install Terraform 1\."):
        binary.find_terraform()


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        ("1.10.5", r"terraform on PATH is 1\.10\.5, older than 1\.11\.0 -> run make setup"),
        ("1.16.0", r"terraform on PATH is 1\.16\.0, newer than what was tried: before 1\.16\.0 -> run make setup"),
    ],
)
def test_only_one_that_was_not_tried_says_so(path_only: Path, version: str, problem: str) -> None:
    program(path_only / "terraform", version)
    with pytest.raises(ToolError, match=problem):
        binary.find_terraform()


def test_one_of_ours_that_is_too_old_gives_way(path_only: Path, tmp_path: Path) -> None:
    program(tmp_path / "ours" / "terraform", "1.10.0")
    found = program(path_only / "terraform", "1.12.2")
    assert binary.find_terraform() == found


def test_a_program_that_is_not_terraform_is_refused(path_only: Path) -> None:
    program(path_only / "terraform", "x").write_text("#!/bin/sh\necho hello\n")
    with pytest.raises(ToolError, match="not readable"):
        binary.find_terraform()


def test_words_of_the_shell_that_terraform_refuses_are_named(path_only: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(path_only / "terraform", "x").write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setenv("TF_CLI_ARGS", "y")
    with pytest.raises(ToolError, match="-> unset TF_CLI_ARGS, whose words Terraform takes for every command"):
        binary.find_terraform()
    monkeypatch.delenv("TF_CLI_ARGS")
    with pytest.raises(ToolError, match="-> reinstall Terraform"):
        binary.find_terraform()


def release(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("terraform", content)
    return buffer.getvalue()


def test_a_release_with_the_kept_checksum_is_unpacked(tmp_path: Path) -> None:
    data = release(b"binary")
    binary.unpack_release(data, hashlib.sha256(data).hexdigest(), "terraform_1.zip", tmp_path / "terraform")
    assert (tmp_path / "terraform").read_bytes() == b"binary"
    assert os.access(tmp_path / "terraform", os.X_OK)


def test_a_release_that_is_another_file_is_refused_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever serves it may serve a list of checksums that fits, too: the one that counts is kept here."""
    monkeypatch.setattr(binary, "TOOLS", tmp_path)
    served = release(b"edited")
    asked: list[str] = []

    def get(url: str) -> bytes:
        asked.append(url)
        return served

    monkeypatch.setattr(binary, "_get", get)
    with pytest.raises(ToolError) as refused:
        binary.fetch_terraform()
    assert [url.rpartition("/")[2] for url in asked] == [
        f"terraform_{binary.wanted_version()}_{binary._platform()}.zip"
    ]
    said = (
        rf"terraform_\S+\.zip: SHA-256 {hashlib.sha256(served).hexdigest()} is not the one that is kept \(requirements"
    )
    assert re.match(said, str(refused.value))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("system", ["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"])
def test_the_release_that_setup_fetches_has_a_checksum_for_each_system(system: str) -> None:
    assert re.fullmatch("[0-9a-f]{64}", binary.kept_checksum(f"terraform_{binary.wanted_version()}_{system}.zip"))


def test_a_release_without_a_checksum_is_not_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary, "wanted_version", lambda: "1.11.99")
    monkeypatch.setattr(binary, "_get", pytest.fail)
    with pytest.raises(
        ToolError, match=r"no checksum of terraform_1\.11\.99_\S+ is kept \(requirements/terraform/SHA2"
    ):
        binary.fetch_terraform()


def test_the_download_failing_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary, "_RELEASES", "http://127.0.0.1:9")
    with pytest.raises(ToolError, match=r"cannot download Terraform .* -> install Terraform"):
        binary.fetch_terraform()


def test_a_named_mirror_must_hold_the_provider(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"TF_PLUGIN_MIRROR=.* holds no registry"):
        binary.provider_mirror({"TF_PLUGIN_MIRROR": str(tmp_path)})
    (tmp_path / binary.PROVIDER_HOST).mkdir()
    assert binary.provider_mirror({"TF_PLUGIN_MIRROR": str(tmp_path)}) == tmp_path


def test_an_implied_mirror_comes_before_a_vendored_one(tmp_path: Path) -> None:
    implied = tmp_path / ".terraform.d/plugins"
    (implied / binary.PROVIDER_HOST / "hashicorp" / "aws").mkdir(parents=True)
    assert binary.provider_mirror({"HOME": str(tmp_path)}) == implied


def test_without_a_mirror_the_registry_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary, "BUILD", tmp_path)
    monkeypatch.setattr(binary, "provider_mirror", lambda environment: None)
    assert "provider_installation" not in binary.cli_config().read_text()
