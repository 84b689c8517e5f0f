"""The drawing: what uses what is read from the plan alone, boxes do not overlap, arrows run from left to right."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.page_plans import change, document

from harness.facts import read_blueprint
from harness.plan import Plan, read_plan
from harness.report.page.diagram import diagram
from harness.report.page.layout import Place, Size, arrange
from harness.report.page.links import ENCRYPTED, NAMES, REFERS, Link, links

BOX = Size(100, 40)


def made(address: str, **after: Any) -> dict[str, Any]:
    unknown = {name: True for name, value in after.items() if value is ...}
    known = {name: value for name, value in after.items() if value is not ...}
    return change(address, "create", None, known, unknown=unknown)


def configured(kind: str, name: str, **references: list[str]) -> dict[str, Any]:
    expressions = {attribute: {"references": found} for attribute, found in references.items()}
    return {"type": kind, "name": name, "mode": "managed", "expressions": expressions}


def plan_of(
    *changes: dict[str, Any], root: list[dict[str, Any]] | None = None, calls: dict[str, Any] | None = None
) -> Plan:
    modules = {name: {"module": {}} for name in ("api", "function", "table", "key", "alarms")} | (calls or {})
    configuration = {"root_module": {"resources": root or [], "module_calls": modules}}
    return read_plan(document(list(changes), configuration=configuration))


def test_a_reference_is_followed_through_variables_and_outputs() -> None:
    function = {"resources": [configured("aws_lambda_function", "this")],
                "outputs": {"arn": {"expression": {"references": ["aws_lambda_function.this.arn"]}}}}  # fmt: skip
    api = {"resources": [configured("aws_api_gateway_integration", "this", uri=["var.uri"])]}
    handed = {"uri": {"references": ["module.function.arn"]}}
    plan = plan_of(
        made("module.api.aws_api_gateway_integration.this"),
        made("module.function.aws_lambda_function.this"),
        calls={"function": {"module": function}, "api": {"module": api, "expressions": handed}},
    )
    source, target = "module.api.aws_api_gateway_integration.this", "module.function.aws_lambda_function.this"
    assert links(plan) == (Link(source, target, REFERS),)


def test_a_reference_means_the_instance_of_the_same_key_else_all_of_them() -> None:
    changes = [made(f'aws_a.a["{key}"]') for key in "xy"] + [made(f'aws_b.b["{key}"]') for key in "xyz"]
    plan = plan_of(*changes, root=[configured("aws_a", "a"), configured("aws_b", "b", of=["aws_a.a"])])
    found = [(one.source[-3], one.target[-3]) for one in links(plan)]
    assert sorted(found) == [("x", "x"), ("y", "y"), ("z", "x"), ("z", "y")]


def test_a_name_that_another_holds_is_a_link_and_the_text_around_tells_two_of_one_name_apart() -> None:
    plan = plan_of(
        made('module.table["a"].aws_dynamodb_table.this', name="shop-a"),
        made(
            'module.function["a"].aws_lambda_function.this', function_name="shop-a", environment=[{"TABLE": "shop-ab"}]
        ),
        made("module.alarms.aws_cloudwatch_metric_alarm.t", dimensions={"TableName": "shop-a"}),
        made("module.alarms.aws_cloudwatch_metric_alarm.f", dimensions={"FunctionName": "shop-a"}),
        made("module.alarms.aws_cloudwatch_metric_alarm.tagged", tags={"table": "shop-a"}),
    )
    assert links(plan) == (
        Link("module.alarms.aws_cloudwatch_metric_alarm.f", 'module.function["a"].aws_lambda_function.this', NAMES),
        Link("module.alarms.aws_cloudwatch_metric_alarm.t", 'module.table["a"].aws_dynamodb_table.this', NAMES),
    )


def test_what_waits_for_the_only_key_is_encrypted_with_it() -> None:
    key = made("module.key.aws_kms_key.this", arn=...)
    topic = made("aws_sns_topic.this", name="shop-t", kms_master_key_id=...)
    (found,) = links(plan_of(key, topic))
    assert found == Link("aws_sns_topic.this", "module.key.aws_kms_key.this", ENCRYPTED)
    assert links(plan_of(key, made("module.key.aws_kms_key.other", arn=...), topic)) == ()


def test_a_secret_is_no_name_of_anything() -> None:
    hidden = change("aws_x.user", "create", None, {"text": "shop-t"}, secret={"text": True})
    assert links(plan_of(made("aws_sns_topic.this", name="shop-t"), hidden)) == ()
    assert len(links(plan_of(made("aws_sns_topic.this", name="shop-t"), made("aws_x.user", text="shop-t")))) == 1


def test_boxes_count_resources_by_type_and_what_happens_to_them() -> None:
    plan = plan_of(
        *(made(f'module.api.aws_api_gateway_method.this["{key}"]') for key in "abc"),
        change('module.api.aws_api_gateway_method.this["d"]', "delete", {}),
        made("aws_x.root"),
    )
    drawn = {box.name: [f"{row.sign} {row.text}" for row in box.rows] for box in diagram(plan).boxes}
    times = "\N{MULTIPLICATION SIGN}"
    assert drawn == {"module.api": [f"+ api_gateway_method {times} 3", "- api_gateway_method"], "root": ["+ x"]}


def test_of_two_boxes_that_use_each_other_the_surer_reason_is_drawn() -> None:
    key = made("module.key.aws_kms_key.this", policy="log group shop-logs", arn=...)
    group = made("module.api.aws_cloudwatch_log_group.this", name="shop-logs", kms_key_id=...)
    drawn = diagram(plan_of(key, group))
    assert [(one.source, one.target) for one in drawn.arrows] == [("module.api", "module.key")]


def overlap(one: Place, other: Place) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


_NAMES = st.sampled_from("abcdefgh")


@settings(deadline=None)
@given(st.sets(_NAMES, min_size=1), st.sets(st.tuples(_NAMES, _NAMES), max_size=30))
def test_any_graph_is_arranged_without_overlaps_inside_the_drawing(
    names: set[str], pairs: set[tuple[str, str]]
) -> None:
    arrows = sorted((a, b) for a, b in pairs if a != b and {a, b} <= names)
    drawn = arrange({name: Size(60 + 9 * ord(name) % 50, 20 + 7 * ord(name) % 90) for name in names}, arrows)
    places = drawn.places
    assert not any(overlap(places[one], places[other]) for one, other in itertools.combinations(places, 2))
    assert all(one.x >= 0 and one.x + one.width <= drawn.width for one in places.values())
    assert all(one.y >= 0 and one.y + one.height <= drawn.height for one in places.values())
    assert drawn.paths.keys() == set(arrows)
    assert all(re.fullmatch(r"M[\d. -]+(?:[CH][\d. -]+)+", path) for path in drawn.paths.values())


def test_arrows_lead_to_the_right_and_pass_between_boxes() -> None:
    drawn = arrange(dict.fromkeys("abc", BOX), [("a", "b"), ("b", "c"), ("a", "c")])
    assert drawn.places["a"].x < drawn.places["b"].x < drawn.places["c"].x
    middle = drawn.places["b"]
    level = float(re.findall(r"([\d.]+)H", drawn.paths["a", "c"])[0].split()[-1])
    assert not middle.y <= level <= middle.y + middle.height


def test_a_circle_shares_a_column() -> None:
    drawn = arrange(dict.fromkeys("abc", BOX), [("a", "b"), ("b", "a"), ("b", "c")])
    assert drawn.places["a"].x == drawn.places["b"].x < drawn.places["c"].x


def test_crossings_are_taken_out_where_order_alone_does_it() -> None:
    drawn = arrange(dict.fromkeys("abxy", BOX), [("a", "y"), ("b", "x")])
    ordered = [(drawn.places["a"].y < drawn.places["b"].y), (drawn.places["y"].y < drawn.places["x"].y)]
    assert ordered[0] == ordered[1]


@pytest.mark.parametrize("name", read_blueprint().environments)
def test_every_module_of_an_environment_is_drawn_and_joined(name: str, planned: Callable[[str], Plan]) -> None:
    plan = planned(name)
    drawn = diagram(plan)
    assert {box.name for box in drawn.boxes} == {one.module or "root" for one in plan.resources.values()}
    joined = {end for arrow in drawn.arrows for end in (arrow.source, arrow.target)}
    assert joined == {box.name for box in drawn.boxes}
    kinds = {link.how for arrow in drawn.arrows for link in arrow.links}
    assert {REFERS, NAMES} <= kinds


def test_many_instances_that_are_alike_share_a_box_and_the_one_that_differs_stands_out() -> None:
    def table(key: str, action: str) -> dict[str, Any]:
        return change(f'module.table["{key}"].aws_dynamodb_table.this', action, {"name": "x"}, {"name": f"shop-{key}"})

    alike = [table(key, "no-op") for key in "abcd"]
    reader = made("module.api.aws_x.this", tables=["shop-a", "shop-d", "shop-e"])
    drawn = diagram(plan_of(*alike, table("e", "update"), reader))
    shared = 'module.table["a"] and 3 alike'
    assert {box.name: len(box.modules) for box in drawn.boxes} == {shared: 4, 'module.table["e"]': 1, "module.api": 1}
    assert {(one.target, len(one.links)) for one in drawn.arrows} == {(shared, 2), ('module.table["e"]', 1)}
    few = diagram(plan_of(*alike[:3], reader))
    assert [box.name for box in few.boxes] == ["module.api", *(f'module.table["{key}"]' for key in "abc")]


def test_two_groups_of_one_module_are_two_boxes() -> None:
    def tables(action: str, keys: str) -> list[dict[str, Any]]:
        return [change(f'module.table["{key}"].aws_x.this', action, {"a": "x"}, {"a": "y"}) for key in keys]

    drawn = diagram(plan_of(*tables("no-op", "abcd"), *tables("update", "efgh")))
    assert sorted(len(box.modules) for box in drawn.boxes) == [4, 4]
