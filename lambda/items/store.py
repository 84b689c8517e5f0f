"""The items table: the only module that talks to AWS, and only with GetItem, BatchGetItem, PutItem, Query and
TransactWriteItems (of PutItem and DeleteItem).

Every write is conditional. An item is written in a transaction, also where it is the only write, for the transaction's
token: when a reply is lost, the SDK sends the call again with the same token, and DynamoDB repeats the outcome without
doing it again, whatever has happened to the item since.

A list is read from an index that has its entries spread over shards, and holds keys alone: what an entry stands for is
read from the table (docs/adr/0030-the-list-in-shards.md).

Beside items the table holds idempotency records. They go with the table's TTL and lack the indexes' attributes, so no
list shows them. TTL is late by up to days, so nothing here relies on a record being gone.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import boto3
from botocore import exceptions
from botocore.config import Config
from botocore.parsers import ResponseParserError

from items import records, settings
from items.model import Claim, Entry, Item, Run, Shards
from items.records import Record, is_live, text, to_item, unchanged, unless_taken
from rest.budget import Budget
from rest.problems import timed_out, unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

# Another request is just writing the same item.
_CONFLICTS: Final = frozenset({"TransactionConflict", "TransactionConflictException"})
# A transaction was cancelled because the table is throttled.
_BUSY: Final = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})
# Refusals that the next try may not meet.
_PASSING: Final = (
    _CONFLICTS
    | _BUSY
    | {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeoutException",
        "ThrottlingException",
        "TransactionInProgressException",
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

    def __init__(self, client: DynamoDBClient, table_name: str, shards: Shards) -> None:
        self._client = client
        self._table_name = table_name
        self._shards = shards
        self.budget = Budget(seconds=0)
        client.meta.events.register("before-send.dynamodb", lambda **_: self.budget.spend(settings.ATTEMPT_SECONDS))
        client.meta.events.register("needs-retry.dynamodb", cast(Any, _delay))

    def get(self, item_id: str) -> Item | None:
        """Read one item, consistently: a client sees what it has just written."""
        answer = self._call(
            self._client.get_item, TableName=self._table_name, Key={"id": {"S": item_id}}, ConsistentRead=True
        )
        record = answer.get("Item", {})
        return to_item(record) if is_live(record) else None

    def create(self, item: Item, token: str, claim: Claim | None, now_epoch: int) -> Claim | bool:
        """Store a new item, and with it the record of its idempotency key, if it has one: both or neither.

        Returns:
            True when it is done, False when the id is taken, the claim in force when the key is.
        """
        put = {"Item": records.from_item(item, self._shards.write), "ConditionExpression": f"NOT ({records.LIVE})"}
        writes = [{"Put": put}] if claim is None else [{"Put": put}, {"Put": unless_taken(claim, now_epoch)}]
        try:
            self._transact(token, *writes)
        except _BlockedError as blocked:
            return records.to_claim(blocked.record) if claim and blocked.record else False
        return True

    def remember(self, claim: Claim, now_epoch: int) -> Claim:
        """Record what became of an idempotency key, unless it is taken; return the claim in force."""
        try:
            self._call(self._client.put_item, TableName=self._table_name, **unless_taken(claim, now_epoch))
        except _BlockedError as blocked:
            return records.to_claim(blocked.record)
        return claim

    def replace(self, item: Item, replaced: Item, token: str) -> bool:
        """Put an item's next version in its place; False when it is no longer as it was read."""
        record = records.from_item(replaced, self._shards.write)
        return self._done(token, {"Put": {"Item": record, **unchanged(item)}})

    def delete(self, item: Item, token: str) -> bool:
        """Delete an item; False when it is no longer as it was read."""
        return self._done(token, {"Delete": {"Key": {"id": {"S": item.id}}, **unchanged(item)}})

    def query(self, after: str | None, status: str | None, limit: int) -> list[Run]:
        """Read of every shard up to ``limit`` index entries, newest first, from behind ``after``."""
        return [self._query(after, *records.query_key(status, str(shard)), limit) for shard in range(self._shards.read)]

    def read(self, entries: Sequence[Entry], status: str | None) -> list[Item]:
        """Read the items that index entries stand for, in their order, without those that are no longer in the list:
        eventually consistent, at half the price; what does not show as its entry says is read once more."""
        found = self._batch([entry.id for entry in entries], consistent=False)
        doubted = [entry.id for entry in entries if not records.listed(entry, status, found.get(entry.id, {}))]
        found |= self._batch(doubted, consistent=True)
        items = (records.listed(entry, status, found.get(entry.id, {})) for entry in entries)
        return [item for item in items if item is not None]

    def _query(self, after: str | None, index: str, key: str, value: str, limit: int) -> Run:
        answer = self._call(
            self._client.query,
            TableName=self._table_name,
            IndexName=index,
            KeyConditionExpression="#key = :value" + (" AND sort_key < :after" if after else ""),
            ExpressionAttributeNames={"#key": key},
            ExpressionAttributeValues={":value": {"S": value}} | ({":after": {"S": after}} if after else {}),
            ScanIndexForward=False,
            Limit=limit,
        )
        entries = tuple(Entry(record["id"]["S"], record["sort_key"]["S"]) for record in answer["Items"])
        return Run(entries, text(answer.get("LastEvaluatedKey", {}), "sort_key"))

    def _batch(self, ids: Iterable[str], *, consistent: bool) -> dict[str, Record]:
        """Read records by id, each once, for the table refuses the same key twice; ask again for what it left out."""
        found: dict[str, Record] = {}
        rest = list(dict.fromkeys(ids))
        for tried in range(settings.SDK_MAX_ATTEMPTS):
            if not rest:
                return found
            if tried:
                time.sleep(_pause(tried))
            asked = {"Keys": [{"id": {"S": item_id}} for item_id in rest], "ConsistentRead": consistent}
            answer = self._call(self._client.batch_get_item, RequestItems={self._table_name: asked})
            found |= {record["id"]["S"]: record for record in answer["Responses"].get(self._table_name, ())}
            left = answer.get("UnprocessedKeys", {}).get(self._table_name, {"Keys": ()})
            rest = [key["id"]["S"] for key in left["Keys"]]
            if not self.budget.allows(settings.ATTEMPT_SECONDS):
                break
        if rest:
            raise unavailable()
        return found

    def _done(self, token: str, write: dict[str, dict[str, Any]]) -> bool:
        try:
            self._transact(token, write)
        except _BlockedError:
            return False
        return True

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
            raise unavailable() from error


