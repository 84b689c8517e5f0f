"""``make inventory`` takes one of ENV and MODULE, and says what it wrote."""

from __future__ import annotations

import pytest

from harness.base.errors import UsageError
from harness.base.options import read_options
from harness.verbs import inventory


def run(monkeypatch: pytest.MonkeyPatch, made: str | tuple[str, ...], **variables: str) -> list[tuple[str, bool, str]]:
    """Run the verb with each of its works made a record of how it was called."""
    called: list[tuple[str, bool, str]] = []

    def work(what: str, write: bool) -> object:
        return lambda name: called.append((what, write, name)) or made  # type: ignore[func-returns-value]

    monkeypatch.setattr(inventory, "_WORK", {key: work(*key) for key in inventory._WORK})
    assert inventory.run(read_options(variables)) == 0
    return called


def test_a_suggestion_is_printed_as_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "counts: {}\n", ENV="account") == [("environment", False, "account")]
    assert capsys.readouterr().out == "counts: {}\n"


def test_what_was_rewritten_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, ("a: got 1, expected 2",), MODULE="table", WRITE="1") == [("module", True, "table")]
    assert capsys.readouterr().out == "a: got 1, expected 2\ntable: rewritten; review the diff\n"


def test_that_all_holds_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, (), ENV="account", WRITE="1") == [("environment", True, "account")]
    assert capsys.readouterr().out == "account: everything holds, nothing written\n"


@pytest.mark.parametrize("variables", [{}, {"ENV": "account", "MODULE": "table"}])
def test_one_of_env_and_module_is_needed(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="inventory takes ENV or MODULE"):
        run(monkeypatch, (), **variables)
