"""What no longer holds is revised; what holds, and what is asserted of, stays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from tests.support.builder import Res, plan

from harness.inventory.document import load, match, read_inventory
from harness.inventory.editing import edited
from harness.inventory.revising import revised_inventory
from harness.plan import SENSITIVE, UNKNOWN, Plan, read_plan

POLICY = {"Version": "1", "Statement": [{"Action": ["get", "put"], "Sid": "A"}, {"Action": ["list"], "Sid": "B"}]}
TABLE = Res(
    "aws_dynamodb_table.this",
    {
        "name": "t",
        "size": 10,
        "kms": UNKNOWN,
        "secret": SENSITIVE,
        "stream": None,
        "policy": json.dumps(POLICY),
        "tags": {"a": "b", "c": "d"},
        "index": [{"name": "one", "size": 1, "x": None}, {"name": "two", "size": 2, "x": None}],
        "lines": ["a", "b", "c"],
    },
    refs={"kms": ["aws_kms_key.this.arn", "aws_kms_key.this"], "name": ["var.name"]},
)
PLAN = plan(TABLE, Res("aws_kms_key.this", {"rotation": True}), Res("aws_kms_key.that", {"rotation": True}))


def rewritten(text: str, judged: Plan = PLAN) -> tuple[str, tuple[str, ...]]:
    document: Any = load(text, file="x.yaml")
    new = revised_inventory(judged, read_inventory(text, file="x.yaml"), document)
    after = edited(text, new.expected, file="x.yaml")
    assert list(match(judged, read_inventory(after, file="x.yaml"))) == []
    return after, new.notes


def table(text: str) -> str:
    return f"resources:\n  aws_dynamodb_table.this:\n    {text}\n    size: 10  # stays\n"


@pytest.mark.parametrize(
    "text",
    ["name: t", "name: !regex 't+'", "kms: !unknown", "kms: !from aws_kms_key.this.arn", "secret: !sensitive",
     "stream: !absent", "tags: {a: b}", "index: [{name: one}, {size: 2}]", "policy: !json " + json.dumps(POLICY)],
)  # fmt: skip
def test_what_holds_stays_as_it_is_written(text: str) -> None:
    assert rewritten(table(text)) == (table(text), ())


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        ("name: u", "name: t", 'name: got "t", expected "u"'),
        ("name: !regex 'u+'", "name: t", 'name: got "t", expected !regex "u+"'),
        ("kms: k", "kms: !from aws_kms_key.this.arn", 'kms: got "<unknown until apply>", expected "k"'),
        ("kms: !from aws_kms_key.that.arn", "kms: !from aws_kms_key.this.arn",
         "kms: made from aws_kms_key.this.arn, expected aws_kms_key.that.arn"),
        ("secret: x", "secret: !sensitive", 'secret: got "<sensitive>", expected "x"'),
        ("stream: x", "stream: !absent", 'stream: got null, expected "x"'),
        ("tags: {a: x}", "tags: {a: b}", 'tags.a: got "b", expected "x"'),
        ("tags: {a: b, gone: x}", "tags: {a: b}", 'tags.gone: not in the plan, expected "x"'),
        ("index: [{name: one}, {name: zwei}]", "index: [{name: one}, {name: two}]",
         'index[1].name: got "two", expected "zwei"'),
        ("index: [{name: one}]", "index: [{name: one}, {name: two}]", "index: got 2 element(s), expected 1; "
         'index[1]: got {"name": "two", "size": 2, "x": null}, expected nothing'),
        ("index: [{name: zero}, {name: one}, {name: two}]", "index: [{name: one}, {name: two}]",
         'index: got 2 element(s), expected 3; index[0].name: got "one", expected "zero"'),
        ("lines: [a, x, b, c]", "lines: [a, b, c]",
         'lines: got 3 element(s), expected 4; lines[1]: got "b", expected "x"'),
        ("lines: [c]", "lines: [a, b, c]", 'lines: got 3 element(s), expected 1; lines[0]: got "a", expected "c"'),
        ("'index[0].name': x", "'index[0].name': one", 'index[0].name: got "one", expected "x"'),
    ],
)  # fmt: skip
def test_what_does_not_hold_becomes_what_the_plan_shows(before: str, after: str, note: str) -> None:
    assert rewritten(table(before)) == (table(after), (f"aws_dynamodb_table.this: {note}",))


def test_a_document_inside_is_changed_at_the_place_that_differs() -> None:
    block = "policy: !json\n      Statement:\n      - Action: [get, put]  # both\n        Sid: {}\n{}      Version: '1'"
    after = block.format("A", "      - Action: [list]\n        Sid: B\n")
    text, notes = rewritten(table(block.format("Z", "")))
    assert [line.strip() for line in text.splitlines()] == [
        "resources:", "aws_dynamodb_table.this:", "policy: !json", "Statement:", "- Action: [get, put]  # both",
        "Sid: A", "- Action:", "- list", "Sid: B", "Version: '1'", "size: 10  # stays",
    ]  # fmt: skip
    assert load(text, file="x") == load(table(after), file="x")
    assert notes == ('aws_dynamodb_table.this: policy: Statement[0].Sid: got "A", expected "Z" (and 1 more)',)


def test_what_the_plan_no_longer_has_is_removed() -> None:
    text = (
        table("nothing: 1\n    tags: {nothing: 1}")
        + "  aws_dynamodb_table.gone:\n    name: x\n  # what follows\n  aws_kms_key.this: {rotation: true}\n"
    )
    after, notes = rewritten(text)
    assert after == text.replace("    nothing: 1\n    tags: {nothing: 1}\n", "").replace(
        "  aws_dynamodb_table.gone:\n    name: x\n", ""
    )
    assert [note.partition(";")[0] for note in notes] == [
        "aws_dynamodb_table.this: no 'nothing' in the plan",
        "aws_dynamodb_table.this: tags.nothing: not in the plan, expected 1",
        "aws_dynamodb_table.gone: not in the plan: removed",
    ]


def test_a_resource_of_which_nothing_is_left_to_assert_is_removed() -> None:
    text = "counts: {aws_dynamodb_table: 1, aws_kms_key: 2}\nresources:\n  aws_dynamodb_table.this:\n    nothing: 1\n"
    assert rewritten(text)[0] == "counts: {aws_dynamodb_table: 1, aws_kms_key: 2}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  aws_dynamodb_table: 2\n  aws_kms_key: 2\n", "  aws_dynamodb_table: 1\n  aws_kms_key: 2\n"),
        ("  aws_dynamodb_table: 1\n", "  aws_dynamodb_table: 1\n  aws_kms_key: 2\n"),
        ("  aws_kms_key: 2\n", "  aws_dynamodb_table: 1\n  aws_kms_key: 2\n"),
        ("  aws_x: 1\n  aws_dynamodb_table: 1\n", "  aws_dynamodb_table: 1\n  aws_kms_key: 2\n"),
    ],
)
def test_counts_are_corrected(before: str, after: str) -> None:
    rest = "resources:\n  aws_kms_key.this: {rotation: true}\n"
    assert rewritten(f"counts:\n{before}{rest}")[0] == f"counts:\n{after}{rest}"


def test_new_resources_are_said_and_not_added() -> None:
    text = "counts: {aws_dynamodb_table: 1, aws_kms_key: 1}\nresources:\n  aws_kms_key.this: {rotation: true}\n"
    after, notes = rewritten(text)
    assert after == text.replace("aws_kms_key: 1", "aws_kms_key: 2")
    assert notes == (
        "aws_kms_key: got 2 resource(s), expected 1",
        "aws_kms_key.that: not listed; add what a reader would defend in review",
    )


def inside(module: str, change: Mapping[str, Any]) -> Plan:
    """A plan whose one resource stands in a module, as Terraform writes it."""
    address = f"{module}.aws_x.this"
    values = {"before": None, "after": change, "after_unknown": {}, "before_sensitive": False, "after_sensitive": {}}
    named = {"mode": "managed", "type": "aws_x", "name": "this"}
    where = {"address": address, "module_address": module, "provider_name": "registry.terraform.io/hashicorp/aws"}
    entry = {**where, **named, "change": {"actions": ["create"], **values}}
    block = {"address": "aws_x.this", **named, "expressions": {"name": {}}}
    call = {"a": {"source": "../a", "module": {"resources": [block]}}}
    head = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "errored": False,
        "complete": True,
        "applyable": True,
    }
    document = {**head, "resource_changes": [entry], "configuration": {"root_module": {"module_calls": call}}}
    return read_plan(json.dumps(document).encode())


@pytest.mark.parametrize("module", ['module.a["one"]', "module.a[0]"])
def test_a_resource_is_followed_into_an_instance_of_its_module_and_back(module: str) -> None:
    text = "resources:\n  # why\n  {}.aws_x.this:\n    name: {}  # what for\n"
    before, after = text.format("module.a", "x"), text.format(module, "y")
    assert rewritten(before, inside(module, {"name": "y"}))[0] == after
    assert rewritten(after, inside("module.a", {"name": "x"}))[0] == before


def alarms(*alarms: tuple[str, str, int]) -> Plan:
    return plan(*(Res(f'aws_alarm.this["{key}"]', {"name": f"{key}-x", "metric": metric, "over": over, "hot": True})
                  for key, metric, over in alarms))  # fmt: skip


def test_an_instance_that_has_another_key_is_followed_where_most_of_it_holds() -> None:
    entry = 'resources:\n  aws_alarm.this["errors"]: {{name: errors-x, metric: e, over: {}, hot: true}}\n'
    judged = alarms(("errors-one", "e", 5), ("throttles-one", "t", 5))
    after, notes = rewritten(entry.format(5), judged)
    assert after == entry.format(5).replace("errors", "errors-one")
    assert notes[0] == 'aws_alarm.this["errors"]: is now aws_alarm.this["errors-one"]'


@pytest.mark.parametrize(
    "judged",
    [alarms(("a", "e", 5), ("b", "e", 5)), alarms(("a", "t", 6)), plan(Res("aws_alarm.that", {"metric": "e"}))],
    ids=["two could be it", "half of it holds", "another resource"],
)
def test_a_resource_is_not_followed_where_there_is_doubt(judged: Plan) -> None:
    expected = "{name: errors-x, metric: e, over: 5, hot: true}"
    text = f'counts: {{aws_alarm: 1}}\nresources:\n  aws_alarm.this["errors"]: {expected}\n'
    after, notes = rewritten(text, judged)
    assert "resources" not in after
    assert 'aws_alarm.this["errors"]: not in the plan: removed' in notes