def _delay(response: tuple[Any, Any] | None, attempts: int, **_: Any) -> float | None:
    """Have the SDK try again, after so many seconds, what it does not know to be passing: reasons of a transaction."""
    codes = _codes(response[1]) if response and attempts < settings.SDK_MAX_ATTEMPTS else set()
    if codes & _BUSY:
        return _pause(attempts)
    return random.random() * settings.CONFLICT_BACKOFF_SECONDS if codes & _CONFLICTS else None  # noqa: S311


def _pause(tried: int) -> float:
    """Return seconds to wait after so many tries: as long as the SDK waits by itself when a call is throttled."""
    return random.random() * 2.0 ** (tried - 1)  # noqa: S311 (nothing secret)


def _codes(response: Any) -> set[str]:
    """List a refusal's own code and, when it cancels a transaction, the reasons'."""
    reasons = response.get("CancellationReasons", ())
    return {response.get("Error", {}).get("Code", ""), *(reason["Code"] for reason in reasons)}


def _translate(error: exceptions.ClientError) -> Exception:
    """Say what a refusal by the table means."""
    # The stubs know only what every error has; these bring what ALL_OLD asked for, or a reason for each write.
    response = cast(dict[str, Any], error.response)
    if response["ResponseMetadata"]["HTTPStatusCode"] >= 500 or _codes(response) & _PASSING:
        return unavailable()
    if _codes(response) & {"ConditionalCheckFailed", "ConditionalCheckFailedException"}:
        return _BlockedError(response.get("CancellationReasons", [response])[-1].get("Item", {}))
    return StoreError(f"{error.operation_name} was refused: {response['Error']['Code']}")
