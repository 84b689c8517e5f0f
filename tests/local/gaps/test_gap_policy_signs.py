"""Probe of gap_policy_signs."""

from __future__ import annotations

from tests.local.gaps.conftest import Emulator, allow, as_role, refused

_TOPICS = "arn:aws:sns:eu-west-1:000000000000:"


def test_stock_still_takes_a_sign_for_its_characters(stock: Emulator) -> None:
    client = as_role(stock, "signs", allow("sns:GetTopicAttributes", on=f"{_TOPICS}ours-${{*}}-end"))("sns")
    asked = refused(client.get_topic_attributes, TopicArn=f"{_TOPICS}ours-*-end")
    assert asked == "sns:GetTopicAttributes", "upstream knows the signs: delete gap_policy_signs"


def test_a_sign_is_the_one_character(filled: Emulator) -> None:
    client = as_role(filled, "signs", allow("sns:GetTopicAttributes", on=f"{_TOPICS}ours-${{*}}-*${{?}}${{$}}"))("sns")
    asked = {
        name: refused(client.get_topic_attributes, TopicArn=_TOPICS + name) == ""
        for name in ("ours-*-end?$", "ours-1-end?$", "ours-*-end1$", "ours-*-?$", "theirs-*-end?$")
    }
    assert asked == {
        "ours-*-end?$": True,
        "ours-1-end?$": False,
        "ours-*-end1$": False,
        "ours-*-?$": True,
        "theirs-*-end?$": False,
    }
