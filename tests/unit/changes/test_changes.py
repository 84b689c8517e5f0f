"""Every kind of change is shown with its values, in the reader's order; recorded plans are Terraform's own."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from tests.support.builder import Res, document, plan

from harness.changes import Changed, Changes, Edit, changes
from harness.changes.documents import document_in
from harness.plan import SENSITIVE, UNKNOWN, Action, Plan, read_plan, since, steps
from harness.plan.values import NOTHING
from harness.report.told import PLAIN, edit_lines

RECORDED = Path(__file__).parents[1] / "plan" / "recorded"
SECRETS = ("first-secret", "second-secret", "kept-secret", "told-secret")


def recorded(name: str) -> Changes:
    return changes(read_plan((RECORDED / f"{name}.json").read_bytes()))


def found(name: str, address: str) -> Changed:
    (one,) = [one for one in recorded(name).resources if one.address == f"terraform_data.{address}"]
    return one


def told(edits: tuple[Edit, ...]) -> list[tuple[str, str, object, object]]:
    """Everything but what only follows from another change."""
    return [(one.path, one.document, one.before, one.after) for one in edits if not one.computed]


def update(before: object, after: object) -> tuple[Edit, ...]:
    """Edits of one attribute of an update, by its name alone."""
    made = plan(Res("aws_x.this", {"a": after}, action="update", before={"a": before}))
    (one,) = changes(made).resources
    return one.edits


def test_destruction_comes_first_and_each_kind_is_there() -> None:
    assert [(one.address.removeprefix("terraform_data."), one.action) for one in recorded("lifecycle").resources] == [
        ("deleted", Action.DELETE),
        ("renewed", Action.REPLACE_CREATE_FIRST),
        ("replaced", Action.REPLACE_DELETE_FIRST),
        ("updated", Action.UPDATE),
        ("adopted", Action.NO_OP),
        ("new_name", Action.NO_OP),
        ("let_go", Action.FORGET),
        ("data.terraform_remote_state.late", Action.READ),
    ]
    assert [one.address for one in recorded("lifecycle").destructive] == [
        f"terraform_data.{name}" for name in ("deleted", "renewed", "replaced")
    ]


def test_an_update_shows_both_values() -> None:
    assert told(found("lifecycle", "updated").edits) == [("input", "", "old", "new")]


def test_a_replacement_names_the_attribute_that_forces_it() -> None:
    forcing = [(one.path, one.before, one.after) for one in found("edited", "replaced").edits if one.forces]
    assert forcing == [("triggers_replace.size", 1, 2)]


def test_a_delete_shows_what_goes_and_a_create_what_comes() -> None:
    gone = {one.path: one.before for one in found("lifecycle", "deleted").edits if one.after is NOTHING}
    assert gone["input"] == "gone soon"
    (edit,) = [one for one in found("edited", "new").edits if one.path == "input"]
    assert edit.before is NOTHING
    assert isinstance(edit.after, list)
    assert edit.after[:1] == ["x"]
    assert edit.after[1] is SENSITIVE


def test_moves_imports_and_forgets_have_no_edits() -> None:
    moved, adopted, forgotten = (found("lifecycle", name) for name in ("new_name", "adopted", "let_go"))
    assert moved.previous_address == "terraform_data.old_name"
    assert adopted.importing == "an-existing-id"
    assert moved.edits == adopted.edits == forgotten.edits == ()


def test_a_left_over_object_is_told_by_its_key() -> None:
    (one,) = recorded("deposed").destructive
    assert (one.action, one.deposed) == (Action.DELETE, "0badcafe")


def test_unknown_says_so_and_what_only_follows_is_told_apart() -> None:
    edits = found("edited", "follows").edits
    assert [(one.path, one.computed) for one in edits] == [("input", False), ("output", True)]
    assert all(one.after is UNKNOWN for one in edits)
    assert isinstance(edits[0].before, str)


def test_a_secret_that_changes_is_masked_on_both_sides() -> None:
    (edit,) = [one for one in found("edited", "secret").edits if one.path == "input"]
    assert (edit.before, edit.after) != ("first-secret", "second-secret")
    assert edit.before is SENSITIVE
    assert edit.after is SENSITIVE


@pytest.mark.parametrize("name", ["secret_kept", "secret_told"])
def test_a_secret_that_stays_is_no_edit_even_when_it_is_marked_no_more(name: str) -> None:
    assert told(found("edited", name).edits) == [("input.size", "", 1, 2)]


def test_one_side_that_is_sensitive_hides_the_other() -> None:
    made = plan(Res("aws_x.this", {"a": SENSITIVE}, action="update", before={"a": "open-secret"}))
    (edit,) = changes(made).resources[0].edits
    assert edit.before is SENSITIVE
    assert "open-secret" not in repr(changes(made))


def test_a_block_that_moves_and_becomes_sensitive_is_hidden_on_both_sides() -> None:
    edits = update([{"name": "p", "v": "old"}], [{"name": "q", "v": 1}, {"name": "p", "v": SENSITIVE}])
    (edit,) = [one for one in edits if one.path == "a[1].v"]
    assert edit.before is SENSITIVE
    assert edit.after is SENSITIVE


def test_nothing_recorded_lets_a_secret_out() -> None:
    text = (RECORDED / "edited.json").read_text()
    assert all(secret in text for secret in SECRETS)
    assert not [secret for secret in SECRETS if secret in repr(recorded("edited"))]


def test_outputs_change_come_and_go() -> None:
    seen = {one.name: (one.action, told(one.edits)) for one in recorded("edited").outputs}
    assert list(seen) == ["gone", "late", "secret", "size"]
    assert seen["size"] == (Action.UPDATE, [("", "", 1, 2)])
    assert seen["gone"][1][0][2:] == ("x", seen["gone"][1][0][3])
    assert seen["gone"][1][0][3] is NOTHING
    assert seen["late"][1][0][3] is UNKNOWN
    assert seen["secret"][1][0][2] is SENSITIVE


def test_drift_is_what_somebody_changed() -> None:
    role: dict[str, object] = {"inline_policy": [], "description": "x", "tags": None}
    policy = {"name": "execution", "policy": "{}"}
    made = plan(Res("aws_iam_role_policy.this", {"name": "execution"}, action="no-op", before={"name": "execution"}))
    drifted = plan(
        Res("aws_iam_role.this", {**role, "inline_policy": [policy], "tags": {}}, action="update", before=role),
        Res("aws_sns_topic.this", {"name": "b", "policy": ""}, action="update", before={"name": "a", "policy": None}),
        Res("aws_sqs_queue.this", None, action="delete", before={"name": "q"}),
    )
    seen = changes(replace(made, drift=tuple(drifted.resources.values()))).drift
    assert [(one.address, one.action) for one in seen] == [
        ("aws_sqs_queue.this", Action.DELETE),
        ("aws_sns_topic.this", Action.UPDATE),
    ]
    assert told(seen[1].edits) == [("name", "", "a", "b")]
    foreign = {**role, "inline_policy": [{"name": "strange", "policy": "{}"}]}
    other = plan(Res("aws_iam_role.this", foreign, action="update", before=role))
    (one,) = changes(replace(made, drift=tuple(other.resources.values()))).drift
    assert [edit.path for edit in one.edits] == ["inline_policy[0]"]


def test_a_region_that_the_state_learns_is_no_drift_and_one_that_changed_is() -> None:
    topic = {"name": "a", "region": "eu-west-1"}
    before: list[dict[str, object]] = [{"name": "a"}, {"name": "a", "region": None}, {**topic, "region": "eu-west-2"}]
    found = [plan(Res("aws_sns_topic.this", topic, action="update", before=one)).resources.values() for one in before]
    drifts = [changes(replace(plan(), drift=tuple(one))).drift for one in found]
    assert drifts[:2] == [(), ()]
    assert told(drifts[2][0].edits) == [("region", "", "eu-west-2", "eu-west-1")]


def test_a_document_is_compared_as_one_and_statements_by_sid() -> None:
    after = [("input", 'Statement["Read"].Action[1]', NOTHING, "b")]
    edit, order = (one for one in found("edited", "document").edits if one.document)
    assert (order.document, order.before, order.after) == ("Statement", ["Read", "Write"], ["Write", "Read"])
    assert (edit.path, edit.document, edit.after) == (after[0][0], after[0][1], "b")
    assert edit.before is NOTHING


def test_a_document_in_a_document_is_opened_too() -> None:
    inner = [json.dumps({"size": size}) for size in (1, 2)]
    outer = [json.dumps({"body": text, "name": "n"}) for text in inner]
    assert told(update(*outer)) == [("a", "body.size", 1, 2)]
    assert told(update(*map(json.dumps, outer))) == [("a", "body.size", 1, 2)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"a": 1}', "plain"),
        ("plain", '{"a": 1}'),
        ('{"a": 1}', "[1]"),
        ('{"a": 1, "a": 2}', '{"a": 3}'),
        ('{"status": $context.status}', '{"status": 1}'),
        ("[" * 200 + "]" * 200, "[1]"),
        ('{"a": 1}', '{ "a": 1 }'),
        ('{"a": NaN}', '{"a": 1}'),
        ('{"x": 12345678901234567890.1}', '{"x": 12345678901234567891.1}'),
        ('{"x": 1e400}', '{"x": 1e500}'),
    ],
)
def test_what_is_no_document_on_both_sides_or_says_the_same_is_a_text(before: str, after: str) -> None:
    assert told(update(before, after)) == [("a", "", before, after)]


def test_numbers_that_are_what_they_say_are_compared_as_numbers() -> None:
    assert told(update('{"x": 0.10, "y": 1e3, "z": 1.5}', '{"x": 0.1, "y": 1000, "z": 2.5}')) == [("a", "z", 1.5, 2.5)]


@pytest.mark.parametrize("number", ["12345678901234567890.1", "1e400"])
def test_a_document_with_a_number_that_would_be_rounded_is_none(number: str) -> None:
    assert document_in(f'{{"x": {number}}}') is None


def test_in_a_document_null_is_something() -> None:
    null, absent = told(update('{"n": null, "x": 1}', '{"x": 2}'))
    assert null[:3] == ("a", "n", None)
    assert null[3] is NOTHING
    assert absent == ("a", "x", 1, 2)


def test_statements_in_another_order_are_told_beside_what_else_changes() -> None:
    one, two, new = ({"Sid": name, "Effect": "Allow"} for name in ("One", "Two", "New"))
    before = {"Version": "1", "Statement": [one, two]}
    assert told(update(*map(json.dumps, (before, {"Version": "2", "Statement": [two, one]})))) == [
        ("a", "Statement", ["One", "Two"], ["Two", "One"]),
        ("a", "Version", "1", "2"),
    ]
    (edit,) = update(*map(json.dumps, (before, {"Version": "1", "Statement": [new, one, two]})))
    assert (edit.document, edit.before is NOTHING) == ('Statement["New"]', True)


@pytest.mark.parametrize("key", ["ключ é", "a\\b", 'a"b', 'a\\"b', "line\nend", "\\u0041", "😀"])
def test_a_key_of_any_characters_is_found_again_and_forces(key: str) -> None:
    resource = Res(
        "aws_x.this", {"tags": {key: 2}}, action="replace", before={"tags": {key: 1}}, forced_by=[["tags", key]]
    )
    (edit,) = changes(plan(resource)).resources[0].edits
    assert edit.forces
    assert steps(edit.path) == ("tags", key)
    assert "\\u04" not in edit.path


def test_true_is_not_one_and_null_is_nothing() -> None:
    assert told(update([True], [1])) == [("a[0]", "", True, 1)]
    assert update({"x": None}, {}) == ()
    assert told(update(None, "x"))[0][3] == "x"


def test_an_element_put_in_at_the_front_is_the_only_edit() -> None:
    ((path, _, before, after),) = told(update(["b", "c", "d"], ["a", "b", "c", "d"]))
    assert (path, after) == ("a[0]", "a")
    assert before is NOTHING
    assert found("edited", "list").edits[0].after == "a"


def test_blocks_are_paired_by_their_name_and_by_what_they_share() -> None:
    one, other = {"name": "p", "size": 1}, {"name": "q", "size": 5}
    edits = told(update([one, other], [{"name": "new", "size": 1}, {"name": "p", "size": 2}, other]))
    assert ("a[1].size", "", 1, 2) in edits
    assert [path for path, _, before, _ in edits if before is NOTHING] == ["a[0]"]
    assert len(edits) == 2
    nameless = [{"from": 1, "to": 1, "open": False}, {"from": 2, "to": 2, "open": False}]
    changed = [{"from": 2, "to": 2, "open": True}]
    edits = told(update(nameless, changed))
    assert ("a[0].open", "", False, True) in edits
    assert len(edits) == 2


def test_a_reordered_list_is_told_as_order_may_matter() -> None:
    assert update(["a", "b"], ["b", "a"])


@pytest.mark.parametrize(
    ("before", "after", "edits"),
    [
        (["a"] * 6000, ["a"] * 6000, []),
        (["a"] * 3000 + ["b"] + ["a"] * 3000, ["a"] * 6001, ["a[3000]"]),
        (["b"] + ["a"] * 6000, ["a"] * 6000 + ["c"], ["a[0]", "a[6000]"]),
        (["a"] * 6000, ["x", *["a"] * 6000, "y"], ["a[0]", "a[6000]", "a[6001]"]),
        (["a", "b"] * 50, ["b", "a"] * 50 + ["b"], ["a[0]"]),
        (["x", *["a", "b"] * 3000], ["y", *["a", "b"] * 3000], ["a[0]"]),
    ],
    ids=["same", "one in the middle", "shifted", "both ends", "few that repeat", "one at the front"],
)
def test_long_lists_of_equal_elements_take_little_work(before: list[str], after: list[str], edits: list[str]) -> None:
    """The work is counted, not timed: comparing each with each would be millions of calls."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "c_call"
        assert calls < 1_000_000

    sys.setprofile(count)
    try:
        found = told(update(before, after))
    finally:
        sys.setprofile(None)
    assert [path for path, *_ in found] == edits


