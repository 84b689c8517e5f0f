"""A page is well-formed, holds what it is made from and no secret, takes nothing for markup, and needs nothing else."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.page_plans import HOSTILE, OLD_SECRET, PRICES, SECRET, change, document, every_kind, facts

from harness.base.findings import Finding, Severity
from harness.base.paths import REPO
from harness.cost import estimate
from harness.parity.declared import Declaration, Difference
from harness.plan import SENSITIVE, UNKNOWN, Plan, read_plan
from harness.plan.values import NOTHING
from harness.report import Report
from harness.report.page import Entry, Parity, located, page_of, render_index, render_page
from harness.report.page.alarm_rows import alarm_rows
from harness.report.page.words import counted, shown, visible
from harness.rules import RuleReport

_VOID = {"meta", "link", "br"}
_UNCLOSED = {"path", "rect"}


class Parsed(HTMLParser):
    """A page's elements, texts and attributes; refuses what is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _UNCLOSED, tag
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, name: str) -> list[str]:
        """Values of an attribute, wherever it stands."""
        return [value for known, value in self.attributes if known == name]


@pytest.fixture(scope="module")
def text() -> str:
    return render_page(page_of(facts(every_kind())))


def test_it_is_well_formed_and_its_anchors_lead_somewhere(text: str) -> None:
    parsed = Parsed(text)
    identifiers = parsed.all("id")
    assert len(identifiers) == len(set(identifiers))
    inside = {link.removeprefix("#") for link in parsed.all("href") if link.startswith("#")}
    assert len(inside) > 10
    assert inside <= set(identifiers)


def test_it_fetches_and_runs_nothing(text: str) -> None:
    parsed = Parsed(text)
    assert not parsed.tags.keys() & {"script", "img", "iframe", "object", "embed", "form", "base", "audio", "video"}
    assert [name for name, _ in parsed.attributes if name.startswith("on") or name in ("src", "style", "srcset")] == []
    outside = [link for link in parsed.all("href") if not link.startswith("#")]
    assert sorted(outside) == ["../../docs/runbooks/lambda-errors.md", "data:,"]
    policy = next(value for value in parsed.all("content") if value.startswith("default-src"))
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert "script" not in policy
    assert not re.search(r"url\(|@import|https?:", text.partition("<style>")[2].partition("</style>")[0])


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_no_secret_is_in_its_source(text: str, secret: str) -> None:
    # They stand on both sides of the plan, in documents, outputs, variables, drift and left-over objects.
    assert secret not in text
    assert secret.encode().hex() not in text.encode().hex()
    assert text.count("(sensitive)") >= 10


def test_hostile_text_stays_text_wherever_it_stands(text: str) -> None:
    parsed = Parsed(text)
    made_visible = "</td><script>alert(1)</script>\"'&\\u2028\\u202e\\u001b[31m`"
    assert any(made_visible in one for one in parsed.texts)
    assert parsed.tags["script"] == 0
    assert HOSTILE not in text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text)


@settings(deadline=None)
@given(st.text(st.characters(codec=None)))
def test_any_text_is_written_without_what_nobody_sees(value: str) -> None:
    written = visible(value)
    written.encode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff\ufffe\uffff]", written)
    assert visible(written) == written


@settings(deadline=None)
@given(st.text(st.characters(codec=None), min_size=1, max_size=20))
def test_any_name_and_value_leaves_the_page_well_formed(value: str) -> None:
    plan = (
        read_plan(document([change("aws_x.this", "create", None, {"a": value, value: "b"})])) if utf8(value) else None
    )
    found = Finding(value, Severity.ERROR, value, value, value, value, 1, value)
    made = facts(plan or every_kind())
    page = page_of(replace(made, title=value, parity=Parity(value, (found,)), scan=Report("scan", (found,))))
    Parsed(render_page(page))


def utf8(value: str) -> bool:
    """Tell whether Terraform could write this text."""
    return not re.search(r"[\ud800-\udfff]", value)


def test_the_verdict_counts_every_gate_and_notes_fail_nothing() -> None:
    broken = page_of(facts(every_kind()))
    assert broken.failed
    assert broken.verdict == "3 findings (1 of the rules, 1 of parity, 1 of the scan); 1 of 2 rules hold"
    clean = facts(every_kind(), broken=False)
    assert not page_of(clean).failed
    assert page_of(clean).verdict.startswith("2 of 2 rules hold, nothing undeclared differs from other")
    note = Finding("hint", Severity.NOTE, "", "only said")
    noted = page_of(replace(clean, scan=Report("scan", (note,))))
    assert not noted.failed
    assert "only said" in render_page(noted)


