"""The inventory engine: what matches, what does not, and what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.builder import Res, plan

from harness.inventory.document import InventoryError, load, match, read_inventory
from harness.inventory.expect import assertions
from harness.inventory.suggest import suggest
from harness.plan import SENSITIVE, UNKNOWN, Plan, read_plan

TABLE = Res(
    "aws_dynamodb_table.this",
    {
        "name": "t",
        "ttl": [{"attribute_name": "expires_at", "enabled": True}],
        "tags": {"a.b": "c", "d": "e"},
        "capacity": 10,
        "ratio": 0.5,
        "policy": json.dumps({"Statement": [{"Action": ["a", "b"]}]}),
        "kms": UNKNOWN,
        "stream": None,
        "indexes": [],
        "secret": SENSITIVE,
    },
    refs={"kms": ["aws_kms_key.this.arn", "aws_kms_key.this"]},
)
PLAN = plan(TABLE, Res("aws_kms_key.this", {"enable_key_rotation": True}))


def found(text: str, judged: Plan = PLAN) -> list[str]:
    return [finding.message for finding in match(judged, read_inventory(text, file="x.yaml"))]


def attribute(text: str) -> list[str]:
    return found(f"resources: {{aws_dynamodb_table.this: {{{text}}}}}")


@pytest.mark.parametrize(
    "text",
    [
        "name: t",
        "capacity: 10",
        "capacity: 10.0",
        "ratio: 0.5",
        "ttl: [{enabled: true}]",
        "'ttl[0].enabled': true",
        "tags: {a.b: c}",
        "'tags[\"a.b\"]': c",
        "kms: !unknown ",
        "kms: !from aws_kms_key.this.arn",
        "kms: !from [aws_kms_key.this.arn]",
        "stream: !absent ",
        "indexes: !absent ",
        "name: !regex 't+'",
        "policy: !json {Statement: [{Action: [a, b]}]}",
        "secret: !sensitive ",
    ],
)
def test_what_holds(text: str) -> None:
    assert attribute(text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: u", 'name: got "t", expected "u"'),
        ("nam: t", "no 'nam' in the plan"),
        ("capacity: '10'", 'capacity: got 10, expected "10"'),
        ("capacity: true", "capacity: got 10, expected true"),
        ("'ttl[0].enabled': 1", "got true, expected 1"),
        ("ttl: [{enabled: false}]", "ttl[0].enabled: got true, expected false"),
        ("ttl: []", "expected []"),
        ("ttl: [{enabled: true}, {enabled: true}]", "ttl: got 1 element(s), expected 2; ttl[1]: not in the plan"),
        ("ttl: [{enabled: false}, {enabled: true}]", "expected 2; ttl[0].enabled: got true, expected false"),
        ("ttl: [{enable: true}]", "ttl[0].enable: not in the plan, expected true"),
        ("tags: {a.b: d}", 'tags["a.b"]: got "c"'),
        ("name: null", "expected null"),
        ("name: !absent ", 'got "t", expected !absent'),
        ("missing: !absent ", "no 'missing' in the plan"),
        ("name: !unknown ", "expected !unknown"),
        ("kms: k", "got \"<unknown until apply>\", expected \"k\""),
        ("kms: !absent ", "expected !absent"),
        ("kms: !regex '.*'", "expected !regex"),
        ("kms: !from aws_kms_key.other.arn", "made from aws_kms_key.this.arn, expected aws_kms_key.other.arn"),
        ("name: !from aws_kms_key.this.arn", 'got "t", expected !from "aws_kms_key.this.arn"'),
        ("name: !regex 'T'", "expected !regex"),
        ("name: !regex ''", "got \"t\""),
        ("policy: !json {Statement: [{Action: [a, c]}]}", 'policy: Statement[0].Action[1]: got "b", expected "c"'),
        ("policy: !json {Statement: [{Action: [a]}]}", 'policy: Statement[0].Action[1]: got "b", expected nothing'),
        ("policy: !json {Statement: [{Action: [a, b]}], Version: '1'}", 'Version: got nothing, expected "1"'),
        ("policy: !json {Statement: [{Action: [c, b], x: 1}]}", 'got "a", expected "c" (and 1 more)'),
        ("policy: !json [a]", 'policy: got {"Statement": [{"Action": ["a", "b"]}]}, expected ["a"]'),
        ("name: !json {a: 1}", "expected !json"),
        ("secret: hidden", "expected \"hidden\""),
        ("name: !sensitive ", "expected !sensitive"),
        ("stream: x", "got null"),
    ],
)  # fmt: skip
def test_what_does_not_hold(text: str, message: str) -> None:
    assert len(attribute(text)) == 1
    assert message in attribute(text)[0]


def test_a_missing_address_is_found() -> None:
    assert "no aws_dynamodb_table.that in the plan" in found("resources: {aws_dynamodb_table.that: {name: t}}")[0]


def test_counts_are_exact_and_know_no_other_types() -> None:
    assert found("counts: {aws_dynamodb_table: 1, aws_kms_key: 1}") == []
    assert found("counts: {aws_dynamodb_table: 2}") == [
        "aws_dynamodb_table: got 1 resource(s), expected 2",
        "aws_kms_key: got 1 resource(s), expected 0",
    ]


def test_outputs() -> None:
    recorded = read_plan((Path(__file__).parents[1] / "plan" / "recorded" / "first.json").read_bytes())
    assert found("outputs: {secret: !sensitive }", recorded) == []
    assert found("outputs: {secret: x}", recorded) != []
    assert "no output 'nothing'" in found("outputs: {nothing: 1}", recorded)[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found NoneType"),
        ("{}", "found none"),
        ("- a", "found list"),
        ("resourses: {a: {b: 1}}", "found resourses"),
        ("resources: {}", "resources holds nothing to assert"),
        ("resources: {a.b: {}}", "a.b holds nothing to assert"),
        ("resources: {a.b: c}", "a.b holds nothing to assert"),
        ("resources: {a.b: {c: 1}}\nresources: {a.b: {c: 2}}", "'resources' stands twice"),
        ("resources: {a.b: {c: 1, c: 2}}", "'c' stands twice"),
        ("resources: {a.b: {c: !nothing x}}", "could not determine a constructor"),
        ("a: b: c", "mapping values are not allowed"),
    ],
)
def test_what_is_no_inventory_is_refused(text: str, message: str) -> None:
    with pytest.raises(InventoryError, match=message):
        read_inventory(text, file="x.yaml")


def test_a_finding_says_where() -> None:
    inventory = read_inventory("resources: {aws_dynamodb_table.this: {name: u}}", file="x.yaml")
    finding = next(iter(match(PLAN, inventory, file="tests/x.yaml", environment="dev")))
    assert (finding.file, finding.address, finding.environment) == ("tests/x.yaml", "aws_dynamodb_table.this", "dev")


def test_secrets_do_not_stand_in_findings() -> None:
    assert "hidden" not in "".join(attribute("secret: x"))


def test_assertions_are_counted_at_the_leaves() -> None:
    assert assertions(load("{a: 1, b: {c: 2, d: [3, 4]}, e: [], f: !json {x: 1}}", file="x")) == 6


@pytest.mark.parametrize("name", ["first", "lifecycle"])
def test_what_is_suggested_holds(name: str) -> None:
    recorded = read_plan((Path(__file__).parents[1] / "plan" / "recorded" / f"{name}.json").read_bytes())
    suggested = suggest(recorded)
    assert found(suggested, recorded) == []
    assert assertions(load(suggested, file="x")) >= 6
    assert "hunter2" not in suggested


def test_what_is_suggested_traces_unknown_values() -> None:
    assert "kms: !from aws_kms_key.this.arn" in suggest(PLAN)
    assert "secret: !sensitive\n" in suggest(PLAN)
