"""Differences between two plans, declared and not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.builder import Res, plan, policy

from harness.parity.declared import (
    Declaration,
    Difference,
    ParityError,
    Side,
    declarations_of,
    differences,
    parity,
    read_declarations,
)
from harness.plan import SENSITIVE, UNKNOWN

NAME = "aws_x.this"


def sides(left: Any, right: Any) -> tuple[Side, Side]:
    return (
        Side("dev", "alice", plan(*[] if left is None else [Res(NAME, left)])),
        Side("prod", "prod", plan(*[] if right is None else [Res(NAME, right)])),
    )


def found(left: Any, right: Any) -> list[str]:
    return [str(one) for one in differences(*sides(left, right))]


def statement(**changes: Any) -> dict[str, Any]:
    return {"Sid": "A", "Action": "x", **changes}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"a": 1}, {"a": 1}),
        ({"a": 10}, {"a": 10.0}),
        ({"name": "shop-alice"}, {"name": "shop-prod"}),
        ({"name": "shop-dev/x"}, {"name": "shop-prod/x"}),
        ({"tags": {"Environment": "dev"}}, {"tags": {"Environment": "prod"}}),
        ({"p": policy(statement(Resource="t-alice"))}, {"p": policy(statement(Resource="t-prod"))}),
        ({"a": UNKNOWN}, {"a": UNKNOWN}),
        ({"a": SENSITIVE}, {"a": SENSITIVE}),
        ({"a": None}, {"a": None}),
    ],
)
def test_what_is_alike(left: Any, right: Any) -> None:
    assert found(left, right) == []


@pytest.mark.parametrize(
    ("left", "right", "says"),
    [
        ({"a": 1}, {"a": 2}, "a: 1 against 2"),
        ({"a": 1}, {"a": True}, "a: 1 against true"),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "a[0].b: 1 against 2"),
        ({"a": [1]}, {"a": [1, 2]}, "a: [1] against [1, 2]"),
        ({"a": 1}, {"a": 1, "b": 2}, "b: absent against 2"),
        ({"a": None}, {"a": UNKNOWN}, 'a: null against "<unknown until apply>"'),
        ({"a": UNKNOWN}, {"a": "x"}, 'a: "<unknown until apply>" against "x"'),
        ({"name": "developer"}, {"name": "producer"}, 'name: "developer" against "producer"'),
        ({"a": 1}, None, "only in dev"),
        (None, {"a": 1}, "only in prod"),
        ({"p": policy(statement())}, {"p": policy(statement(), statement(Sid="B"))}, "p.Statement.B: absent against"),
        ({"p": policy(statement())}, {"p": policy(statement(Action="y"))}, 'p.Statement.A.Action: "x" against "y"'),
        ({"p": "{not json"}, {"p": "{not json!"}, 'p: "{not json" against "{not json!"'),
    ],
)  # fmt: skip
def test_what_differs(left: Any, right: Any, says: str) -> None:
    assert len(found(left, right)) == 1
    assert says in found(left, right)[0]


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        ("live", "live", True),
        ("fn-calm:live", "fn-live:live", True),
        ("calm:live", "live:calm", False),
        ("fn-live", "fn-calm", False),
        ("fn-calm", "fn-delivery", False),
        ("calm-2", "live-2", True),
        ("calm", "live-2", False),
    ],
)
def test_an_environment_may_be_called_as_something_else_is(left: str, right: str, alike: bool) -> None:
    one, other = (plan(Res(NAME, {"a": text})) for text in (left, right))
    assert (differences(Side("calm", "calm", one), Side("live", "live", other)) == ()) is alike


def test_a_suffix_that_begins_with_the_other_environments_name_is_taken_whole() -> None:
    one, other = (plan(Res(NAME, {"a": text})) for text in ("fn-calm-2", "fn-calm"))
    assert differences(Side("calm-2", "calm-2", one), Side("calm", "calm", other)) == ()


def test_what_goes_away_is_not_compared() -> None:
    gone = plan(Res(NAME, None, action="delete", before={"a": 1}))
    assert differences(Side("dev", "dev", gone), Side("prod", "prod", plan())) == ()


def messages(left: Any, right: Any, *declared: Declaration) -> list[str]:
    return [finding.message for finding in parity(*sides(left, right), declared)]


def test_an_undeclared_difference_is_found_and_a_declared_one_is_not() -> None:
    assert messages({"a": 1}, {"a": 2}) == [
        "dev and prod differ in a: 1 against 2; make them alike, or declare it in envs/prod/parity.yaml with a reason"
    ]
    assert messages(None, {"a": 2}) == [
        "stands in prod alone; make it stand in dev too, or declare it in envs/prod/parity.yaml with a reason"
    ]
    assert messages({"a": 2}, None)[0].startswith("stands in dev alone; make it stand in prod too, or")
    assert messages({"a": 1}, {"a": 2}, Declaration(NAME, "because", attribute="a")) == []
    assert messages({"a": 1}, {"a": 2}, Declaration("*", "because", attribute="*")) == []
    assert messages(None, {"a": 2}, Declaration(NAME, "because", only_in="prod")) == []


@pytest.mark.parametrize(
    "declaration",
    [
        Declaration("aws_x.that", "r", attribute="a"),
        Declaration(NAME, "r", attribute="b"),
        Declaration(NAME, "r", attribute="a.b"),
        Declaration(NAME, "r", only_in="prod"),
    ],
)
def test_a_declaration_of_something_else_does_not_cover(declaration: Declaration) -> None:
    assert not declaration.covers(Difference(NAME, "a"))
    assert len(messages({"a": 1}, {"a": 2}, declaration)) == 2


def test_the_side_that_has_it_matters() -> None:
    assert not Declaration(NAME, "r", only_in="dev").covers(Difference(NAME, only_in="prod"))


def test_a_declaration_of_what_does_not_differ_is_found() -> None:
    said = (
        "envs/prod/parity.yaml declares that {} differs (because), but {}: delete that declaration, or make them differ"
    )
    for declared, left, told in (
        (Declaration(NAME, "because", attribute="a"), {"a": 1}, "both are 1"),
        (Declaration(NAME, "because", attribute="a"), {"b": 1}, "neither has it"),
        (Declaration(NAME, "because", attribute="a"), {"a": SENSITIVE}, "both are alike"),
        (Declaration("*", "because", attribute="a"), {"a": 1}, "both are alike"),
        (Declaration(NAME, "because", attribute="a[0].*"), {"a": [{"b": 1}]}, "both are alike"),
    ):
        assert messages(left, left, declared) == [said.format(declared.attribute, told)]
    assert messages({"a": 1}, {"a": 1}, Declaration(NAME, "because", only_in="prod")) == [
        "envs/prod/parity.yaml declares that it stands in prod alone (because), but it does not: "
        "delete that, or make it so"
    ]


def test_a_declaration_that_another_difference_makes_idle_says_so() -> None:
    declared = Declaration(NAME, "because", attribute="b")
    for left in (None, {"a": 1, "b": 1}):
        first, second = messages(left, {"a": 2, "b": 1}, declared)
        assert "or declare it" in first
        assert second.endswith(f"; it may come from what else differs at {NAME}: mend that first")
    assert "mend that first" not in messages({"a": 1, "b": 1}, {"a": 1, "b": 1}, declared)[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "differences: [{address: a}]",
        "differences: [{address: a, reason: ' ', attribute: b}]",
        "differences: [{address: a, reason: r}]",
        "differences: [{address: a, reason: r, attribute: b, only_in: prod}]",
        "differences: [{address: a, reason: r, atribute: b}]",
        "differences: [a: b: c]",
        "differences: [{address: 5, reason: r, attribute: b}]",
        "differences: [{address: a, reason: r, attribute: 2027-02-30}]",
    ],
)
def test_what_is_no_declaration_is_refused(text: str) -> None:
    with pytest.raises(ParityError, match=r"^envs/prod/parity\.yaml\b"):
        read_declarations(text, "envs/prod/parity.yaml")


def test_a_finding_names_the_environment_and_its_file() -> None:
    (finding,) = parity(*sides({"a": 1}, {"a": 2}), ())
    assert (finding.environment, finding.file) == ("prod", "envs/prod/parity.yaml")
    assert finding.guideline.startswith("dev proves prod only where")


def test_declarations_are_read_from_the_environments_own_folder(tmp_path: Path) -> None:
    with pytest.raises(
        ParityError, match=r"envs/live/parity\.yaml does not exist, and live is compared with calm"
    ) as one:
        declarations_of("live", "calm", tmp_path)
    assert "differences: []" in one.value.remedy
    assert "make parity ENV=live" in one.value.remedy
    (tmp_path / "envs" / "live").mkdir(parents=True)
    (tmp_path / "envs" / "live" / "parity.yaml").write_text("differences: []\n")
    assert declarations_of("live", "calm", tmp_path) == ()


def test_secrets_do_not_stand_in_findings() -> None:
    assert "hidden" not in "".join(messages({"a": SENSITIVE}, {"a": "x"}))
