"""Try what a service may count on in DynamoDB's transactions. No gap: ministack does as AWS does.

"TransactWriteItems" in the DynamoDB API reference; "IAM for DynamoDB transactions" and "Idempotency" in "Managing
complex workflows with DynamoDB transactions", Developer Guide.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator
from tests.support.faults import Faults

from harness.localaws import control

_TABLE = "transacted"
_INDEX = "by-kind"
_TAKEN = "attribute_not_exists(id)"


@pytest.fixture(scope="module", autouse=True)
def _table(filled: Emulator) -> None:
    _make_table(filled.client("dynamodb"))


def _make_table(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName=_TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "kind")],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": _INDEX,
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def _put(identity: str, kind: str = "some", **options: Any) -> dict[str, Any]:
    return {"Put": {"TableName": _TABLE, "Item": {"id": {"S": identity}, "kind": {"S": kind}}, **options}}


def _delete(identity: str) -> dict[str, Any]:
    return {"Delete": {"TableName": _TABLE, "Key": {"id": {"S": identity}}}}


def _found(dynamodb: Any, identity: str) -> bool:
    return "Item" in dynamodb.get_item(TableName=_TABLE, Key={"id": {"S": identity}}, ConsistentRead=True)


def _indexed(dynamodb: Any, kind: str) -> list[str]:
    found = dynamodb.query(
        TableName=_TABLE,
        IndexName=_INDEX,
        KeyConditionExpression="kind = :kind",
        ExpressionAttributeValues={":kind": {"S": kind}},
    )
    return [item["id"]["S"] for item in found["Items"]]


def _refused(dynamodb: Any, items: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as refused:
        dynamodb.transact_write_items(TransactItems=items, **options)
    return dict(refused.value.response)


def test_a_token_used_again_writes_nothing_again(filled: Emulator) -> None:
    dynamodb = filled.client("dynamodb")
    once = {"TransactItems": [_put("token", ConditionExpression=_TAKEN)], "ClientRequestToken": "token-1"}
    dynamodb.transact_write_items(**once)
    dynamodb.transact_write_items(**once)  # its condition would not hold
    dynamodb.delete_item(TableName=_TABLE, Key={"id": {"S": "token"}})
    dynamodb.transact_write_items(**once)
    assert not _found(dynamodb, "token")
    other = _refused(dynamodb, [_put("token", "other")], ClientRequestToken="token-1")
    assert other["Error"]["Code"] == "IdempotentParameterMismatchException"


def test_a_token_of_a_refused_transaction_is_free(filled: Emulator) -> None:
    dynamodb = filled.client("dynamodb")
    dynamodb.transact_write_items(TransactItems=[_put("refused")])
    again = {"TransactItems": [_put("refused", ConditionExpression=_TAKEN)], "ClientRequestToken": "token-2"}
    with pytest.raises(ClientError):
        dynamodb.transact_write_items(**again)
    dynamodb.transact_write_items(TransactItems=[_delete("refused")])
    dynamodb.transact_write_items(**again)
    assert _found(dynamodb, "refused")


def test_a_failed_condition_shows_the_item_and_nothing_is_written(filled: Emulator) -> None:
    dynamodb = filled.client("dynamodb")
    dynamodb.transact_write_items(TransactItems=[_put("there", "first")])
    answer = _refused(
        dynamodb,
        [_put("beside"), _put("there", ConditionExpression=_TAKEN, ReturnValuesOnConditionCheckFailure="ALL_OLD")],
    )
    assert answer["Error"]["Code"] == "TransactionCanceledException"
    none, failed = answer["CancellationReasons"]
    assert none == {"Code": "None"}
    assert failed["Code"] == "ConditionalCheckFailed"
    assert failed["Item"] == {"id": {"S": "there"}, "kind": {"S": "first"}}
    assert not _found(dynamodb, "beside")


def test_the_index_follows(filled: Emulator) -> None:
    dynamodb = filled.client("dynamodb")
    dynamodb.transact_write_items(TransactItems=[_put("moved", "before"), _put("gone", "before")])
    assert sorted(_indexed(dynamodb, "before")) == ["gone", "moved"]
    dynamodb.transact_write_items(TransactItems=[_put("moved", "after"), _delete("gone")])
    assert (_indexed(dynamodb, "before"), _indexed(dynamodb, "after")) == ([], ["moved"])


def test_one_item_twice_is_refused(filled: Emulator) -> None:
    error = _refused(filled.client("dynamodb"), [_put("twice"), _delete("twice")])["Error"]
    assert error["Code"] == "ValidationException"
    assert "multiple operations on one item" in error["Message"]


def _as_user(emulator: Emulator, name: str, *actions: str) -> Any:
    iam = emulator.client("iam")
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="table", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.client(
        "dynamodb",
        endpoint_url=emulator.local.endpoint,
        region_name=control.environment(emulator.local)["AWS_REGION"],
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def test_each_member_is_authorised_as_the_action_it_is(filled: Emulator) -> None:
    both = _as_user(filled, "both", "dynamodb:PutItem", "dynamodb:DeleteItem")
    both.transact_write_items(TransactItems=[_put("allowed"), _delete("absent")])
    puts = _as_user(filled, "puts", "dynamodb:PutItem", "dynamodb:TransactWriteItems")
    answer = _refused(puts, [_put("denied"), _delete("absent")])
    assert answer["Error"]["Code"] == "AccessDeniedException"
    assert "dynamodb:DeleteItem" in answer["Error"]["Message"]
    check = {"ConditionCheck": _delete("absent")["Delete"] | {"ConditionExpression": _TAKEN}}
    assert "dynamodb:ConditionCheckItem" in _refused(both, [_put("denied"), check])["Error"]["Message"]
    assert not _found(filled.client("dynamodb"), "denied")


@pytest.fixture(scope="module")
def faults() -> Iterator[Faults]:
    proxy = Faults()
    yield proxy
    proxy.stop()


@pytest.fixture(scope="module")
def proxied(faults: Faults, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client that calls a local AWS through the proxy, which it knows as its functions' way."""
    folder = tmp_path_factory.mktemp("proxied")
    running = control.start(folder, None, 60, die_with_parent=True, function_endpoint=faults.endpoint)
    faults.start(control.environment(running))
    client = faults.client(control.environment(running))
    _make_table(client)
    yield client
    control.stop(running)


@pytest.mark.parametrize(
    "rule",
    [{"error": {"code": "InternalServerError", "status": 500}}, {"reset": True}, {"response": {"abort_frac": 0.3}}],
)
def test_a_second_attempt_repeats_the_token_and_writes_once(proxied: Any, faults: Faults, rule: dict[str, Any]) -> None:
    name = f"faulty-{next(iter(rule))}"
    # By its body: the proxy looks for a table's name at the top only, so a rule's "resource" matches no transaction.
    to_table = {"operation": "TransactWriteItems", "body": f"contains(TransactItems[].*.TableName[], '{_TABLE}')"}
    with faults.injected(to_table | rule | {"times": 1}):
        proxied.put_item(TableName=_TABLE, Item={"id": {"S": "calm"}, "kind": {"S": "some"}})
        proxied.transact_write_items(TransactItems=[_put(name, ConditionExpression=_TAKEN)])
        assert [fired["operation"] for fired in faults.fired()] == ["TransactWriteItems"]
    assert _found(proxied, name)
