"""A DynamoDB table inside the test process, behind a real botocore client.

Requests go the whole way through botocore: parameter checks, signing, retries, parsing of errors. Only the wire is
replaced: what would be sent goes to the local AWS's DynamoDB implementation, called as a function, which really
evaluates condition, update, key and filter expressions. Stricter than that implementation, as AWS may be: a read that
does not ask to be consistent does not see the write just before it, and a batch comes back in another order than it was
asked for. Faults are put on the wire, one an attempt.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal, cast

from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError
from ministack.services import dynamodb

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

TABLE = "shop-orders-test"
INDEXES = {"by-shard": "shard", "by-status": "status_shard"}
"""Hash key of each index; the range key is ``sort_key``, and it holds keys alone."""
SHARDS = 3
"""Shards of the service under test, read and written."""
_LATE = f"{TABLE}-late"
Send = Callable[[], AWSResponse]
Fault = Callable[[Send], AWSResponse]


class _Raw(BytesIO):
    """The part of urllib3's response that botocore reads."""

    def stream(self, **_: Any) -> list[bytes]:
        return [self.getvalue()]


def answer(status: int, body: bytes, headers: dict[str, str] | None = None) -> AWSResponse:
    """Make an HTTP response."""
    return AWSResponse("http://table.test/", status, HeadersDict(headers or {}), _Raw(body))  # type: ignore[arg-type]


def error(code: str, status: int = 400, message: str = "arn:aws:dynamodb:::table/shop-orders-test said no") -> Fault:
    """Let the table refuse without doing anything."""
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message}).encode()
    return lambda _: answer(status, body)


def cancelled(*codes: str) -> Fault:
    """Let the table do nothing of a transaction, for a reason a write (``None``: not because of this one)."""
    reasons = [{"Code": code} | ({} if code == "None" else {"Message": "said no"}) for code in codes]
    kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
    message = f"Transaction cancelled, please refer cancellation reasons [{', '.join(codes)}]"
    body = json.dumps({"__type": kind, "message": message, "CancellationReasons": reasons})
    return lambda _: answer(400, body.encode())


def throttled(_: Send) -> AWSResponse:
    """Let the on-demand maximum or a partition's limit be reached."""
    return error("ThrottlingException")(_)


def reset(_: Send) -> AWSResponse:
    """Break the connection before the table has seen the request."""
    raise ConnectionClosedError(endpoint_url="http://table.test/")


def lost_reply(send: Send) -> AWSResponse:
    """Let the table do what it is asked, and break the connection before its answer arrives."""
    send()
    raise ConnectionClosedError(endpoint_url="http://table.test/")


def no_connection(_: Send) -> AWSResponse:
    """Leave the connection attempt unanswered."""
    raise ConnectTimeoutError(endpoint_url="http://table.test/")


def garbage(_: Send) -> AWSResponse:
    """Let something in between answer with a page of its own."""
    return answer(502, b"<html>proxy</html>")


def unprocessed(kept: int) -> Fault:
    """Let the table answer a batch for its first ``kept`` keys alone."""

    def fault(send: Send) -> AWSResponse:
        reply = json.loads(send().content)
        ((table, found),) = reply["Responses"].items()
        left = [{"id": record["id"]} for record in found[kept:]]
        reply = {"Responses": {table: found[:kept]}, "UnprocessedKeys": {table: {"Keys": left}} if left else {}}
        return answer(200, json.dumps(reply).encode())

    return fault


def fine(send: Send) -> AWSResponse:
    """Inject nothing, to hit a later attempt."""
    return send()


