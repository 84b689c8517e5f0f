"""The items table: the only module that talks to AWS, and only with GetItem, PutItem, UpdateItem, Query and
TransactWriteItems (of PutItem and DeleteItem).

Every write is conditional and carries a token of its request. When the reply to a write is lost, the SDK sends it
again with the same token: DynamoDB then repeats a transaction's outcome without doing it again, whatever has happened
to the item since, and a single write meets its own token in what is stored.

Beside items the table holds idempotency records. They go with the table's TTL and lack the index's attributes, so no
list shows them. TTL is late by up to days, so nothing here relies on a record being gone.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

import boto3
from botocore import exceptions
from botocore.config import Config
from botocore.parsers import ResponseParserError

from items import records, settings
from items.budget import Budget, timed_out
from items.model import Claim, Fields, Item, Page, Refusal
from items.problems import Code, Problem
from items.records import Record, expecting, is_live, refusal, text, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_CONFLICTS: Final = frozenset({"TransactionConflict", "TransactionConflictException"})
"""Another request is just writing the same item. The SDK does not know that the next try may not meet it."""

_PASSING: Final = _CONFLICTS | {
    # A call's own code.
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeoutException",
    "ThrottlingException",
    "TransactionInProgressException",
    # A reason of a cancelled transaction.
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
}
"""Refusals that the next try may not meet."""

_UNREACHABLE: Final = (
    exceptions.HTTPClientError,
    exceptions.ConnectionError,
    exceptions.IncompleteReadError,
    exceptions.ChecksumError,
    ResponseParserError,
)


class StoreError(RuntimeError):
    """The table refused a call for a reason no client can help: missing permission, wrong table, a bug."""


class _BlockedError(Exception):
    """A condition did not hold.

    Args:
        record: what the call's last write met and asked for; empty when that is nothing, or its condition held.
    """

    def __init__(self, record: Record) -> None:
        super().__init__()
        self.record = record


def connect(region: str) -> DynamoDBClient:
    """Make the low-level client, with time and retries bounded. AWS_ENDPOINT_URL is botocore's own affair."""
    config = Config(
        connect_timeout=settings.SDK_CONNECT_TIMEOUT_SECONDS,
        read_timeout=settings.SDK_READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": settings.SDK_MAX_ATTEMPTS, "mode": "standard"},
        tcp_keepalive=True,
    )
    return boto3.client("dynamodb", region_name=region, config=config)


