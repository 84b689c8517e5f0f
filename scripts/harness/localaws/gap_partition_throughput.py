"""Gap: no table is ever throttled.

Upstream: request units are counted only to be told (``ReturnConsumedCapacity``). No partition, no on-demand maximum and
no provisioned capacity limits anything; there are no throttle metrics.

AWS: "Best practices for designing and using partition keys effectively" and "Key range throughput exceeded (hot
partitions)", Amazon DynamoDB Developer Guide: each partition of a table and of an index serves at most 3,000 read and
1,000 write units a second. "DynamoDB maximum throughput for on-demand tables": what exceeds the maximum is throttled.
"Understanding Global Secondary Index (GSI) write throttling and back pressure": a write is throttled when an index
cannot take it, and the reason names the index. "Diagnosing throttling": on demand the refusal is a
``ThrottlingException``, provisioned a ``ProvisionedThroughputExceededException``; each has its reasons. "DynamoDB
Metrics and dimensions": an index's events count with both names, not with TableName alone; ``ThrottledRequests``
counts a batch only when all of it is throttled. Members of a transaction and of a batch: API reference of
CancellationReason, BatchGetItem and BatchWriteItem.

Fill: every request for items is rehearsed, its units are counted and taken from :mod:`harness.localaws.throughput`, and
it is refused when they are not there. Stricter than AWS, which may let an index lag behind for a while and a table
exceed its maximum in a burst, so that what passes here passes there. Not enforced: PartiQL, the account's limits,
consumption by streams, expiry, exports and backups (free of request units on AWS, too, but for PartiQL's).
"""

import json
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch, dynamodb

from harness.localaws import rehearsal, throughput_clock
from harness.localaws.patching import wraps
from harness.localaws.table_demands import Part, parts
from harness.localaws.throughput import Cap, Cause, Demand, Direction, Resource, Throttle, Throughput
from harness.localaws.throughput_clock import Moment

_NAMESPACE = "AWS/DynamoDB"
_SAVED_SECONDS = 300  # "DynamoDB burst and adaptive capacity": unused capacity of up to five minutes is retained
_HANDLERS = {
    "BatchGetItem": "_batch_get_item",
    "BatchWriteItem": "_batch_write_item",
    "DeleteItem": "_delete_item",
    "GetItem": "_get_item",
    "PutItem": "_put_item",
    "Query": "_query",
    "Scan": "_scan",
    "TransactGetItems": "_transact_get_items",
    "TransactWriteItems": "_transact_write_items",
    "UpdateItem": "_update_item",
}
_READS = ("BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems")
_LEFT_OVER = {"BatchGetItem": "UnprocessedKeys", "BatchWriteItem": "UnprocessedItems"}
_MESSAGES = {
    Cause.MAX_ON_DEMAND: ("Throughput exceeds the maximum OnDemandThroughput configured on table or index",) * 2,
    Cause.KEY_RANGE: (
        "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table "
        "or index so please try again shortly. If exceptions persist, check if you have a hot key: "
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html",
        "Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB is automatically "
        "scaling your index so please try again shortly.",
    ),
    Cause.PROVISIONED: (
        "The level of configured provisioned throughput for the table was exceeded. Consider increasing your "
        "provisioning level with the UpdateTable API.",
        "The level of configured provisioned throughput for one or more global secondary indexes of the table was "
        "exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with "
        "the UpdateTable API.",
    ),
}
"""Messages of a refusal, of a table and of an index (API reference of TransactWriteItems; "Diagnosing throttling")."""


@dataclass(slots=True)
class _Meter:
    """The units left, by one clock.

    Attributes:
        clock: tells the time.
    """

    clock: Callable[[], Moment]
    _run: str = ""
    _throughput: Throughput = field(default_factory=Throughput)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, demands: Sequence[Demand]) -> tuple[Throttle, ...]:
        """Take what is asked for, or say which limits refuse it. Another clock begins anew."""
        moment = self.clock()
        with self._lock:
            if moment.run != self._run:
                self._run, self._throughput = moment.run, Throughput(0.0 if moment.run else -math.inf)
            return self._throughput.admit(demands, _caps, moment.seconds)


def _is_on_demand(table: Mapping[str, Any]) -> bool:
    return bool((table.get("BillingModeSummary") or {}).get("BillingMode") == "PAY_PER_REQUEST")


def _caps(resource: Resource, direction: Direction) -> list[Cap]:
    """Find the limit that is set on a table or an index as a whole."""
    table = dynamodb._tables[dynamodb._normalize_table_name(resource.table_arn)]
    settings = dynamodb._index_def(table, resource.index) if resource.index else table
    if _is_on_demand(table):
        most = (settings.get("OnDemandThroughput") or {}).get(f"Max{direction}RequestUnits", -1)
        return [Cap(Cause.MAX_ON_DEMAND, most)] if most >= 0 else []
    provisioned = (settings.get("ProvisionedThroughput") or {}).get(f"{direction}CapacityUnits")
    return [Cap(Cause.PROVISIONED, provisioned, _SAVED_SECONDS)] if provisioned else []


