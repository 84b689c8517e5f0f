"""The grammar of composite alarms' rules as AWS documents it, and which rules can come true."""

from __future__ import annotations

import pytest
from tests.unit.rules.pairs.composites import parents

from harness.rules.alarm_logic import Logic, TooTangledError
from harness.rules.alarm_rule import AtLeast, Constant, Join, Not, Rule, UnreadableRule, named_in, read_rule
from harness.rules.composites import composed

A, B = (AtLeast(1, "ALARM", False, (name,)) for name in "ab")
ARN = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("ALARM(a)", A),
        ('ALARM("a")', A),
        (' ALARM ( "a" ) ', A),
        (f"ALARM({ARN}a)", A),
        (f'ALARM("{ARN}a:b (c)")', AtLeast(1, "ALARM", False, ("a:b (c)",))),
        (r'OK("say \"a\", \\b")', AtLeast(1, "OK", False, (r'say "a", \b',))),
        ("INSUFFICIENT_DATA(x-1.y/z)", AtLeast(1, "INSUFFICIENT_DATA", False, ("x-1.y/z",))),
        ("ALARM(ALARM)", AtLeast(1, "ALARM", False, ("ALARM",))),
        ("TRUE", Constant(True)),
        ("FALSE", Constant(False)),
        ("NOT ALARM(a)", Not(A)),
        ("NOT NOT ALARM(a)", A),
        ("ALARM(a) AND ALARM(b)", Join(True, (A, B))),
        ("ALARM(a) OR ALARM(b) AND NOT TRUE", Join(False, (A, Join(True, (B, Not(Constant(True))))))),
        ("(ALARM(a) OR ALARM(b)) AND TRUE", Join(True, (Join(False, (A, B)), Constant(True)))),
        ("AT_LEAST(2, ALARM, (a, b, c))", AtLeast(2, "ALARM", False, ("a", "b", "c"))),
        ('AT_LEAST(1, NOT OK, ("a", b))', AtLeast(1, "OK", True, ("a", "b"))),
        ("AT_LEAST(50%, INSUFFICIENT_DATA, (a, b, c))", AtLeast(2, "INSUFFICIENT_DATA", False, ("a", "b", "c"))),
        ("AT_LEAST(100%, ALARM, (a, b))", AtLeast(2, "ALARM", False, ("a", "b"))),
    ],
)
def test_what_cloudwatch_takes(text: str, rule: Rule) -> None:
    assert read_rule(text) == rule


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "its end at character 0; expected NOT"),
        ("ALARM(a) ALARM(b)", "'ALARM' at character 9; expected AND, OR or the end"),
        ("ALARM(a) and ALARM(b)", "'and' at character 9"),
        ("ALARM(a) AND", "its end at character 12; expected NOT"),
        ("alarm(a)", "'alarm' at character 0"),
        ("false", "'false' at character 0"),
        ("ALARM a", "'a' at character 6; expected ("),
        ("ALARM()", "')' at character 6; expected an alarm's name"),
        ('ALARM("")', "expected an alarm's name"),
        ("ALARM(a b)", "'b' at character 8; expected )"),
        ('ALARM("a)', "'\"' at character 6"),
        ("(ALARM(a)", "its end at character 9; expected )"),
        ("ALARM(arn:aws:sns:eu-west-1:123456789012:a)", "is the ARN of no alarm"),
        ("AT_LEAST(4, ALARM, (a, b, c))", "'4' at character 9; expected 1 to 3"),
        ("AT_LEAST(0, ALARM, (a))", "'0' at character 9; expected 1 to 1"),
        ("AT_LEAST(101%, ALARM, (a))", "'101%' at character 9; expected 1 to 100%"),
        ("AT_LEAST(many, ALARM, (a))", "expected a number or a percentage"),
        ("AT_LEAST(1, ON, (a))", "'ON' at character 12; expected ALARM or OK"),
        ("AT_LEAST(1, ALARM, a)", "'a' at character 19; expected ("),
        ("AT_LEAST(1, ALARM, ())", "expected an alarm's name"),
        (" OR ".join(f"ALARM(a{n})" for n in range(101)), "names 101 alarms; CloudWatch takes 100 in one rule"),
        (" OR ".join(["TRUE"] * 501), "has 501 elements; CloudWatch takes 500"),
        ("(" * 2000 + "TRUE" + ")" * 2000, "nests parentheses deeper than 50"),
        ("TRUE" + " " * 10_237, "has 10241 characters; CloudWatch takes 10240"),
    ],
)
def test_what_it_refuses_and_where(text: str, says: str) -> None:
    with pytest.raises(UnreadableRule) as refused:
        read_rule(text)
    assert says in str(refused.value)