@dataclass(slots=True)
class Clock:
    """A clock that only moves when something waits."""

    now: float = 0.0

    def __call__(self) -> float:
        """Return seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.now += seconds

    def hang(self, seconds: float) -> Fault:
        """Let the table take the request and not answer before the read timeout."""

        def fault(send: Send) -> AWSResponse:
            send()
            self.now += seconds
            raise ReadTimeoutError(endpoint_url="http://table.test/")

        return fault


@dataclass(slots=True)
class FakeTable:
    """The wire.

    Attributes:
        client: the botocore client whose wire it is.
        faults: what happens to the next attempts.
        always: what happens to every attempt once ``faults`` is used up, None for nothing.
        before: called before each attempt with the operation's name; to let others in at an exact moment.
        sent: names of the operations that arrived, one an attempt.
        stale: the records before the last write, which is what an inconsistent read may still see.
        late: which changes the indexes have not seen since :meth:`lag`.
    """

    client: DynamoDBClient
    faults: list[Fault] = field(default_factory=list)
    always: Fault | None = None
    before: Callable[[str], None] | None = None
    sent: list[str] = field(default_factory=list)
    stale: dict[str, dict[str, Any]] = field(default_factory=dict)
    late: Literal["nothing", "deletions", "everything"] = "nothing"

    def __post_init__(self) -> None:
        """Take over the wire and make the table."""
        self.client.meta.events.register_last("before-send.dynamodb", cast(Any, self._send))
        self.clear()

    def clear(self) -> None:
        """Make the table anew, empty."""
        dynamodb.reset()
        self.stale, self.late = {}, "nothing"
        self._make(TABLE)
        self.sent.clear()

    def lag(self, late: Literal["nothing", "deletions", "everything"]) -> None:
        """Let the indexes see no more deletions, or no more writes at all; ``nothing``: let them see all again.

        They are then those of a second table that holds an item as often as it has been created.
        """
        if self.late == "nothing" != late:
            with suppress(self.client.exceptions.ResourceNotFoundException):
                self.client.delete_table(TableName=_LATE)
            self._make(_LATE, also="sort_key")
            self._show()
        self.late = late

    def _show(self) -> None:
        for record in self.items():
            self._ask("PutItem", json.dumps({"TableName": _LATE, "Item": record}).encode())

    def _make(self, name: str, also: str = "") -> None:
        self.client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "id", "KeyType": "HASH"},
                *([{"AttributeName": also, "KeyType": "RANGE"}] if also else ()),
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("id", *INDEXES.values(), "sort_key")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": index,
                    "KeySchema": [
                        {"AttributeName": key, "KeyType": "HASH"},
                        {"AttributeName": "sort_key", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
                for index, key in INDEXES.items()
            ],
        )

    def records(self) -> dict[str, dict[str, Any]]:
        """Return all that is stored, by id, read past the service."""
        reply = self._ask("Scan", json.dumps({"TableName": TABLE}).encode())
        return {record["id"]["S"]: record for record in json.loads(reply.content)["Items"]}

    def items(self) -> list[dict[str, Any]]:
        """List the records that are items, not idempotency records."""
        return [record for record in self.records().values() if "name" in record]

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).split(".")[-1]
        self.sent.append(operation)
        if self.before is not None:
            self.before(operation)
        body = request.body
        assert isinstance(body, bytes)  # as botocore's JSON serializer leaves it
        fault = self.faults.pop(0) if self.faults else self.always
        return fault(lambda: self._serve(operation, body)) if fault else self._serve(operation, body)

    def _serve(self, operation: str, body: bytes) -> AWSResponse:
        request = json.loads(body)
        if operation == "GetItem" and not request.get("ConsistentRead"):
            found = self.stale.get(request["Key"]["id"]["S"])
            return answer(200, json.dumps({} if found is None else {"Item": found}).encode())
        if operation in ("PutItem", "TransactWriteItems"):
            self.stale = self.records()
        if operation == "Query" and self.late != "nothing":
            if self.late == "deletions":
                self._show()
            body = json.dumps(request | {"TableName": _LATE}).encode()
        reply = self._ask(operation, body)
        return self._shuffled(request, reply) if operation == "BatchGetItem" and reply.status_code == 200 else reply

    def _shuffled(self, request: dict[str, Any], reply: AWSResponse) -> AWSResponse:
        """Answer a batch in another order, and from before the last write where it need not be consistent."""
        ((table, asked),) = request["RequestItems"].items()
        stored = self.records() if asked.get("ConsistentRead") else self.stale
        found = [stored[key["id"]["S"]] for key in asked["Keys"] if key["id"]["S"] in stored]
        return answer(200, json.dumps(json.loads(reply.content) | {"Responses": {table: found[::-1]}}).encode())

    @staticmethod
    def _ask(operation: str, body: bytes) -> AWSResponse:
        headers = {"x-amz-target": f"DynamoDB_20120810.{operation}"}
        status, reply_headers, reply = asyncio.run(dynamodb.handle_request("POST", "/", headers, body, {}))
        return answer(status, reply, dict(reply_headers))
