"""The page of a plan, for a terminal and for a pull request: what is on it, what never is, and what it fits into."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.builder import Res, plan

from harness.base.findings import Finding, Severity
from harness.changes import changes
from harness.cost import Estimate, Line
from harness.plan import SENSITIVE, UNKNOWN, read_plan
from harness.report import screen
from harness.report.comment import LIMIT, comment
from harness.report.escaping import code, html_code, prose, unlinked
from harness.report.planned import Gate, PlanReport
from harness.report.screen import view_of
from harness.report.summary import render_summary
from harness.report.told import PLAIN, View
from harness.report.wording import columns, visible

FAILED = Finding(
    "alarm-liveness", Severity.ERROR, "aws_a.b", "cannot fire", "live", guideline="an alarm that cannot fire"
)
NOTE = Finding("unknown-types", Severity.NOTE, "aws_q.r", "nothing is known of it", "live")
GATES = (
    Gate("rules", "make plan", said="19 rules hold", held=tuple(f"rule-{n}" for n in range(19))),
    Gate("scan", "make scan", ran=False),
)
RECORDED = Path(__file__).parents[1] / "plan" / "recorded" / "edited.json"
MASKED = "(sensitive) changes"


def page(*resources: Res, gates: tuple[Gate, ...] = GATES, **more: Any) -> PlanReport:
    return PlanReport("live", changes(plan(*resources)), gates, **more)


def update(before: object, after: object, name: str = "size") -> Res:
    return Res("aws_x.this", {name: after}, action="update", before={name: before})


def lines(report: PlanReport, view: View = PLAIN) -> list[str]:
    return render_summary(report, view).splitlines()


def forced(attribute: str) -> Res:
    return replace(replaced(), forced_by=((attribute,),))


def replaced() -> Res:
    return Res("aws_t.this", {"key": "b", "size": 1}, action="replace", before={"key": "a", "size": 1})


def test_an_update_shows_old_and_new_aligned() -> None:
    report = page(Res("aws_x.this", {"size": 768, "name": "b"}, action="update", before={"size": 512, "name": "a"}))
    assert lines(report)[:5] == [
        "live: 1 to update",
        "  root module",
        "    ~ aws_x.this",
        '        ~ name: "a" → "b"',
        "        ~ size: 512 → 768",
    ]
    assert "!       size: 512 → 768" in comment(report, "whole").splitlines()


def test_what_is_destroyed_comes_first_and_outside_the_folds() -> None:
    report = page(update(1, 2), replaced(), Res("aws_y.gone", None, action="delete", before={"a": 1}))
    assert lines(report)[0] == "live: 1 to destroy, 1 to replace, 1 to update"
    assert [line for line in lines(report) if line.startswith(("-/+", "  - "))] == [
        "-/+ aws_t.this  is replaced: the old one is destroyed first",
        "  - aws_y.gone  is destroyed",
    ]
    assert '      ~ key: "a" → "b"  # forces replacement' in lines(page(forced("key")))
    text = comment(report, "whole")
    assert text.splitlines()[0].startswith("### ✅")
    assert "**2 destroyed or replaced**" in text.splitlines()[0]
    assert text.index("- aws_y.gone") < text.index("<details>")


def test_what_is_lost_with_an_object_is_told_and_what_is_made_anew_is_no_loss() -> None:
    table = Res("aws_dynamodb_table.this", {"hash_key": "b"}, action="replace", before={"hash_key": "a"})
    gone = Res("aws_cloudwatch_log_group.this", None, action="delete", before={"name": "a"})
    made = Res("aws_api_gateway_deployment.this", {"id": UNKNOWN}, action="replace-create-first", before={"id": "a"})
    report = page(table, gone, made)
    assert lines(report)[0] == "live: 1 to destroy, 1 to replace, 1 to make anew"
    told = "\n".join(lines(report))
    assert "aws_dynamodb_table.this  is replaced: the old one is destroyed first; its items are lost\n" in told
    assert "aws_cloudwatch_log_group.this  is destroyed; its logs are lost\n" in told
    assert "aws_api_gateway_deployment.this  is replaced: the new one is created first, then the old one d" in told
    text = comment(report, "whole")
    first = text.splitlines()[0]
    assert first == "### ✅ live: **2 destroyed or replaced** · 1 to destroy, 1 to replace, 1 to make anew"
    assert "is destroyed; its logs are lost" in text
    assert "**" not in comment(page(made), "whole").splitlines()[0]
    # One that goes altogether is a loss, and so is one that something is lost with.
    key = Res("aws_kms_key.this", {"id": UNKNOWN}, action="replace", before={"id": "a"})
    assert lines(page(key))[0] == "live: 1 to replace"
    assert lines(page(replace(made, after=None, action="delete")))[0] == "live: 1 to destroy"


def test_empty_values_of_a_replaced_object_that_only_fall_back_are_folded() -> None:
    before = {"a": "", "b": {}, "c": [], "d": 0, "e": False, "f": "x", "g": "", "key": "a"}
    after = {"a": None, "b": None, "c": UNKNOWN, "d": None, "e": None, "f": None, "g": "real", "key": "b"}
    remade = Res("aws_t.this", after, action="replace", before=before, forced_by=(("key",),))
    told = [line.strip() for line in lines(page(remade))[2:6]]
    assert told == [
        '~ key: "a" → "b"  # forces replacement',
        '~ f:   "x" → null',
        '~ g:   "" → "real"',
        "~ 5 attributes known after apply or back to their default: a, b, c, d, e",
    ]
    assert '        ~ a:   "" → null' in lines(page(replace(remade, action="update")))
    assert len(lines(page(remade), View(verbose=True))) > len(lines(page(remade)))


def test_creates_are_counted_by_type_and_listed_on_demand() -> None:
    many = [Res(f'aws_x.this["{n}"]', {"size": n}) for n in range(7)] + [Res("aws_y.this", {})]
    folded = render_summary(page(*many))
    assert "+ 8 to create: aws_x\u00a0×7, aws_y" in folded  # noqa: RUF001
    assert 'aws_x.this["3"]' not in folded
    listed = lines(page(*many), View(verbose=True))
    assert listed[listed.index('    + aws_x.this["3"]') + 1] == "        + size: 3"
    assert "    + aws_y.this" in lines(page(Res("aws_y.this", {})))


def test_what_only_follows_is_one_line_and_what_is_set_is_told() -> None:
    report = PlanReport("live", changes(read_plan(RECORDED.read_bytes())), ())
    told = lines(report)
    at = told.index("    ~ terraform_data.follows")
    assert re.fullmatch(r' +~ input: "[0-9a-f-]{36}" → \(known after apply\)', told[at + 1])
    assert told[at + 2] == "        ~ 1 attribute known after apply: output"
    assert not [line for line in told if "output:" in line and "→" in line]
    assert [line for line in lines(report, View(verbose=True)) if "output:" in line and "→" in line]


def test_moves_imports_and_forgets_are_told_in_words() -> None:
    text = render_summary(page(Res("aws_x.gone", None, action="forget", before={"a": 1})))
    assert "x aws_x.gone  is forgotten: the object stays" in text


def test_rules_are_folded_and_findings_are_told_in_full() -> None:
    gates = (Gate("rules", "make plan", (FAILED, NOTE), "18 of 19 hold", ("rule-1",)), *GATES[1:])
    text = render_summary(page(gates=gates))
    assert "  error alarm-liveness aws_a.b\n      cannot fire\n" in text
    assert "rules: 1 error, 1 note, 18 of 19 hold\n" in text
    assert "rule-1" not in text
    assert "rule-1" in render_summary(page(gates=gates), View(verbose=True))
    assert comment(page(gates=gates), "whole").startswith("### ❌ live: no changes")
    assert "19 rules hold" in render_summary(page())


def test_the_last_line_names_the_gates_that_did_not_run() -> None:
    assert lines(page())[-1] == "not run: scan (make scan)"
    assert "- not run: scan (`make scan`)" in comment(page(), "whole")


def test_cost_is_told_now_and_then() -> None:
    def costs(usd: float) -> Estimate:
        return Estimate((Line("aws_x.this", "alarm", 1, usd, True),), ())

    assert page(now=costs(10), then=costs(12.5)).cost == "about 10.00 → 12.50 USD a month (+2.50)"
    assert page(now=costs(10), then=costs(10)).cost == "about 10.00 USD a month, as now"
    assert page(then=costs(10)).cost == "about 10.00 USD a month (nothing is billed before)"
    assert "cost: about 10.00 → 12.50" in comment(page(now=costs(10), then=costs(12.5)), "whole")


def test_long_texts_are_cut_where_they_differ_and_say_their_length() -> None:
    before, after = "x" * 5000 + "old" + "y" * 5000, "x" * 5000 + "new" + "y" * 5001
    text = render_summary(page(update(before, after)))
    assert re.search(r"- …x+oldy+… \(10,003 characters\)", text)
    assert re.search(r"\+ …x+newy+… \(10,004 characters\)", text)
    assert "… (9,000 characters)" in render_summary(page(update({}, {"a": "z" * 9000})))


def test_a_document_that_says_the_same_is_said_to_be_written_differently() -> None:
    text = render_summary(page(update('{"a": 1}', '{ "a": 1 }')))
    assert "~ size: the same JSON document, written differently" in text


@pytest.mark.parametrize("width", [80, 120, 160])
def test_every_line_fits(width: int) -> None:
    wide = [
        update("漢字" * 200, "漢字" * 100 + "x" * 300, "a" * 30),
        *(Res(f"aws_{n}.x", {}) for n in "abcdefghijklmnop"),
    ]
    text = render_summary(page(*wide, basis="word " * 60), View(width))
    assert [line for line in text.splitlines() if columns(line) > width] == []
    assert "(300 characters)" not in text


def test_columns_are_those_of_a_terminal() -> None:
    assert [columns(text) for text in ("abc", "漢字", "e\u0301", "")] == [3, 4, 1, 0]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "colour"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "0"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    stream: io.StringIO, environment: dict[str, str], colour: bool
) -> None:
    view = view_of(stream, environment)
    assert view.colour is colour
    assert ("\x1b[" in render_summary(page(update(1, 2)), view)) is colour


@pytest.mark.parametrize(("columns", "width"), [("20", 80), ("100", 100), ("500", 160)])
def test_the_width_is_the_terminals_within_bounds(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert screen.view_of(Terminal(), {}).width == width
    assert screen.view_of(io.StringIO(), {}).width == 120


HOSTILE = "\x1b]0;owned\x07\x1b[2J\r\x00\x9b31m\u202egnp.exe\u2028</details>\n```\n@somebody #12 | `x` <script> ![a](b)"


def test_no_control_character_reaches_a_page() -> None:
    resources = [
        update("a", HOSTILE),
        Res("aws_y.this", {HOSTILE: HOSTILE}, action="update", before={HOSTILE: "x"}),
        Res("aws_z.this", {"a": {HOSTILE: [HOSTILE]}}, action="update", before={"a": None}),
    ]
    # A document may hold what the plan's own JSON may not: half a character.
    resources.append(Res("aws_w.this", {"a": '{"k": "\\ud800"}'}, action="update", before={"a": '{"k": 1}'}))
    odd = HOSTILE + "\ud800"
    bad = Finding("x", Severity.ERROR, odd, odd, guideline=odd)
    report = page(*resources, gates=(Gate(odd, odd, (bad,), odd), *GATES), basis=odd, lines=(odd,))
    for text in (render_summary(report), comment(report, odd)):
        text.encode()
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028\ud800]", text)
        assert "gnp.exe" in text


def test_markdown_in_values_stays_text() -> None:
    report = page(update("a", HOSTILE), gates=(Gate("rules", "m", (Finding("x", Severity.ERROR, HOSTILE, HOSTILE),)),))
    outside = outside_code(comment(report, "whole"))
    assert outside.count("</details>") == outside.count("<details>")
    assert not re.search(r"<script|@somebody|(?<!&)#12|!\[|(?<!`)`x`", outside)


def outside_code(text: str) -> str:
    """Take the blocks of code out of a page as GitHub does: a fence ends at as many backticks."""
    kept, fence = [], ""
    for line in text.splitlines():
        ticks = re.match(r"`{3,}", line)
        if not fence:
            fence = ticks.group() if ticks else ""
            kept += [] if fence else [line]
        elif line.strip() == fence:
            fence = ""
    assert not fence
    return "\n".join(kept)


def test_a_fence_is_longer_than_any_in_a_value() -> None:
    text = comment(page(update("a", "`````\n`````")), "whole")
    assert "``````diff" in text


def test_words_and_code_in_markdown() -> None:
    assert prose("a_b @me #1 <b> *x*") == "a&#95;b @\u200bme #\u200b1 &#60;b&#62; &#42;x&#42;"
    assert prose("GH-12 and gh-1") == "GH\u200b-12 and gh\u200b-1"
    assert prose("see https://a.example") == "see https://a.example"
    assert unlinked("_http://a https://b ftp://c www.d.example") == (
        "&#95;http:\u200b//a https:\u200b//b ftp:\u200b//c www\u200b.d.example"
    )
    assert code("aws_x.this") == "`aws_x.this`"
    assert code("a|b`c") == "<code>a&#124;b&#96;c</code>"
    assert code(" ") == "-"
    assert html_code("a<b") == "<code>a&#60;b</code>"


def test_a_page_that_is_too_long_is_cut_between_blocks_and_says_so() -> None:
    many = [
        Res(f"aws_{kind}.this{n}", {"a": f"{n}" * 40}, action="update", before={"a": "x"})
        for kind in ("x", "y")
        for n in range(900)
    ]
    text = comment(page(replaced(), *many), "build/plan.txt")
    assert len(text) <= LIMIT
    assert len(text) > LIMIT * 0.8
    assert "Left out, wholly or in part: `root module`, `rules that hold`. The whole is in `build/plan.txt`." in text
    assert re.search(r"# … [\d,]+ more lines\n```\n\n</details>", text)
    assert "-/+ aws_t.this" in text
    outside = outside_code(text)
    assert outside.count("<details>") == outside.count("</details>")
    assert "Cut to" not in comment(page(replaced()), "whole")


@pytest.mark.parametrize("letter", ["m", "_"])
def test_no_text_is_too_long_for_the_verdict_and_what_is_destroyed(letter: str) -> None:
    text = letter * 70_000
    finding = Finding(text, Severity.ERROR, text, text, "live", guideline=text)
    gates = (
        Gate("rules", "make plan", (finding, replace(finding, check="second")), text, (text,)),
        Gate(text, text, ran=False),
    )
    report = page(replaced(), update(1, 2), gates=gates, basis=text, lines=(text,) * 50)
    written = comment(report, "build/plan.txt")
    assert len(written) <= LIMIT
    assert written.startswith("### ❌ live: **1 destroyed or replaced**")
    shown = prose(letter)
    assert re.search(rf"- ❌ rules: 2 errors, ({shown})+… \(70,", written)
    assert f"{shown * 400}… (70,000 characters)" in written
    assert "- 40 more lines" in written
    assert "-/+ aws_t.this" in written
    assert "- ❌ **second** " in written
    assert "!       size: 1 → 2" in written


def test_many_long_findings_are_cut_between_them() -> None:
    findings = tuple(Finding(f"c{n}", Severity.ERROR, "aws_x.y", "_" * 900) for n in range(40))
    text = comment(page(gates=(Gate("rules", "make plan", findings),)), "whole")
    assert LIMIT * 0.7 < len(text) <= LIMIT
    assert "Left out, wholly or in part: `findings`" in text


def test_no_text_links_out_of_a_page() -> None:
    link = "https://evil.example www.evil.example GH-1"
    gates = (Gate("rules", link, (Finding(link, Severity.ERROR, link, link, guideline=link),), link),)
    outside = outside_code(comment(page(update(link, 1), gates=gates, basis=link, lines=(link,)), "whole"))
    assert not re.search(r"https?://|www\.|GH-1", re.sub(r"`[^`]*`", "", outside))


def test_findings_that_are_too_many_are_left_out_whole() -> None:
    findings = tuple(Finding(f"c{n:04}", Severity.ERROR, "aws_x.y", "m" * 300) for n in range(400))
    text = comment(page(update(1, 2), gates=(Gate("rules", "make plan", findings),)), "whole")
    assert len(text) <= LIMIT
    assert "- ❌ rules: 400 errors" in text
    assert "Left out, wholly or in part: `findings`" in text


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
)


@st.composite
def with_secrets(draw: st.DrawFn) -> tuple[object, object]:
    """A tree, and the same with secrets hidden in it where a mask says so."""
    tree = draw(TREES)
    return {"open": tree, "deep": [{"pw": SENSITIVE}, tree], "copy": "=hidden=" if draw(st.booleans()) else 1}, tree


@settings(max_examples=150, deadline=None)
@given(before=TREES, pair=with_secrets(), verbose=st.booleans())
def test_no_secret_is_on_any_page(before: object, pair: tuple[object, object], verbose: bool) -> None:
    after, _ = pair
    sides = {"open": before, "deep": [{"pw": "hunter2-before"}, before], "copy": "hunter2-before!"}
    report = page(Res("aws_x.this", {"all": after}, action="update", before={"all": sides}))
    for text in (render_summary(report, View(verbose=verbose)), comment(report, "whole")):
        assert "hunter2" not in text
        assert visible(text.replace("\n", "")) == text.replace("\n", "")


def test_a_changed_secret_is_said_to_change_and_an_unchanged_one_is_not() -> None:
    assert f"all.pw: {MASKED}" in render_summary(
        page(Res("aws_x.this", {"all": {"pw": SENSITIVE}}, action="update", before={"all": {"pw": "other"}}))
    )
    same = Res("aws_x.this", {"all": {"pw": SENSITIVE}}, action="update", before={"all": {"pw": "hidden"}})
    assert "hidden" not in render_summary(page(same))