def test_every_alarm_of_a_rule_is_named() -> None:
    rule = read_rule("NOT ALARM(a) AND (OK(b) OR AT_LEAST(1, NOT OK, (c, a))) OR FALSE")
    assert [*named_in(rule)] == ["a", "b", "c", "a"]


def test_the_largest_rules() -> None:
    assert len([*named_in(read_rule(" OR ".join(f"ALARM(a{n})" for n in range(100))))]) == 100
    assert read_rule(" OR ".join(["TRUE"] * 500))
    assert read_rule("(" * 50 + "TRUE" + ")" * 50) == Constant(True)
    assert read_rule("NOT " * 2559 + "TRUE") == Not(Constant(True))
    assert read_rule("TRUE" + " " * 10_236) == Constant(True)


RULES = {name: read_rule(text) for name, text in {"both": "ALARM(a) AND ALARM(b)", "never": "FALSE"}.items()}
LOGIC = Logic(RULES, silent={"mute"})


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("ALARM(a)", True),
        ("FALSE OR ALARM(a) AND NOT ALARM(a)", False),
        ("ALARM(a) AND OK(a)", False),
        ("NOT ALARM(a) AND NOT OK(a)", True),
        ("NOT ALARM(a) AND NOT OK(a) AND NOT INSUFFICIENT_DATA(a)", False),
        ("ALARM(mute)", False),
        ("NOT ALARM(mute) AND OK(a)", True),
        ("ALARM(mute) OR ALARM(a)", True),
        ("NOT OK(mute) AND NOT INSUFFICIENT_DATA(mute)", False),
        ("ALARM(both)", True),
        ("ALARM(both) AND OK(b)", False),
        ("OK(both) AND ALARM(a) AND NOT OK(b)", True),
        ("INSUFFICIENT_DATA(both)", False),
        ("NOT INSUFFICIENT_DATA(both)", True),
        ("OK(never) AND NOT ALARM(never)", True),
        ("ALARM(never)", False),
        ("AT_LEAST(1, ALARM, (mute, never))", False),
        ("AT_LEAST(1, NOT ALARM, (mute, never))", True),
        ("AT_LEAST(2, ALARM, (a, b, c)) AND AT_LEAST(2, OK, (a, b, c))", False),
        ("AT_LEAST(2, ALARM, (a, b, c)) AND AT_LEAST(1, OK, (a, b, c))", True),
        ("AT_LEAST(60%, ALARM, (a, mute))", False),
        ("AT_LEAST(50%, ALARM, (a, mute))", True),
    ],
)
def test_whether_a_rule_can_be_true(text: str, possible: bool) -> None:
    assert LOGIC.possible(read_rule(text)) is possible


def test_a_sum_over_thousands_is_judged_at_once() -> None:
    parts = {f"p{n}": read_rule(" OR ".join(f"ALARM(a{n}-{m})" for m in range(100))) for n in range(100)}
    whole = Join(False, tuple(AtLeast(1, "ALARM", False, (name,)) for name in parts))
    assert Logic(parts).possible(whole)
    assert Logic(parts).possible(Not(whole))


def test_what_cannot_be_told_is_said() -> None:
    pairs = " AND ".join(
        f"AT_LEAST(1, ALARM, (a{n}, b{n})) AND NOT AT_LEAST(2, ALARM, (a{n}, b{n}))" for n in range(24)
    )
    with pytest.raises(TooTangledError):
        Logic({}).possible(read_rule(f"{pairs} AND ALARM(z) AND NOT ALARM(z)"))
    doubling = {f"d{n}": read_rule(f"ALARM(d{n + 1}) AND (ALARM(d{n + 1}) OR TRUE)") for n in range(20)}
    with pytest.raises(TooTangledError):
        Logic(doubling).possible(doubling["d0"])
    chain = {f"c{n}": read_rule(f"NOT ALARM(c{n + 1})") for n in range(2000)}
    with pytest.raises(TooTangledError):
        Logic(chain).possible(chain["c0"])


def test_an_alarm_has_as_many_parents_as_cloudwatch_takes() -> None:
    assert [one.message for one in composed(parents(150), frozenset())] == []
    assert len([*composed(parents(151), frozenset())]) == 1