@pytest.mark.parametrize("count", [3, 2000])
def test_a_long_list_in_another_order_is_one_edit(count: int) -> None:
    entries = [{"name": f"n{n}", "size": n} for n in range(count)]
    edits = told(update(json.dumps(entries), json.dumps(entries[::-1])))
    assert len(edits) == (1 if count > 20 else 4)
    assert update(entries, entries[::-1])
    changed = [*entries[::-1][1:], {"name": "new", "size": 0}]
    assert len(told(update(entries, changed))) > 1


def test_two_states_of_the_files_show_what_changed_between_them() -> None:
    base = plan(Res("aws_x.same", {"id": UNKNOWN}), Res("aws_x.edited", {"size": 1}), Res("aws_x.gone", {"size": 1}))
    head = plan(Res("aws_x.same", {"id": UNKNOWN}), Res("aws_x.edited", {"size": 2}), Res("aws_x.new", {"size": 1}))
    seen = changes(since(base, head))
    assert [(one.address, one.action) for one in seen.resources] == [
        ("aws_x.gone", Action.DELETE),
        ("aws_x.edited", Action.UPDATE),
        ("aws_x.new", Action.CREATE),
    ]
    assert told(seen.of(Action.UPDATE)[0].edits) == [("size", "", 1, 2)]