class Store:
    """The table. One request at a time, as Lambda works.

    Every method raises ``Problem`` (``timeout``, ``unavailable``) or :class:`StoreError`.

    Attributes:
        budget: of the request at hand; every HTTP attempt is charged to it, so that no retry outlives the
            request.
    """

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._client = client
        self._table_name = table_name
        self.budget = Budget(seconds=0)
        client.meta.events.register("before-send.dynamodb", lambda **_: self.budget.spend())
        client.meta.events.register("needs-retry.dynamodb", cast(Any, _conflict_delay))

    def get(self, item_id: str) -> Item | None:
        """Read one item, consistently: a client sees what it has just written."""
        answer = self._call(
            self._client.get_item, TableName=self._table_name, Key={"id": {"S": item_id}}, ConsistentRead=True
        )
        record = answer.get("Item", {})
        return to_item(record) if is_live(record) else None

    def create(self, item: Item, token: str, claim: Claim | None, now_epoch: int) -> Claim | Refusal | None:
        """Store a new item, and with it the record of its idempotency key, if it has one: both or neither.

        Returns:
            None when it is done, the claim in force when the key is taken, ``EXISTS`` when the id is.
        """
        put = {"Item": records.from_item(item, token), "ConditionExpression": f"NOT ({records.LIVE})"}
        writes = [{"Put": put}] if claim is None else [{"Put": put}, {"Put": _unless_taken(claim, now_epoch)}]
        try:
            self._transact(token, *writes)
        except _BlockedError as blocked:
            return records.to_claim(blocked.record) if claim and blocked.record else Refusal.EXISTS
        return None

    def remember(self, claim: Claim, now_epoch: int) -> Claim:
        """Record what became of an idempotency key, unless it is taken; return the claim in force."""
        try:
            self._call(self._client.put_item, TableName=self._table_name, **_unless_taken(claim, now_epoch))
        except _BlockedError as blocked:
            return records.to_claim(blocked.record)
        return claim

    def replace(self, item_id: str, fields: Fields, token: str, expected: int | None) -> Item | Refusal:
        """Replace what a client may set and raise the version, in one step; ``expected`` is the version it
        must have."""
        condition, names, values = expecting(expected)
        try:
            answer = self._call(
                self._client.update_item,
                TableName=self._table_name,
                Key={"id": {"S": item_id}},
                UpdateExpression="SET #name = :name, description = :description, #status = :status, "
                "updated_at = :now, write_token = :token, #version = #version + :one",
                # Without the token's part a second try after a lost reply would raise the version twice.
                ConditionExpression=f"{condition} AND write_token <> :token",
                ExpressionAttributeNames=names | {"#name": "name", "#status": "status", "#version": "version"},
                ExpressionAttributeValues=values
                | {
                    ":name": {"S": fields.name},
                    ":description": {"S": fields.description},
                    ":status": {"S": fields.status},
                    ":now": {"S": fields.updated_at},
                    ":token": {"S": token},
                    ":one": {"N": "1"},
                },
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except _BlockedError as blocked:
            if text(blocked.record, "write_token") == token:
                return to_item(blocked.record)
            return refusal(blocked.record)
        return to_item(answer["Attributes"])

    def delete(self, item_id: str, token: str, expected: int | None) -> Refusal | None:
        """Delete an item; None when it is done.

        In a transaction of its own, because its token keeps a second try after a lost reply from deleting an item that
        somebody has made with the same id meanwhile.
        """
        condition, names, values = expecting(expected)
        delete: dict[str, Any] = {"Key": {"id": {"S": item_id}}, "ConditionExpression": condition}
        if names:
            delete |= {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
        try:
            self._transact(token, {"Delete": delete | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}})
        except _BlockedError as blocked:
            return refusal(blocked.record)
        return None

    def query(self, after: str | None, status: str | None, limit: int) -> Page:
        """Read up to ``limit`` index entries, newest first, from behind ``after``; fewer items when
        filtered."""
        answer = self._call(
            self._client.query,
            TableName=self._table_name,
            IndexName=records.INDEX,
            KeyConditionExpression="#collection = :collection" + (" AND sort_key < :after" if after else ""),
            ExpressionAttributeNames={"#collection": "collection"} | ({"#status": "status"} if status else {}),
            ExpressionAttributeValues={":collection": {"S": records.COLLECTION}}
            | ({":after": {"S": after}} if after else {})
            | ({":status": {"S": status}} if status else {}),
            ScanIndexForward=False,
            Limit=limit,
            **({"FilterExpression": "#status = :status"} if status else {}),
        )
        stopped = answer.get("LastEvaluatedKey", {})
        return Page(tuple(to_item(record) for record in answer["Items"]), text(stopped, "sort_key"))

    def _transact(self, token: str, *writes: dict[str, dict[str, Any]]) -> None:
        """Do all writes or none; with the same token only once."""
        named = [{kind: {"TableName": self._table_name, **write} for kind, write in one.items()} for one in writes]
        self._call(self._client.transact_write_items, TransactItems=named, ClientRequestToken=token)

    def _call(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Make one call and translate its failures."""
        try:
            return operation(**parameters)
        except exceptions.ClientError as error:
            raise _translate(error) from error
        except exceptions.ReadTimeoutError as error:
            raise timed_out() from error
        except _UNREACHABLE as error:
            raise _unavailable() from error


def _unless_taken(claim: Claim, now_epoch: int) -> dict[str, Any]:
    """Make the write of an idempotency record that counts as gone once it has expired."""
    return {
        "Item": records.from_claim(claim),
        "ConditionExpression": "attribute_not_exists(id) OR expires_at <= :now",
        "ExpressionAttributeValues": {":now": {"N": str(now_epoch)}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _conflict_delay(response: tuple[Any, Any] | None, attempts: int, **_: Any) -> float | None:
    """Have the SDK try again, after so many seconds, when another request is just writing the same item."""
    codes = _codes(response[1]) if response and attempts < settings.SDK_MAX_ATTEMPTS else set()
    return random.random() * settings.CONFLICT_BACKOFF_SECONDS if codes & _CONFLICTS else None  # noqa: S311


def _codes(response: Any) -> set[str]:
    """List a refusal's own code and, when it cancels a transaction, the reasons'."""
    reasons = response.get("CancellationReasons", ())
    return {response.get("Error", {}).get("Code", ""), *(reason["Code"] for reason in reasons)}


def _translate(error: exceptions.ClientError) -> Exception:
    """Say what a refusal by the table means."""
    # The stubs know only what every error has; these bring what ALL_OLD asked for, or a reason for each write.
    response = cast(dict[str, Any], error.response)
    if response["ResponseMetadata"]["HTTPStatusCode"] >= 500 or _codes(response) & _PASSING:
        return _unavailable()
    if _codes(response) & {"ConditionalCheckFailed", "ConditionalCheckFailedException"}:
        return _BlockedError(response.get("CancellationReasons", [response])[-1].get("Item", {}))
    return StoreError(f"{error.operation_name} was refused: {response['Error']['Code']}")


def _unavailable() -> Problem:
    return Problem(Code.UNAVAILABLE, "The service cannot answer now. Try again later.", settings.RETRY_AFTER_SECONDS)
