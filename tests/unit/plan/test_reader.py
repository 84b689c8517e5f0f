"""The plan model over recorded plans of every odd situation, and its refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.base.errors import HarnessError, PlanFormatError
from harness.changes import changes
from harness.plan import (
    SENSITIVE,
    UNKNOWN,
    Action,
    CheckStatus,
    Plan,
    ValueMissingError,
    is_marked,
    read_plan,
)
from harness.plan.values import steps

RECORDED = Path(__file__).parent / "recorded"
CHILD = 'module.child["a.b"].terraform_data.this["one"]'


def recorded(name: str) -> Plan:
    return read_plan((RECORDED / f"{name}.json").read_bytes())


def altered(name: str, change: Any) -> bytes:
    """A recorded plan with one thing changed in place."""
    document = json.loads((RECORDED / f"{name}.json").read_bytes())
    change(document)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("terraform_data.kept", Action.NO_OP),
        ("terraform_data.updated", Action.UPDATE),
        ("terraform_data.deleted", Action.DELETE),
        ("terraform_data.replaced", Action.REPLACE_DELETE_FIRST),
        ("terraform_data.renewed", Action.REPLACE_CREATE_FIRST),
        ("terraform_data.let_go", Action.FORGET),
        ("terraform_data.new_name", Action.NO_OP),
        ("data.terraform_remote_state.late", Action.READ),
    ],
)
def test_every_action_is_told_apart(name: str, action: Action) -> None:
    assert recorded("lifecycle").resource(name).action is action


def test_a_first_plan_creates_and_reads() -> None:
    first = recorded("first")
    assert {change.action for change in first.resources.values()} == {Action.CREATE, Action.READ}


def test_only_actions_that_remove_the_object_destroy() -> None:
    assert {action for action in Action if action.destroys} == {
        Action.DELETE,
        Action.REPLACE_CREATE_FIRST,
        Action.REPLACE_DELETE_FIRST,
    }


def test_imports_moves_and_left_overs() -> None:
    plan = recorded("lifecycle")
    assert plan.resource("terraform_data.adopted").importing == "an-existing-id"
    assert plan.resource("terraform_data.kept").importing is None
    assert plan.resource("terraform_data.new_name").previous_address == "terraform_data.old_name"
    deposed = recorded("deposed")
    assert [(one.address, one.deposed, one.action) for one in deposed.deposed] == [
        ("terraform_data.this", "0badcafe", Action.DELETE)
    ]
    assert deposed.resource("terraform_data.this").action is Action.NO_OP


def test_addresses_modules_and_indexes() -> None:
    child = recorded("first").resource(CHILD)
    assert (child.module, child.type, child.name, child.index) == (
        'module.child["a.b"]',
        "terraform_data",
        "this",
        "one",
    )
    assert recorded("first").resource("terraform_data.counted[1]").index == 1


def test_of_type_leaves_out_what_goes_away() -> None:
    plan = recorded("lifecycle")
    staying = {change.name for change in plan.of_type("terraform_data")}
    assert staying == {"kept", "updated", "replaced", "renewed", "new_name", "adopted"}
    assert {change.name for change in plan.all_of_type("terraform_data")} == staying | {"deleted", "let_go"}


def test_both_sides_of_a_change() -> None:
    updated = recorded("lifecycle").resource("terraform_data.updated")
    assert (updated.value_before("input"), updated.value("input")) == ("old", "new")
    with pytest.raises(ValueMissingError, match="no values after"):
        recorded("lifecycle").resource("terraform_data.deleted").value("input")
    with pytest.raises(ValueMissingError, match="no values before"):
        recorded("first").resource("terraform_data.source").value_before("input")


def test_unknown_values_at_every_depth() -> None:
    derived = recorded("first").resource("terraform_data.derived")
    assert derived.value("id") is UNKNOWN
    assert derived.value("input.id") is UNKNOWN
    assert derived.value("input.list[0]") is UNKNOWN
    assert derived.value("input.list[1]") == "x"
    assert derived.value("id.below.it") is UNKNOWN
    assert is_marked(derived.value("input"))


@pytest.mark.parametrize("mark", [UNKNOWN, SENSITIVE])
def test_an_assertion_on_a_mark_fails(mark: Any) -> None:
    assert (mark == mark) is False  # noqa: PLR0124 (that is the point)
    assert (mark == "x") is False
    assert (mark != "x") is False
    with pytest.raises(ValueMissingError):
        bool(mark)


def test_secrets_never_leave_the_model() -> None:
    plan = recorded("first")
    source = plan.resource("terraform_data.source")
    assert source.value("input.password") is SENSITIVE
    assert source.value("input.list[1].inner") is SENSITIVE
    assert source.value("input.number") == 1
    assert plan.outputs["secret"].sensitive
    assert plan.outputs["secret"].after is SENSITIVE
    assert plan.variables == {"password": plan.variables["password"], "plain": None}
    assert plan.variables["password"] is SENSITIVE
    seen = [repr(plan), *map(repr, plan.resources.values()), *map(repr, plan.outputs.values())]
    seen += [repr(change.after) for change in plan.resources.values()]
    with pytest.raises(ValueMissingError) as missing:
        source.value("input.password2")
    seen.append(str(missing.value))
    assert "hunter2" in (RECORDED / "first.json").read_text()
    assert not [text for text in seen if "hunter2" in text]


def test_a_missing_value_raises_and_says_what_stands_there() -> None:
    with pytest.raises(ValueMissingError, match=r"no 'input.nmber' in the plan; input has the keys list, num"):
        recorded("first").resource("terraform_data.source").value("input.nmber")
    with pytest.raises(ValueMissingError, match=r"input.list has 2 element"):
        recorded("first").resource("terraform_data.source").value("input.list[2]")
    with pytest.raises(ValueMissingError, match=r"did you mean .*terraform_data.source"):
        recorded("first").resource("terraform_data.sauce")


def test_values_cannot_be_altered_through_what_is_handed_out() -> None:
    source = recorded("first").resource("terraform_data.source")
    handed: Any = source.after
    handed["input"]["number"] = 2
    assert source.value("input.number") == 1
    with pytest.raises(AttributeError):
        source.action = Action.NO_OP  # type: ignore[misc]


def test_checks_with_their_messages() -> None:
    assert {check.address: (check.kind, check.status, check.problems) for check in recorded("first").checks} == {
        "check.broken": ("check", CheckStatus.FAIL, ("the number is not 2",)),
        "check.holds": ("check", CheckStatus.PASS, ()),
        "check.later": ("check", CheckStatus.UNKNOWN, ()),
        "var.password": ("var", CheckStatus.PASS, ()),
    }


def test_references_are_followed_through_modules_both_ways() -> None:
    plan = recorded("first")
    assert plan.references("terraform_data.derived", "triggers_replace") == {
        'module.child.terraform_data.this["one"].id'
    }
    assert plan.references(CHILD, "input") == {"terraform_data.source.id"}
    assert plan.references("data.terraform_remote_state.late", "config.path") == {
        "path.module",
        "terraform_data.source.id",
    }
    assert plan.configuration.depends_on("", "terraform_data", "derived") == ("terraform_data.counted",)
    with pytest.raises(ValueMissingError, match="not set in the configuration"):
        plan.references("terraform_data.counted[0]", "triggers_replace")


def test_a_constant_refers_to_nothing() -> None:
    assert recorded("lifecycle").references("terraform_data.kept", "input") == frozenset()


def drop(*path: str | int) -> Any:
    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        del document[path[-1]]

    return change


def put(value: object, *path: str | int) -> Any:
    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("2.0", "format_version"), "format 2.0"),
        (drop("format_version"), "format_version"),
        (drop("configuration"), "configuration"),
        (drop("errored"), "errored"),
        (put(True, "errored"), "did not finish"),
        (put(["evaporate"], "resource_changes", 1, "change", "actions"), r"counted\[0\]: unknown actions"),
        (put([], "resource_changes", 1, "change", "actions"), "unknown actions"),
        (put(["create", "update"], "resource_changes", 1, "change", "actions"), "unknown actions"),
        (
            drop("resource_changes", 1, "change", "after_unknown"),
            r"after_unknown.*resource_changes\[1\]",
        ),
        (drop("resource_changes", 1, "change", "after_sensitive"), "after_sensitive"),
        (drop("resource_changes", 1, "address"), "address"),
        (put("ephemeral", "resource_changes", 1, "mode"), "ephemeral"),
        (put("terraform_data.counted[0]", "resource_changes", 2, "address"), "stands twice"),
        (put("perhaps", "checks", 0, "status"), "perhaps"),
        (put(["evaporate"], "output_changes", "made", "actions"), "output.made: unknown actions"),
        (put([{}], "action_invocations"), r"invokes 1 action\(s\) of providers"),
        (put([{}, {}], "deferred_action_invocations"), r"invokes 2 action\(s\) of providers"),
        (put([{"reason": "unknown"}], "deferred_changes"), "puts changes off and says that it is complete"),
        (put(True, "resource_changes", 1, "index_unknown"), r"counted\[0\]: its instances are unknown"),
        (put([], "query_results"), "unknown field `query_results`"),
        (put(True, "resource_changes", 1, "deferred"), r"unknown field `deferred`.*resource_changes\[1\]"),
        (put({}, "resource_changes", 1, "change", "after_private"), "unknown field `after_private`"),
        (put({}, "output_changes", "made", "shown_to"), "unknown field `shown_to`"),
    ],
)
def test_what_is_not_understood_is_refused(change: Any, message: str) -> None:
    with pytest.raises(PlanFormatError, match=message):
        read_plan(altered("first", change))


IDENTITY = {"bucket": "b"}


@pytest.mark.parametrize(
    "change",
    [
        put({"resources": []}, "prior_state"),
        put("2026-01-01T00:00:00Z", "timestamp"),
        put([], "action_invocations"),
        put([], "deferred_action_invocations"),
        put([], "deferred_changes"),
        put('resource "x" "y" {}', "resource_changes", 1, "change", "generated_config"),
        put(IDENTITY, "resource_changes", 1, "change", "before_identity"),
        put(IDENTITY, "resource_changes", 1, "change", "after_identity"),
        put([["input", 0]], "resource_changes", 1, "change", "replace_paths"),
        put({"identity": IDENTITY, "unknown": True}, "resource_changes", 1, "change", "importing"),
    ],
)
def test_keys_of_newer_releases_that_hide_nothing_are_read(change: Any) -> None:
    assert read_plan(altered("first", change)).resources.keys() == recorded("first").resources.keys()


def test_changes_that_are_put_off_are_told_by_a_plan_that_is_not_complete() -> None:
    def deferred(document: Any) -> None:
        document.update(complete=False, deferred_changes=[{"reason": "unknown"}])

    assert not read_plan(altered("first", deferred)).complete


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b'{"format_version": 1.2}'])
def test_what_is_no_plan_is_refused(data: bytes) -> None:
    with pytest.raises(PlanFormatError):
        read_plan(data)


def test_a_plan_terraform_did_not_finish_is_refused() -> None:
    with pytest.raises(PlanFormatError, match="did not finish"):
        recorded("errored")


def test_a_later_minor_format_is_read() -> None:
    assert read_plan(altered("first", put("1.9", "format_version"))).format_version == "1.9"


def test_drift_is_read() -> None:
    """A built-in resource cannot drift: an update recorded from Terraform stands in for one."""

    def drifted(document: Any) -> None:
        entry = document["resource_changes"].pop(8)
        del entry["change"]["after_unknown"]
        document["resource_drift"] = [entry]

    plan = read_plan(altered("lifecycle", drifted))
    assert [(one.address, one.value_before("input"), one.value("input")) for one in plan.drift] == [
        ("terraform_data.updated", "old", "new")
    ]
    assert "terraform_data.updated" not in plan.resources


@pytest.mark.parametrize(
    "value",
    [b"1e400", b'"\xff"', b"[" * 5000 + b"]" * 5000, b"[" * 900 + b"]" * 900, b'{"a":' * 101 + b"1" + b"}" * 101],
)
def test_a_value_that_cannot_be_read_is_refused_where_it_is_asked_for(value: bytes) -> None:
    data = altered("lifecycle", put("here", "resource_changes", 8, "change", "after", "input"))
    assert b'"here"' in data
    with pytest.raises(PlanFormatError):
        _ = [one.after for one in read_plan(data.replace(b'"here"', value)).resources.values()]
    with pytest.raises(PlanFormatError):
        changes(read_plan(data.replace(b'"here"', value)))


def test_a_value_that_is_deep_can_still_be_compared() -> None:
    deep = b"[" * 98 + b"1" + b"]" * 98
    data = altered("lifecycle", put("here", "resource_changes", 8, "change", "after", "input"))
    (one,) = [
        one for one in changes(read_plan(data.replace(b'"here"', deep))).resources if one.address.endswith("updated")
    ]
    assert one.edits


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.b[0].c", ("a", "b", 0, "c")),
        ('tags["odd.key"]', ("tags", "odd.key")),
        ("a.0.b", ("a", 0, "b")),
        ("", ()),
        (r'tags["a\\b"].c', ("tags", r"a\b", "c")),
        (r'tags["a\.b\""]', ("tags", r'a\.b"')),
        (r'tags["\u043a"]', ("tags", "к")),
    ],
)
def test_paths(path: str, expected: tuple[str | int, ...]) -> None:
    assert steps(path) == expected


def test_what_is_no_path_is_refused() -> None:
    with pytest.raises(HarnessError, match="not an attribute path"):
        steps("a[b]")


def with_output(**change: object) -> bytes:
    base = {"actions": ["create"], "before": None, "before_sensitive": False, "after_sensitive": False}
    return altered("first", lambda document: document["output_changes"].update({"url": {**base, **change}}))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"after_unknown": True}, UNKNOWN),
        ({"after_unknown": False, "after": None}, None),
        ({"after_unknown": False, "after": "x"}, "x"),
    ],
)
def test_an_output_that_is_wholly_unknown_has_no_after(change: dict[str, object], expected: object) -> None:
    """Terraform leaves the key out; it must read as unknown, never as null."""
    after = read_plan(with_output(**change)).outputs["url"].after
    assert after == expected if isinstance(expected, str) else after is expected


def test_an_output_with_neither_a_value_nor_an_unknown_one_is_refused() -> None:
    with pytest.raises(PlanFormatError, match=r"output\.url has neither"):
        read_plan(with_output(after_unknown=False))
