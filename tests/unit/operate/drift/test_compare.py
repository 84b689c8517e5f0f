"""What counts as drift, what does not, and how it is told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from tests.support.builder import plan

from harness.base.process import Process
from harness.changes import changes
from harness.operate.drift.compare import Changed, Difference, Drift, Live, as_content, as_text, drifted, unreleased
from harness.operate.release.record import Line, Move, Record, Running, Served
from harness.plan import Action, ResourceChange
from harness.plan.sides import Values

NOTHING = msgspec.Raw(b"false")
ALIAS = {"function_name": "arn:aws:lambda:eu-west-1:000000000000:function:f"}  # by its ARN or its name


def values(tree: object, sensitive: object = False) -> Values:
    return Values(msgspec.Raw(json.dumps(tree).encode()), NOTHING, msgspec.Raw(json.dumps(sensitive).encode()))


def change(kind: str, before: Any, after: Any, sensitive: object = False) -> ResourceChange:
    action = Action.UPDATE if after is not None else Action.DELETE
    sides = values(before, sensitive), values(after, sensitive)
    return ResourceChange(f"{kind}.this", "", "managed", kind, "this", None, "aws", action, None, "", "", "", *sides)


def paths(*changes: ResourceChange, live: Live | None = None, function: str = "f") -> dict[str, tuple[object, object]]:
    found = drifted(changes, {"r": frozenset({"ours"})}, {function: live or Live()})
    return {each.path: (each.before, each.after) for one in found for each in one.differences}


def test_a_changed_attribute_is_found_where_it_lies() -> None:
    before = {"timeout": 10, "environment": [{"variables": {"LOG_LEVEL": "INFO", "TABLE": "t"}}]}
    after = {"timeout": 20, "environment": [{"variables": {"LOG_LEVEL": "DEBUG", "TABLE": "t"}}]}
    assert paths(change("aws_lambda_function", before, after)) == {
        "timeout": (10, 20),
        "environment[0].variables.LOG_LEVEL": ("INFO", "DEBUG"),
    }


def test_inside_a_policy_the_statement_is_named() -> None:
    before, after = ({"policy": json.dumps({"Statement": [{"Action": action}]})} for action in ("s3:Get", "s3:*"))
    assert paths(change("aws_iam_policy", before, after)) == {"policy.Statement[0].Action": ("s3:Get", "s3:*")}


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("aws_x", {"tags": None, "list": None, "text": None}, {"tags": {}, "list": [], "text": ""}),
        ("aws_x", {"policy": '{"a": 1, "b": 2}'}, {"policy": '{"b":2,"a":1}'}),
        ("aws_lambda_function", {"version": "1", "last_modified": "x"}, {"version": "3", "last_modified": "y"}),
        ("aws_x", {"name": "x", "region": None}, {"name": "x", "region": "eu-west-1"}),
        ("aws_x", {"name": "x"}, {"name": "x", "region": "eu-west-1"}),
        ("aws_iam_role", {"name": "r", "inline_policy": []}, {"name": "r", "inline_policy": [{"name": "ours"}]}),
        ("aws_sns_topic_subscription", {"pending_confirmation": True}, {"pending_confirmation": False}),
        ("aws_sns_topic_subscription", *({"confirmation_was_authenticated": is_so} for is_so in (False, True))),
    ],
)
def test_what_says_nothing_is_no_drift(kind: str, before: Any, after: Any) -> None:
    assert drifted([change(kind, before, after)], {"r": frozenset({"ours"})}, {}) == ()


def test_a_region_that_changed_is_drift() -> None:
    found = paths(change("aws_x", {"region": "eu-west-1"}, {"region": "eu-west-2"}))
    assert found == {"region": ("eu-west-1", "eu-west-2")}


def test_zero_and_false_are_not_empty() -> None:
    assert set(paths(change("aws_x", {"n": None, "b": True}, {"n": 0, "b": False}))) == {"n", "b"}


def test_an_inline_policy_by_another_hand_is_drift() -> None:
    after = {"name": "r", "inline_policy": [{"name": "ours"}, {"name": "backdoor"}]}
    found = paths(change("aws_iam_role", {"name": "r", "inline_policy": []}, after))
    assert found == {"inline_policy": ([], [{"name": "backdoor"}])}


def test_a_deleted_resource_is_drift() -> None:
    assert drifted([change("aws_x", {"a": 1}, None)], {}, {}) == (Changed("aws_x.this", (), deleted=True),)


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        (Live("2"), set()),  # where the last release left it
        (Live("2", moving=True), set()),
        (Live(), {"function_version"}),  # never released: moved by hand
        (Live("3"), {"function_version"}),  # not where the last release left it
    ],
)
def test_the_alias_is_drift_only_when_no_release_put_it_there(live: Live, expected: set[str]) -> None:
    moved = change("aws_lambda_alias", {**ALIAS, "function_version": "1"}, {**ALIAS, "function_version": "2"})
    assert set(paths(moved, live=live)) == expected


def test_a_release_of_another_function_says_nothing_about_an_alias() -> None:
    moved = change("aws_lambda_alias", {**ALIAS, "function_version": "1"}, {**ALIAS, "function_version": "2"})
    assert set(paths(moved, live=Live("2"), function="g")) == {"function_version"}
    assert set(paths(moved, live=Live("2", moving=True), function="g")) == {"function_version"}


def test_weights_without_a_release_are_drift() -> None:
    after = {**ALIAS, "routing_config": [{"additional_version_weights": {"2": 0.1}}]}
    split = change("aws_lambda_alias", {**ALIAS, "routing_config": []}, after)
    assert set(paths(split, live=Live("1"))) == {"routing_config"}
    assert paths(split, live=Live("1", moving=True)) == {}


def test_a_secret_is_never_told() -> None:
    found = drifted(
        [change("aws_x", {"key": "old-secret", "a": 1}, {"key": "new-secret", "a": 2}, {"key": True})], {}, {}
    )
    assert found == (Changed("aws_x.this", (Difference("a", 1, 2),), deleted=False),)


def test_the_report_names_everything_and_what_to_do() -> None:
    drift = Drift(
        (Changed("aws_x.a", (Difference("n", 1, 2),), False), Changed("aws_x.b", (), True)), ("arn:aws:sns:::t",)
    )
    text = as_text(drift, "dev", "ENV=dev")
    assert text.startswith("dev: 1 changed, 1 deleted, 1 unknown\n")
    for part in ("~ aws_x.a\n      n: 1 -> 2", "- aws_x.b: deleted", "? arn:aws:sns:::t", "make plan ENV=dev"):
        assert part in text
    content = json.loads(json.dumps(as_content(drift)))
    assert content["drift"] is True
    assert [one["deleted"] for one in content["changed"]] == [False, True]
    assert as_text(Drift((), ()), "dev", "ENV=dev") == "dev: no drift\n"


RELEASED = Record({"f": Line((Served("1"), Served("2", 1)))})
HALF_DONE = replace(RELEASED, running=Running({"f": Move("2", "3")}, 10, "", True, "me", Process("", 0, 0.0), 0.0))
SPLIT = [{"additional_version_weights": {"3": 0.1}}]


@pytest.mark.parametrize(
    ("record", "after", "told"),
    [
        (RELEASED, {"function_version": "2"}, []),
        (RELEASED, {"function_version": "3"}, ["function_version"]),
        (RELEASED, {"function_version": "2", "description": "by hand"}, ["description"]),
        (RELEASED, {"function_version": "2", "routing_config": SPLIT}, ["routing_config"]),
        (HALF_DONE, {"function_version": "2", "routing_config": SPLIT}, []),
        (Record(), {"function_version": "2"}, ["function_version"]),
    ],
)
def test_a_plan_shows_no_release_as_drift(record: Record, after: dict[str, Any], told: list[str]) -> None:
    before = {**ALIAS, "function_version": "1", "routing_config": [], "description": ""}
    topic = change("aws_sns_topic", {"name": "a"}, {"name": "b"})
    made = replace(plan(), drift=(change("aws_lambda_alias", before, {**before, **after}), topic))
    found = unreleased(changes(made), made.drift, record).drift
    assert [(one.type, [edit.path.partition("[")[0] for edit in one.edits]) for one in found] == [
        *([("aws_lambda_alias", told)] if told else []),
        ("aws_sns_topic", ["name"]),
    ]


def test_an_alias_that_is_gone_stays_drift() -> None:
    made = replace(plan(), drift=(change("aws_lambda_alias", ALIAS, None),))
    assert [one.action for one in unreleased(changes(made), made.drift, HALF_DONE).drift] == [Action.DELETE]
