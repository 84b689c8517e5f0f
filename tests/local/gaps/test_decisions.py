"""The record of authorisation decisions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.local.gaps.conftest import Emulator, allow, archive, as_role, make_function, refused

from harness.localaws import control
from harness.localaws.settings import DECISIONS_FILE, Kind


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    running = control.start(tmp_path_factory.mktemp("recorded"), None, 60, die_with_parent=True, kind=Kind.RECORDED)
    (running.state_dir / DECISIONS_FILE).touch()
    yield Emulator(running)
    control.stop(running)


def _decided(emulator: Emulator, session: str) -> list[dict[str, Any]]:
    lines = (emulator.local.state_dir / DECISIONS_FILE).read_text(encoding="utf-8").splitlines()
    return [one for one in map(json.loads, lines) if one["principal"].endswith(f"/{session}")]


def test_each_decision_names_the_statements_that_allow_it(recording: Emulator) -> None:
    statements = (
        allow("sns:Create*", "sns:TagResource", on=["arn:aws:sns:*:*:ours-*", "arn:aws:sns:*:*:none-*"], sid="Ours"),
        allow("sns:CreateTopic", sid="Every"),
    )
    client = as_role(recording, "teller", *statements)("sns")
    client.create_topic(Name="ours-1")
    assert refused(client.list_topics)
    created, listed = _decided(recording, "teller")
    assert (created["action"], created["allowed"]) == ("sns:CreateTopic", True)
    assert created["resource"] == "arn:aws:sns:eu-west-1:000000000000:ours-1"
    assert created["grants"] == [
        {"sid": "Ours", "actions": ["sns:Create*"], "resources": ["arn:aws:sns:*:*:ours-*"]},
        {"sid": "Every", "actions": ["sns:CreateTopic"], "resources": ["*"]},
    ]
    assert (listed["action"], listed["allowed"], listed["grants"]) == ("sns:ListTopics", False, [])


def test_a_refusal_by_a_limit_is_none_of_the_statements_doing(recording: Emulator) -> None:
    limit = json.dumps({"Statement": [allow("s3:*")]})
    boundary = recording.client("iam").create_policy(PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]
    client = as_role(recording, "limited", allow("sns:*"), boundary=boundary)("sns")
    assert refused(client.list_topics)
    [decided] = _decided(recording, "limited")
    assert not decided["allowed"]
    assert [one["sid"] for one in decided["grants"]] == ["All"]


def test_each_part_of_a_request_is_a_decision(recording: Emulator) -> None:
    make_function(recording, "runs")
    role = recording.client("lambda").get_function_configuration(FunctionName="runs")["Role"]
    maker = as_role(recording, "maker", allow("lambda:*"), allow("iam:PassRole", on=role, sid="Pass"))("lambda")
    made = {"FunctionName": "made", "Role": role, "Runtime": "python3.13", "Handler": "code.handler"}
    maker.create_function(**made, Code={"ZipFile": archive()}, Tags={"Project": "ours"})
    decided = {one["action"]: one for one in _decided(recording, "maker")}
    assert decided.keys() == {"lambda:CreateFunction", "lambda:TagResource", "iam:PassRole"}
    assert decided["iam:PassRole"]["resource"] == role
    assert decided["iam:PassRole"]["context"]["iam:passedtoservice"] == "lambda.amazonaws.com"
    assert decided["lambda:TagResource"]["context"]["aws:requesttag/project"] == "ours"


def test_a_transaction_is_a_decision_a_member(recording: Emulator) -> None:
    writer = as_role(recording, "writer", allow("dynamodb:PutItem"))("dynamodb")
    members = [{"Put": {"TableName": name, "Item": {"id": {"S": "1"}}}} for name in ("one", "two")]
    assert not refused(lambda: writer.transact_write_items(TransactItems=members))
    decided = [(one["action"], one["resource"].rpartition("/")[2]) for one in _decided(recording, "writer")]
    assert decided == [("dynamodb:PutItem", "one"), ("dynamodb:PutItem", "two")]


def test_without_the_option_nothing_is_written(filled: Emulator) -> None:
    file = filled.local.state_dir / DECISIONS_FILE
    file.touch()
    as_role(filled, "quiet", allow("sns:*"))("sns").list_topics()
    assert file.read_bytes() == b""


def test_without_the_file_nothing_is_written(recording: Emulator) -> None:
    file = recording.local.state_dir / DECISIONS_FILE
    kept = file.rename(file.with_suffix(".kept"))
    as_role(recording, "unheard", allow("sns:*"))("sns").list_topics()
    assert not file.exists()
    kept.rename(file)