def test_findings_come_worst_first_and_their_anchors_stay() -> None:
    page = page_of(facts(every_kind()))
    assert [one.severity for one in page.found] == ["error", "error", "warning"]
    finding = Finding("CKV 1/x", Severity.ERROR, "a.b", "m", "e", "f", 7)
    anchors = [
        located("scan", one).anchor for one in (finding, replace(finding, line=9), replace(finding, message="n"))
    ]
    assert anchors[0] == anchors[1] != anchors[2]
    assert re.fullmatch(r"finding-ckv-1-x-[0-9a-f]{10}", anchors[0])


def test_what_is_lost_stands_first_with_what_forces_it() -> None:
    page = page_of(facts(every_kind()))
    assert [(one.verb, one.name) for one in page.destroyed] == [
        ("destroy", "aws_sns_topic.gone"),
        ("destroy", "module.f.aws_lambda_alias.live"),
        ("replace", "module.t.aws_dynamodb_table.this"),
    ]
    (forced,) = page.destroyed[2].edits
    assert (forced.path, forced.before.text, forced.forces) == ("hash_key", "id", True)
    assert page.destroyed[2].notes == ("its items are lost", "Terraform's reason: replace because cannot update")


def test_every_kind_of_change_is_told() -> None:
    page = page_of(facts(every_kind()))
    assert [one.text for one in page.happens] == [
        "- 2 to destroy", "± 1 to replace", "~ 3 to update", "x 1 to forget", "+ 2 to create", "= 2 to move or import",
    ]  # fmt: skip
    sections = {one.title: one for one in page.sections}
    notes = {one.name: one.notes for one in sections["root"].things}
    assert notes["aws_sns_topic.moved"] == ("moved from aws_sns_topic.before",)
    assert notes["aws_sns_topic.taken"] == ("imported: arn:topic",)
    edits = {one.name: one.edits for one in sections["module.f"].things}
    told = {one.path: (one.before.text, one.after.text) for one in edits["module.f.aws_lambda_function.this"]}
    assert told["memory_size"] == ("512", "768")
    assert told["environment[0].variables.TOKEN"] == ("(sensitive)", "(sensitive)")
    (inside,) = edits["module.f.aws_iam_role_policy.read"]
    assert (inside.path, inside.inside, inside.after.text) == ("policy", 'Statement["Read"].Action', "s3:PutObject")
    made = next(one for title, one in sections.items() if title.startswith("module.made"))
    assert [kind for kind, _ in made.folded] == ["aws_sns_topic"]
    assert [one.name for one in page.outputs] == ["key", "url"]
    assert [one.title for one in page.drift] == ["module.f"]
    assert dict(page.variables)["token"] == "(sensitive)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (512, "512"),
        (True, "true"),
        (None, "null"),
        ("", '""'),
        ("é", "é"),
        (SENSITIVE, "(sensitive)"),
        (UNKNOWN, "(known after apply)"),
        (NOTHING, "(nothing)"),
        ([1, SENSITIVE, {"a": UNKNOWN}], '[1, (sensitive), {"a": (known after apply)}]'),
        ("x" * 2000, "x" * 1480 + "… (2,000 characters)"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_values_in_words(value: object, text: str) -> None:
    assert shown(value) == text


def test_numbers_and_their_nouns() -> None:
    assert [counted(number, "rule") for number in (0, 1, 1200)] == ["0 rules", "1 rule", "1,200 rules"]


def alarms(**values: object) -> Plan:
    base = {"alarm_name": "a", "namespace": "N", "metric_name": "M", "statistic": "Sum", "threshold": 1.5}
    return read_plan(document([change("aws_cloudwatch_metric_alarm.this", "create", None, base | values)]))


@pytest.mark.parametrize(
    ("values", "fires", "window"),
    [
        ({"comparison_operator": "LessThanThreshold", "period": 60, "evaluation_periods": 3, "datapoints_to_alarm": 2},
         "M Sum < 1.5", "2 of 3 periods of 60 s"),
        ({"comparison_operator": "GreaterThanOrEqualToThreshold", "statistic": None, "extended_statistic": "p99",
          "evaluation_periods": 1, "threshold": 3_000_000}, "M p99 ≥ 3,000,000", "1 of 1 periods"),
        ({"comparison_operator": "LessThanLowerThreshold", "threshold_metric_id": "ad1", "evaluation_periods": 1,
          "metric_query": [{"id": "ad1", "expression": "BAND(m1)"}, {"id": "m1", "metric": [{"x": 1}]}]},
         'BAND(m1); [{"x": 1}] below the band of ad1', "1 of 1 periods"),
        ({"comparison_operator": "NewOperator", "evaluation_periods": 1}, "M Sum NewOperator 1.5", "1 of 1 periods"),
    ],
)  # fmt: skip
def test_alarms_in_words(values: dict[str, object], fires: str, window: str) -> None:
    (row,) = alarm_rows(alarms(**values))
    assert (row.fires, row.window) == (fires, window)


@pytest.mark.parametrize(
    ("place", "link"),
    [
        ("docs/runbooks/x.md", "../../docs/runbooks/x.md"),
        ("https://example.org/books/x.md", "https://example.org/books/x.md"),
        ("javascript:alert(1)//x.md", ""),
        ("http://example.org/x.md", ""),
        ("//example.org/x.md", ""),
        ("../../../etc/x.md", ""),
        ("data:text/html,x.md", ""),
    ],
)
def test_only_a_runbook_becomes_a_link(place: str, link: str) -> None:
    (row,) = alarm_rows(alarms(alarm_description=f"Too many. Runbook: {place}"))
    assert (row.runbook, row.link) == (place, link)


def test_who_is_told_by_an_alarm() -> None:
    topic = "arn:aws:sns:eu-west-1:1:topic"
    assert alarm_rows(alarms(alarm_actions=[topic]))[0].tells == ("topic",)
    assert alarm_rows(alarms(alarm_actions=[topic], actions_enabled=False))[0].tells == ()
    assert alarm_rows(alarms())[0].tells == ()


def test_a_plan_without_anything_makes_a_page_too() -> None:
    nothing = read_plan(document([]))
    empty = replace(
        facts(nothing, broken=False), rules=RuleReport(), parity=Parity(""), scan=Report("scan", ()), load=None,
        estimate=estimate(nothing, PRICES, None),
    )  # fmt: skip
    text = render_page(page_of(empty))
    Parsed(text)
    for said in (
        "Nothing changes.",
        "Nothing is destroyed",
        "compared with no other",
        "There is no alarm",
        "no resource",
    ):
        assert said in text


def test_the_index_names_every_page_and_what_stands_on_none() -> None:
    page = page_of(facts(every_kind()))
    elsewhere = located("scan", Finding("CKV_9", Severity.ERROR, HOSTILE, "is open", "account"))
    text = render_index([Entry(page, "report-e.html")], "now", [elsewhere])
    parsed = Parsed(text)
    assert "report-e.html" in parsed.all("href")
    assert elsewhere.anchor in parsed.all("id")
    assert page.verdict in "".join(parsed.texts)


def test_runbooks_are_found_from_where_the_pages_stand() -> None:
    (row,) = alarm_rows(alarms(alarm_description="Runbook: docs/runbooks/lambda-errors.md"))
    assert (REPO / "build" / "reports" / row.link).resolve().is_file()


def test_a_declared_difference_shows_each_value_once_with_all_its_resources() -> None:
    declared = Declaration("module.f.*", "it is smaller", attribute="size")
    covered = tuple(Difference(f"module.f.aws_x.{name}", "size", left="1", right="2") for name in "ab")
    page = page_of(replace(facts(every_kind()), parity=Parity("other", (), ((declared, covered),))))
    (row,) = page.parity
    assert row.shows == (("size: 1 against 2", ("module.f.aws_x.a", "module.f.aws_x.b")),)
    assert "at module.f.aws_x.a, module.f.aws_x.b" in render_page(page)


def test_what_it_costs_is_grouped_by_block_and_price_the_dearest_first() -> None:
    alarm = {"alarm_name": "a"}
    alarms = [change(f'aws_cloudwatch_metric_alarm.this["{key}"]', "create", None, alarm) for key in "abc"]
    function = change("aws_lambda_function.this", "create", None, {"memory_size": 1024})
    rows = page_of(facts(read_plan(document([*alarms, function])))).cost
    assert [row.usd for row in rows] == sorted((row.usd for row in rows), reverse=True)
    told = {(row.address, row.unit): (row.number, row.quantity, row.rate) for row in rows}
    assert told["aws_cloudwatch_metric_alarm.this", "alarms"] == (3, "3", "0.1 USD")
    assert told["aws_lambda_function.this", "GB-seconds (arm64)"] == (1, "40,000", "0.0000133334 USD")


def test_what_it_costs_now_stands_beside_what_it_will_cost() -> None:
    made = facts(every_kind())
    assert "Now about" not in render_page(page_of(made))
    text = render_page(page_of(replace(made, today=estimate(read_plan(document([])), PRICES, made.load))))
    assert "Now about 0.00 USD, then <b>about " in text