@pytest.mark.parametrize(
    ("was", "now", "untold"),
    [
        (["aws_a.this.arn", "var.stage"], ["aws_a.this.arn", "var.stage"], []),
        (["aws_a.this.arn", "var.stage"], ["aws_a.this.arn"], ["arn", "in[0].arn"]),
        (["aws_a.this.arn"], ["aws_a.other.arn"], ["arn", "in[0].arn"]),
        (..., ["aws_a.this.arn"], ["arn", "in[0].arn"]),
        (..., ..., []),
    ],
)
def test_two_unknown_values_are_equal_only_where_they_are_made_alike(was: Any, now: Any, untold: list[str]) -> None:
    def made(references: Any) -> Plan:
        expression = ... if references is ... else {"references": references}
        inner = ... if references is ... else [{"arn": expression, "name": {"references": ["var.n"]}}]
        values = {"id": UNKNOWN, "arn": UNKNOWN, "in": [{"arn": UNKNOWN, "name": UNKNOWN}]}
        return plan(Res("aws_x.this", values, written={"id": ..., "arn": expression, "in": inner}))

    seen = changes(since(made(was), made(now)))
    expected = [*untold, *(["in[0].name"] if untold and was is ... else [])]
    assert [one.path for change in seen.resources for one in change.edits] == expected
    for change in seen.resources:
        assert change.action is Action.UPDATE
        assert all(one.before is UNKNOWN and one.after is UNKNOWN and not one.computed for one in change.edits)
        (text,) = {str(line).split(": ", 1)[1].strip() for line in edit_lines(change.edits, PLAIN, 1)}
        assert text == "made otherwise: its value cannot be told from the files alone"