def _emit(operation: str, found: Sequence[Part], refusals: Sequence[tuple[Throttle, ...]]) -> None:
    """Count the throttled events by table and index, and the request when nothing of it has passed."""
    for part, throttles in zip(found, refusals, strict=True):
        for demand in part.demands:
            names = {name for one in throttles if one.stops(demand) for name in one.metrics}
            for name in names:
                cloudwatch.record_metric(_NAMESPACE, name, 1, "Count", demand.resource.dimensions)
    if operation not in _LEFT_OVER or all(refusals):
        for table in {
            part.demands[0].resource.table_arn for part, refused in zip(found, refusals, strict=True) if refused
        }:
            dimensions = Resource(table).dimensions | {"Operation": operation}
            cloudwatch.record_metric(_NAMESPACE, "ThrottledRequests", 1, "Count", dimensions)


def _said(throttles: Sequence[Throttle]) -> tuple[bool, str]:
    """Tell if the table is an on-demand one, and AWS's words for the first limit that was met."""
    first = throttles[0]
    table = dynamodb._tables[dynamodb._normalize_table_name(first.resource.table_arn)]
    on_demand = _is_on_demand(table)
    cause = first.cause if on_demand else Cause.PROVISIONED
    return on_demand, _MESSAGES[cause][bool(first.resource.index)]


def _refusal(throttles: Sequence[Throttle]) -> Any:
    on_demand, message = _said(throttles)
    reasons = list(dict.fromkeys((one.reason, one.resource.arn) for one in throttles))
    told = [{"reason": reason, "resource": arn} for reason, arn in reasons]
    if on_demand:
        return error_response_json("ThrottlingException", message, 400, {"throttlingReasons": told})
    return error_response_json("ProvisionedThroughputExceededException", message, 400, {"ThrottlingReasons": told})


def _cancelled(refusals: Sequence[tuple[Throttle, ...]]) -> Any:
    reasons: list[dict[str, str]] = []
    for throttles in refusals:
        if not throttles:
            reasons.append({"Code": "None"})
            continue
        on_demand, message = _said(throttles)
        reasons.append(
            {"Code": "ThrottlingError" if on_demand else "ProvisionedThroughputExceeded", "Message": message}
        )
    codes = ", ".join(one["Code"] for one in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    return error_response_json("TransactionCanceledException", message, 400, {"CancellationReasons": reasons})


def _of(part: Part, throttles: Sequence[Throttle]) -> tuple[Throttle, ...]:
    return tuple(one for one in throttles if any(one.stops(demand) for demand in part.demands))


def _only(operation: str, data: Any, found: Sequence[Part]) -> dict[str, Any]:
    """Cut a batch down to some of its parts."""
    kept: dict[str, Any] = {}
    for part in found:
        if operation == "BatchWriteItem":
            kept.setdefault(part.table, []).append(part.member)
        else:
            asked = data["RequestItems"][part.table]
            kept.setdefault(part.table, {**asked, "Keys": []})["Keys"].append(part.member)
    return kept


def _batch(operation: str, handle: Any, data: Any, found: list[Part], refusals: list[tuple[Throttle, ...]]) -> Any:
    """Carry out what there are units for; the rest goes back to the caller, all of it as an error."""
    passed = [part for part, refused in zip(found, refusals, strict=True) if not refused]
    if not passed:
        return _refusal([one for refused in refusals for one in refused])
    answer = handle({**data, "RequestItems": _only(operation, data, passed)})
    if answer[0] != 200 or len(passed) == len(found):
        return answer
    left = [part for part, refused in zip(found, refusals, strict=True) if refused]
    return dynamodb.json_response(json.loads(answer[2]) | {_LEFT_OVER[operation]: _only(operation, data, left)})


def _metered(meter: _Meter, operation: str, handle: Any, data: Any) -> Any:
    tried = rehearsal.rehearse(handle, data)
    found = parts(operation, data, tried)
    if not found:
        return tried.answer
    if operation in _LEFT_OVER:
        refusals = [meter.admit(part.demands) for part in found]
        _emit(operation, found, refusals)
        return _batch(operation, handle, data, found, refusals)
    throttles = meter.admit([demand for part in found for demand in part.demands])
    if throttles:
        refusals = [_of(part, throttles) for part in found]
        _emit(operation, found, refusals)
        return _cancelled(refusals) if operation.startswith("Transact") else _refusal(throttles)
    return tried.answer if operation in _READS else handle(data)


def install(clock: Callable[[], Moment] = throughput_clock.read) -> None:
    """Patch ministack's requests for items. After every other patch of its writes, which a rehearsal must not reach.

    Args:
        clock: tells the time of the units; of a test that calls ministack in its own process.
    """
    meter = _Meter(clock)
    rehearsal.install()
    for operation, handler in _HANDLERS.items():

        @wraps(dynamodb, handler)
        def _handle(handle: Any, data: Any, operation: str = operation) -> Any:
            return _metered(meter, operation, handle, data)
