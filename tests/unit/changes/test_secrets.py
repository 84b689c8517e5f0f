"""No secret of a plan is shown in any of its changes, wherever a provider copies it and however it writes it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from tests.support.page_plans import change, document

from harness.changes import Edit, changes
from harness.plan import SENSITIVE, Plan, read_plan
from harness.plan.secrets import Secrets

PEM = '-----BEGIN "KEY"-----\nq/7+ü<&😀\n-----END-----\n'
HIDDEN = {
    "short": "hun7r",
    "long": "correct horse",
    "pem": PEM,
    "pin": 48151623,
    "digits": "90210",
    "nested": {"a": ["inner-secret"]},
}
HOLDER = change("aws_x.holder", "no-op", HIDDEN, HIDDEN, secret=dict.fromkeys(HIDDEN, True))


def plan_of(*entries: Any, **more: Any) -> Plan:
    return read_plan(document(entries, **more))


def copied(value: object, *holders: Any, **more: Any) -> tuple[Edit, ...]:
    """Edits of a resource that nothing marks, of which one attribute becomes a value."""
    copy = change("aws_x.copy", "update", {"a": "before", "b": 1}, {"a": value, "b": 2})
    (one,) = changes(plan_of(copy, *holders, **more)).resources
    return one.edits


def sealed(edits: tuple[Edit, ...]) -> bool:
    """Tell whether the attribute is hidden; its neighbour never is."""
    (first, other) = edits
    assert (other.before, other.after) == (1, 2)
    return first.before is SENSITIVE and first.after is SENSITIVE


@pytest.mark.parametrize(
    "value",
    [
        "hun7r",
        "correct horse",
        "postgres://u:correct horse@host",
        "https://host/?p=" + quote("correct horse"),
        "https://host/?p=" + quote_plus("correct horse"),
        "https://host/?p=" + quote(PEM, safe=""),
        PEM.strip() + "\n",
        json.dumps({"key": PEM}),
        json.dumps({"key": PEM}, ensure_ascii=False),
        json.dumps({"key": PEM}).replace("<", "\\u003c").replace("&", "\\u0026"),
        json.dumps({"body": json.dumps({"key": PEM})}),
        "prefix " + json.dumps(json.dumps(PEM)),
        json.dumps({"pw": "hun7r"}),
        json.dumps({"hun7r": 1}),
        '{"pw": "hun7r", "pw": "other"}',
        json.dumps(json.dumps(["hun7r"])),
        '{"pw": "\\u0068un7r"}',
        json.dumps({"pin": 48151623}),
        48151623,
        48151623.0,
        "48151623",
        90210,
        "inner-secret",
        {"x": {"of correct horse": 1}},
        {"x": [{"hun7r": 1}]},
    ],
    ids=repr,
)
def test_a_copy_is_sealed_however_it_is_written(value: object) -> None:
    assert not sealed(copied(value))
    shown = copied(value, HOLDER)
    assert sealed(shown) or isinstance(value, dict)
    assert "<sensitive>" in repr(shown)
    assert not [secret for secret in ("hun7r", "correct horse") if secret in repr(shown)]


@pytest.mark.parametrize("value", ["hun7ry", "4815162", 4815, "902", "correct", {"long": 1}, True, "", "x", 1, 443])
def test_what_is_no_copy_is_shown(value: object) -> None:
    trivial = {"a": "", "b": "x", "c": True, "d": 443, "e": "true", "f": None, "g": 1, "h": "443"}
    holder = change("aws_x.trivial", "no-op", trivial, trivial, secret=dict.fromkeys(trivial, True))
    assert not sealed(copied(value, HOLDER, holder))


def test_a_secret_is_known_from_wherever_the_plan_tells_it() -> None:
    """Deposed and drifted objects, one side of a change, outputs, variables, data sources that were read."""
    secret = "a-secret-of-it"
    mask = {"before_sensitive": True, "after_sensitive": True}
    output = {"actions": ["no-op"], "before": secret, "after": secret, "after_unknown": False, **mask}
    source = {"mode": "data", "values": {"v": secret}, "sensitive_values": {"v": True}}
    state = {"values": {"root_module": {"child_modules": [{"resources": [source]}]}}}
    ways: list[dict[str, Any]] = [
        {"output_changes": {"o": output}},
        {"variables": {"token": {"value": secret}}},
        {"prior_state": state},
        {"resource_drift": [change("aws_x.d", "update", {"v": secret}, {"v": 1}, secret_before={"v": True})]},
    ]
    for way in ways:
        assert sealed(copied(f"<{secret}>", **way)), way
    for holder in (
        change("aws_x.gone", "delete", {"v": secret}, None, secret_before={"v": True}, deposed="00"),
        change("aws_x.kept", "no-op", {"v": secret}, {"v": "x"}, secret={"v": True}, secret_before=False),
    ):
        found = changes(plan_of(change("aws_x.copy", "update", {"a": 1}, {"a": f"<{secret}>"}), holder))
        assert secret not in repr(found)
        assert any(one.edits[0].after is SENSITIVE for one in found.resources if one.address == "aws_x.copy")


def test_outputs_and_drift_hide_copies_too() -> None:
    output = {"actions": ["create"], "before": None, "after": {"hun7r": "x"}, "after_unknown": False}
    output |= {"before_sensitive": False, "after_sensitive": False}
    drift = change("aws_x.copy", "update", {"a": "b"}, {"a": "hun7r"})
    found = changes(plan_of(HOLDER, output_changes={"o": output}, resource_drift=[drift]))
    assert found.outputs[0].edits[0].after is SENSITIVE
    assert found.drift[0].edits[0].after is SENSITIVE
    assert "hun7r" not in repr(found)


def test_a_secret_called_as_an_attribute_hides_no_resource() -> None:
    """Names of a schema are no values."""
    holder = change("aws_x.weak", "no-op", {"v": "policy"}, {"v": "policy"}, secret={"v": True})
    copy = change("aws_x.copy", "update", {"policy": 1}, {"policy": 2})
    assert [(one.before, one.after) for one in changes(plan_of(copy, holder)).resources[0].edits] == [(1, 2)]


def test_a_secret_that_changes_in_a_copy_still_shows_that_it_changes() -> None:
    old, new = {"v": "old-secret"}, {"v": "new-secret"}
    holder = change("aws_x.holder", "no-op", old, new, secret={"v": True})
    copies = [
        change(f"aws_x.{name}", "update", {"a": f"<{one}>", "b": 1}, {"a": f"<{two}>", "b": 2})
        for name, one, two in (("moves", "old-secret", "new-secret"), ("stays", "old-secret", "old-secret"))
    ]
    moves, stays = changes(plan_of(*copies, holder)).resources
    assert [edit.path for edit in moves.edits] == ["a", "b"]
    assert [edit.path for edit in stays.edits] == ["b"]


def test_drift_that_is_sensitive_as_a_whole_is_told() -> None:
    drift = change("aws_x.d", "update", {"v": "one-secret"}, {"v": "two-secret"}, secret_before=True)
    (one,) = changes(plan_of(resource_drift=[drift])).drift
    (edit,) = one.edits
    assert edit.path == ""
    assert edit.after is SENSITIVE


def test_a_shorter_secret_tells_a_longer_one() -> None:
    secrets = Secrets.of(["abcdef", "abcdefgh", "abcdeg", "zzzzzz"])
    assert [text for text in ("xabcdefgh", "abcdefz", "abcdeg!", "zzzzzz") if not secrets.told_by(text)] == []
    assert not secrets.told_by("abcde zzzzz abcdeh")
