"""The items table: the only module that talks to AWS, and only with GetItem, PutItem, UpdateItem,
DeleteItem, Query.

Every write is conditional and carries a token of its request. When the reply to a write is lost, the SDK
sends it again, and the second try meets what the first one wrote; the token in what it meets says so, and
the write counts as done.

What is in the table beside items: idempotency records and *tombstones*. An item made with an idempotency
key that is still remembered is not deleted but emptied: a retry of its creation, even one that was under
way all the while, meets the tombstone and cannot bring the item back. Both go with the table's TTL, and
neither has the index's attributes, so no list shows them. TTL is late by up to days, so nothing here relies
on a record being gone.
"""

from __future__ import annotations

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

_THROTTLED: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeoutException",
        "ThrottlingException",
    }
)
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
        record: what is stored, empty when nothing is.
        retried: whether the SDK had sent the call before.
    """

    def __init__(self, record: Record, retried: bool) -> None:
        super().__init__()
        self.record = record
        self.retried = retried


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

    def get(self, item_id: str) -> Item | None:
        """Read one item, consistently: a client sees what it has just written."""
        answer = self._call(self._client.get_item, Key={"id": {"S": item_id}}, ConsistentRead=True)
        record = answer.get("Item", {})
        return to_item(record) if is_live(record) else None

    def claim(self, claim: Claim, now_epoch: int) -> Claim:
        """Record an idempotency key, unless it is taken; return the claim that is in force."""
        try:
            self._call(
                self._client.put_item,
                Item=records.from_claim(claim),
                ConditionExpression="attribute_not_exists(id) OR expires_at <= :now",
                ExpressionAttributeValues={":now": {"N": str(now_epoch)}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except _BlockedError as blocked:
            return records.to_claim(blocked.record)
        return claim

    def create(self, item: Item, token: str, replay_until: int | None = None) -> bool:
        """Store a new item; False when another creation has its id. A second try with the same token is
        True again, also after the item was changed or deleted, and writes nothing."""
        try:
            self._call(
                self._client.put_item,
                Item=records.from_item(item, token, replay_until),
                ConditionExpression="attribute_not_exists(id) "
                "OR (attribute_exists(deleted_at) AND create_token <> :token)",
                ExpressionAttributeValues={":token": {"S": token}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except _BlockedError as blocked:
            return text(blocked.record, "create_token") == token
        return True

    def replace(self, item_id: str, fields: Fields, token: str, expected: int | None) -> Item | Refusal:
        """Replace what a client may set and raise the version, in one step; ``expected`` is the version it
        must have."""
        condition, names, values = expecting(expected)
        try:
            answer = self._call(
                self._client.update_item,
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

    def delete(self, item_id: str, token: str, expected: int | None, now: str, now_epoch: int) -> Refusal | None:
        """Delete an item; None when it is done."""
        condition, names, values = expecting(expected)
        try:
            self._call(
                self._client.delete_item,
                Key={"id": {"S": item_id}},
                ConditionExpression=f"{condition} AND (attribute_not_exists(replay_until) OR replay_until <= :now)",
                ExpressionAttributeValues=values | {":now": {"N": str(now_epoch)}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **({"ExpressionAttributeNames": names} if names else {}),
            )
        except _BlockedError as blocked:
            if not blocked.record and blocked.retried:
                return None  # an earlier attempt, whose reply was lost, has most likely deleted it
            if not is_live(blocked.record) or expected not in (None, to_item(blocked.record).version):
                return refusal(blocked.record)
            return self._bury(item_id, token, expected, now)
        return None

    def _bury(self, item_id: str, token: str, expected: int | None, now: str) -> Refusal | None:
        """Empty an item whose creation may still be asked for again, and leave its tombstone."""
        condition, names, values = expecting(expected)
        try:
            self._call(
                self._client.update_item,
                Key={"id": {"S": item_id}},
                UpdateExpression="SET deleted_at = :now, delete_token = :token, expires_at = replay_until "
                "REMOVE #collection, sort_key, #name, description, #status, #version, "
                "updated_at, write_token",
                ConditionExpression=condition,
                ExpressionAttributeNames=names
                | {"#collection": "collection", "#name": "name", "#status": "status", "#version": "version"},
                ExpressionAttributeValues=values | {":now": {"S": now}, ":token": {"S": token}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except _BlockedError as blocked:
            return None if text(blocked.record, "delete_token") == token else refusal(blocked.record)
        return None

    def query(self, after: str | None, status: str | None, limit: int) -> Page:
        """Read up to ``limit`` index entries, newest first, from behind ``after``; fewer items when
        filtered."""
        answer = self._call(
            self._client.query,
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

    def _call(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Make one call and translate its failures."""
        try:
            return operation(TableName=self._table_name, **parameters)
        except exceptions.ClientError as error:
            raise _translate(error) from error
        except exceptions.ReadTimeoutError as error:
            raise timed_out() from error
        except _UNREACHABLE as error:
            raise _unavailable() from error


def _translate(error: exceptions.ClientError) -> Exception:
    """What a refusal by the table means."""
    code, metadata = error.response["Error"]["Code"], error.response["ResponseMetadata"]
    if code == "ConditionalCheckFailedException":
        # The stubs know only what every error has; this one brings what ALL_OLD asked for.
        record = cast(Record, error.response.get("Item", {}))
        return _BlockedError(record, metadata.get("RetryAttempts", 0) > 0)
    if code in _THROTTLED or metadata["HTTPStatusCode"] >= 500:
        return _unavailable()
    return StoreError(f"{error.operation_name} was refused: {code}")


def _unavailable() -> Problem:
    return Problem(Code.UNAVAILABLE, "The service cannot answer now. Try again later.", settings.RETRY_AFTER_SECONDS)