@pytest.mark.parametrize("part", ["handed", "constant", "output", "each"])
def test_what_makes_an_unknown_value_is_followed_through_modules(part: str) -> None:
    def made(changed: str) -> Plan:
        other = part if changed == "yes" else ""
        refers = {name: {"references": [f"var.{name}{'2' if other == name else ''}"]} for name in ("handed", "each")}
        inner = {
            "resources": [
                {
                    "type": "aws_x",
                    "name": "this",
                    "mode": "managed",
                    "expressions": {"arn": {"references": ["var.a", "var.c", "module.deep.out", "each.value"]}},
                    "for_each_expression": refers["each"],
                }
            ],
            "module_calls": {
                "deep": {"module": {"outputs": {"out": {"expression": {"references": [f"aws_y.{other == 'output'}"]}}}}}
            },
        }
        call = {
            "module": inner,
            "expressions": {"a": refers["handed"], "c": {"constant_value": "*" if other == "constant" else "v1"}},
        }
        entry = document(Res("aws_x.this", {"arn": UNKNOWN}))
        entry["resource_changes"][0] |= {"address": "module.m.aws_x.this", "module_address": "module.m"}
        entry["configuration"] = {"root_module": {"module_calls": {"m": call}}}
        return read_plan(json.dumps(entry).encode())

    assert changes(since(made("no"), made("no"))).resources == ()
    (one,) = changes(since(made("no"), made("yes"))).resources
    assert [edit.path for edit in one.edits] == ["arn"]


