"""CI's one command installs a browser where there is none, goes on where it cannot, and always ends in make check."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.base.paths import REPO

Run = Callable[..., list[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run ``.ci/run`` of a copy where only stubs are on PATH; return what it called, in order."""
    script, programs, log = tmp_path / ".ci" / "run", tmp_path / "bin", tmp_path / "log"
    script.parent.mkdir()
    programs.mkdir()
    shutil.copy(REPO / ".ci" / "run", script)
    for name in ("bash", "dirname"):
        (programs / name).symlink_to(shutil.which(name) or "")

    def stub(name: str, last: str = "exit 0") -> None:
        file = programs / name
        file.write_text(f'#!{programs / "bash"}\necho "{name} $*" >> "{log}"\n{last}\n')
        file.chmod(0o755)

    def ran(*found: str, user: int = 0, apt: str = "exit 0", make: str = "exit 0", **env: str) -> list[str]:
        for name in found:
            stub(name)
        stub("id", f"echo {user}")
        stub("sudo", '"${@:2}"')
        stub("apt-get", apt)
        stub("make", make)
        code = subprocess.run([programs / "bash", script], env={"PATH": str(programs), **env}, check=False).returncode
        lines = log.read_text().splitlines()
        assert lines[-1] == "make check"
        assert code == int(make.rsplit(maxsplit=1)[-1])
        return [line for line in lines[:-1] if not line.startswith("id ")]

    return ran


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_nothing_is_installed_beside_a_browser(run: Run, name: str) -> None:
    assert run(name) == []


def test_a_browser_that_is_named_is_enough(run: Run) -> None:
    assert run("my-browser", BROWSER_PATH="my-browser") == []


INSTALLED = ["apt-get update", "apt-get install --yes --no-install-recommends chromium"]


def test_chromium_is_installed_where_there_is_none(run: Run) -> None:
    assert run() == INSTALLED


def test_whoever_is_not_root_asks_sudo(run: Run) -> None:
    assert run(user=1000) == [
        "sudo --non-interactive apt-get update",
        INSTALLED[0],
        f"sudo --non-interactive {INSTALLED[1]}",
        INSTALLED[1],
    ]


@pytest.mark.parametrize(("apt", "tried"), [("exit 100", INSTALLED[:1]), ("[[ $1 == update ]]", INSTALLED)])
def test_the_check_runs_where_nothing_can_be_installed_and_its_code_is_the_last(
    run: Run, apt: str, tried: list[str]
) -> None:
    assert run(apt=apt, make="exit 1") == tried
