"""The arithmetic and the table of ``make bench``; what it measures is run by itself, never as a timed test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.base.errors import ToolError, UsageError
from harness.base.options import read_options
from harness.cli import main
from harness.lab.bench import benchmark, published
from harness.lab.bench.pairs import Comparison, Result, Spread, measure, timed
from harness.verbs import bench as verb


def told(*seconds: float) -> Comparison:
    """A comparison in which the usual way takes 10 s and ours the given seconds, by their own account."""
    ours = iter(seconds)
    return Comparison("case", "old", lambda: 10.0, "new", lambda: next(ours), most=0.2, rounds=len(seconds))


def test_ratios_are_taken_pair_by_pair() -> None:
    result = measure(told(1.0, 5.0, 2.0))

    assert result.ratio == Spread(0.1, 0.2, 0.5)
    assert (result.usual.median, result.ours) == (10.0, Spread(1.0, 2.0, 5.0))


@pytest.mark.parametrize(("seconds", "kept"), [((2.0, 2.0, 9.0), True), ((1.0, 2.1, 2.1), False)])
def test_a_promise_is_judged_by_the_median(seconds: tuple[float, ...], kept: bool) -> None:
    result = measure(told(*seconds))

    assert result.kept is kept
    assert ("**missed**" in published.markdown([result])) is not kept


def test_the_sides_take_turns_in_going_first() -> None:
    order: list[str] = []
    measure(Comparison("x", "a", lambda: order.append("a"), "b", lambda: order.append("b"), rounds=3))

    assert "".join(order) == "abbaab"


def test_what_tells_no_time_is_timed() -> None:
    assert 0 <= timed(lambda: {"no": "float"}) < 1


def test_the_page_keeps_its_words_and_gets_the_table(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{published.BEGIN}\nold table\n{published.END}\nafter\n")
    results = [measure(told(1.0))]

    for _ in range(2):
        published.publish(results, page)

    text = page.read_text()
    assert text.startswith(f"before\n{published.BEGIN}\n") and text.endswith(f"{published.END}\nafter\n")
    assert "old table" not in text and text.count("| case | old | 10.00 | new | 1.00 | 0.100 |") == 1


def test_a_page_without_a_place_for_the_table_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"words {published.BEGIN}")
    with pytest.raises(ToolError, match="no place for the table"):
        published.publish([], page)
    assert page.read_text() == f"words {published.BEGIN}"


def test_the_committed_page_has_its_place() -> None:
    text = published.PAGE.read_text()
    assert (text.count(published.BEGIN), text.count(published.END)) == (1, 1)


def test_an_unknown_comparison_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"nonsense.*lane, .*gate"):
        benchmark.bench("nonsense")


def test_the_report_holds_every_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, object] = {}
    monkeypatch.setattr(published, "write_report", lambda name, content: kept.update({name: content}))
    result: Result = measure(told(1.0, 3.0))
    published.record([result])

    report = kept["bench"]
    assert isinstance(report, dict)
    (line,) = report["results"]
    assert line["ratio"] == {"least": 0.1, "median": 0.2, "most": 0.3} and line["kept"] is True


@pytest.mark.parametrize(("seconds", "code"), [(2.0, 0), (2.1, 1)])
def test_the_verb_fails_when_a_promise_is_missed(
    seconds: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def one(only: str) -> list[Result]:
        asked.append(only)
        return [measure(told(seconds))]

    monkeypatch.setattr(verb, "build_bundle", lambda: "")
    monkeypatch.setattr(verb, "bench", one)

    assert verb.run(read_options({"ARGS": " gate "})) == code
    assert asked == ["gate"]
    printed = capsys.readouterr().out
    assert "0.200" in printed or "0.210" in printed
    assert ("MISSED" in printed) is bool(code)


def test_the_verb_answers_a_wrong_name_in_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.setenv("ARGS", "nonsense")
    monkeypatch.setattr(verb, "build_bundle", lambda: "")
    assert main(["bench"]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert "nonsense" in line and "gate" in line
