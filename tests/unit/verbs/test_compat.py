"""Every release is tried, also after one that fails; VERSION names one alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.base.errors import UsageError
from harness.base.options import Options, read_options
from harness.terraform.releases import releases
from harness.verbs import compat


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Arguments that pytest is given; it fails for the first release alone."""
    calls: list[list[str]] = []

    def pytest_(_options: Options, arguments: list[str], *, name: str) -> int:
        calls.append([*arguments, name])
        return int(len(calls) == 1)

    monkeypatch.setattr(compat, "install_release", lambda release: Path("/build") / release / "program")
    monkeypatch.setattr(compat, "pytest", pytest_)
    return calls


def test_all_are_tried_and_one_that_fails_fails_the_verb(
    tried: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert compat.run(read_options({})) == 1
    assert tried == [
        ["tests/compat", f"--terraform=/build/{release}/program", f"pytest-terraform-{release}"]
        for release in releases()
    ]
    told = [line for line in capsys.readouterr().err.splitlines() if line.endswith((" FAILED", " ok"))]
    first, *others = releases()
    assert told == [f"  terraform {first} FAILED", *(f"  terraform {release} ok" for release in others)]


def test_one_alone_can_be_named(tried: list[list[str]]) -> None:
    tried.append([])
    assert compat.run(read_options({"VERSION": "1.15"})) == 0
    assert [call[-1] for call in tried[1:]] == ["pytest-terraform-1.15"]


def test_one_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no Terraform 0\.15 to try -> one of "):
        compat.run(read_options({"VERSION": "0.15"}))
