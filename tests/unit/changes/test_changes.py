"""Every kind of change is shown with its values, in the reader's order; recorded plans are Terraform's own."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest
from tests.support.builder import Res, plan

from harness.changes import Changed, Changes, Edit, changes
from harness.plan import SENSITIVE, UNKNOWN, Action, Plan, read_plan, since
from harness.plan.values import NOTHING

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


def test_a_document_is_compared_as_one_and_statements_by_sid() -> None:
    after = [("input", 'Statement["Read"].Action[1]', NOTHING, "b")]
    (edit,) = [one for one in found("edited", "document").edits if one.document]
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
    ],
)
def test_what_is_no_document_on_both_sides_or_says_the_same_is_a_text(before: str, after: str) -> None:
    assert told(update(before, after)) == [("a", "", before, after)]


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
