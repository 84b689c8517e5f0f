"""Policies in a plan of the real provider: what is unknown in them is told, the rest is read."""

from __future__ import annotations

from pathlib import Path

from harness.plan import ResourceChange, read_plan
from harness.rules.policy_reading import Document, read_policy

PLAN = read_plan((Path(__file__).parent / "recorded" / "policies.json").read_bytes())


def read(address: str, attribute: str = "policy") -> Document:
    found = read_policy(PLAN, PLAN.resource(address), attribute)
    assert found is not None
    return found


def test_a_data_source_is_read_with_what_its_unknown_parts_are_made_from() -> None:
    document = read("aws_sns_topic_policy.this")
    one, two = document.statements
    assert document.unread == ""
    assert (one.sid, one.allows, one.actions, one.unread) == ("Open", True, ("sns:Publish",), ())
    assert set(one.principals) == {"*", "<aws_iam_role.other.arn>"}
    assert set(one.resources) == {"*", "<aws_sns_topic.this.arn>"}
    accounts = one.conditions["StringEquals"]["aws:SourceAccount"]
    assert set(accounts) == {"123456789012", "<aws_iam_role.other.unique_id>"}
    assert two.services == ("events.amazonaws.com",)
    assert two.conditions == {"ArnEquals": {"aws:SourceArn": ("<aws_iam_role.other.arn>",)}}


def test_of_dynamic_blocks_the_unknown_parts_are_unread() -> None:
    first, second = read("aws_iam_role.dyn", "assume_role_policy").statements
    assert (first.sid, first.principals, first.unread) == ("a", ("<unknown>",), ("Principal",))
    assert (second.principals, second.unread) == (("*",), ())


def test_a_text_with_an_unknown_part_is_unread_as_a_whole() -> None:
    document = read("aws_sns_topic_policy.enc")
    assert document.statements == ()
    assert "is unknown until apply" in document.unread


def test_where_none_is_set_there_is_none() -> None:
    unset: list[ResourceChange] = [
        PLAN.resource(one) for one in ("aws_kms_key.none", "aws_sns_topic.this", "aws_sqs_queue.q")
    ]
    assert [read_policy(PLAN, one, "policy") for one in unset] == [None, None, None]