def test_an_unknown_output_that_is_made_otherwise_is_told() -> None:
    def made(source: str) -> Plan:
        whole = document()
        sides = {"before": None, "after_unknown": True, "before_sensitive": False, "after_sensitive": False}
        whole["output_changes"] = {"o": {"actions": ["create"], **sides}}
        whole["configuration"]["root_module"]["outputs"] = {"o": {"expression": {"references": [source]}}}
        return read_plan(json.dumps(whole).encode())

    assert changes(since(made("aws_x.a.arn"), made("aws_x.a.arn"))).outputs == ()
    (one,) = changes(since(made("aws_x.a.arn"), made("aws_x.b.arn"))).outputs
    assert [(edit.path, edit.before is edit.after is UNKNOWN) for edit in one.edits] == [("", True)]


def test_helpers_count_group_and_say_if_anything_happens() -> None:
    seen = recorded("lifecycle")
    assert seen.any
    assert seen.counts[Action.UPDATE] == 1
    assert set(seen.by_module()) == {""}
    assert not changes(nothing()).any


def nothing() -> Plan:
    return plan(Res("aws_x.this", {"a": 1}, action="no-op", before={"a": 1}))


def test_what_does_not_change_is_not_told() -> None:
    assert changes(nothing()) == Changes((), (), ())
