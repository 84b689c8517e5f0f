"""A rule that finds a wrong value finds one that it cannot read as well: a mark satisfies nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.support.builder import Res, document
from tests.support.pairs import Pair
from tests.unit.rules.test_robust import judged, mended

from harness.plan import SENSITIVE, UNKNOWN, Plan, read_plan
from harness.plan.addresses import plain_address
from harness.rules import RULES, Rule

Path = tuple[str | int, ...]
WRONG: dict[type, tuple[Any, ...]] = {str: ("", "x"), int: (-1, 0, 10**9), float: (-1, 0), bool: (True, False)}
_LOW_SAMPLES = "aws_cloudwatch_metric_alarm evaluate_low_sample_count_percentiles"
_TOPIC_OF = "aws_sns_topic_subscription topic_arn"
READ_OTHERWISE = {
    ("alarm-liveness", _LOW_SAMPLES, UNKNOWN): "the provider computes it where it is not set",
    ("alarm-subscribers", _TOPIC_OF, SENSITIVE): "the configuration shows which topic it is of",
    ("alarm-subscribers", _TOPIC_OF, UNKNOWN): "the configuration shows which topic it is of",
    ("permission-scope", "aws_lambda_permission source_arn", UNKNOWN): "the configuration shows what it is made from",
    ("retention", "aws_cloudwatch_log_group name", UNKNOWN): "the configuration shows whose API it is named after",
}
"""Marks that a rule sees through, and how."""


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """List the places of plain values."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, (*path, key))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from leaves(part, (*path, at))
    elif type(value) in WRONG:
        yield path, value


def put(value: Any, path: Path, new: object) -> Any:
    """Copy a tree with another value at a place."""
    if not path:
        return new
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


def altered(original: Plan, address: str, path: Path, new: object) -> Plan:
    """The plan with another value in one place, configured as before."""
    values = {one.address: one.after for one in original.resources.values() if isinstance(one.after, dict)}
    values[address] = put(values[address], path, new)
    root = json.loads(msgspec.json.encode(original.configuration.root))
    whole = document(*(Res(one, kept) for one, kept in values.items())) | {"configuration": {"root_module": root}}
    return read_plan(json.dumps(whole).encode())


def blind(rule: Rule, pair: Pair) -> Iterator[str]:
    """List places where a wrong value is found, and a mark is not."""
    managed = (one for one in pair.mended.resources.values() if isinstance(one.after, dict) and one.mode == "managed")
    # Instances of a block are alike: one stands for hundreds.
    first = {plain_address(one.address): one for one in managed}
    for change in first.values():
        for path, value in leaves(change.after):
            name = f"{change.type} {'.'.join(str(step) for step in path if isinstance(step, str))}"

            def finds(new: object, *, at: Path = path, address: str = change.address) -> bool:
                return bool(judged(rule, altered(pair.mended, address, at, new), pair))

            if any(finds(one) for one in WRONG[type(value)] if one != value):
                marks = (mark for mark in (UNKNOWN, SENSITIVE) if (rule.id, name, mark) not in READ_OTHERWISE)
                yield from (f"{name}: {mark}" for mark in marks if not finds(mark))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_what_is_judged_is_not_passed_unread(rule: Rule) -> None:
    assert sorted({place for pair in mended(rule) for place in blind(rule, pair)}) == []
