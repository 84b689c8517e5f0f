"""Probe of gap_partition_throughput: everything on the virtual clock, but for the proof that time is else real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.local.gaps.conftest import Emulator

from harness.localaws import control, throughput_clock
from harness.localaws.throughput_clock import VirtualClock

_KB = 1024


def _make(emulator: Emulator, name: str, *, projection: str = "ALL", **options: Any) -> Any:
    """A table with an index by ``kind`` and ``at``; on demand, unless ``options`` say otherwise."""
    dynamodb = emulator.client("dynamodb")
    index = {
        "IndexName": "by-kind",
        "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": projection},
    }
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("id", "kind", "at")],
        GlobalSecondaryIndexes=[index | options.pop("index", {})],
        **({"BillingMode": "PAY_PER_REQUEST"} | options),
    )
    return dynamodb


def _item(key: str, size: int = 1, kind: str = "", at: str = "1") -> dict[str, Any]:
    """An item of so many KB, in the index if it has a kind."""
    item = {"id": {"S": key}} | ({"kind": {"S": kind}, "at": {"S": at}} if kind else {})
    bare = sum(len(name) + len(value["S"]) for name, value in item.items()) + len("text")
    return item | {"text": {"S": "x" * (size * _KB - bare)}}


def _refused(call: Callable[..., Any], **parameters: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return dict(refused.value.response)


def _reason(answer: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    reasons = answer.get("throttlingReasons") or answer["ThrottlingReasons"]
    return answer["Error"]["Code"], [(one["reason"], one["resource"].rpartition(":table/")[2]) for one in reasons]


def _count(emulator: Emulator, name: str, **dimensions: str) -> float:
    """Sum of a metric with exactly these dimensions."""
    found = emulator.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/DynamoDB",
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=datetime.now(UTC) - timedelta(hours=1),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum"],
    )
    return sum(float(point["Sum"]) for point in found["Datapoints"])


@pytest.fixture
def clock(filled: Emulator) -> Iterator[VirtualClock]:
    with VirtualClock(filled.local.state_dir) as found:
        yield found


def test_stock_still_serves_any_number_of_units(stock: Emulator) -> None:
    dynamodb = _make(stock, "boundless")
    for _ in range(4):
        dynamodb.put_item(TableName="boundless", Item=_item("hot", 390, "one"))
    assert _count(stock, "WriteThrottleEvents", TableName="boundless") == 0


def test_a_key_value_takes_1000_write_units_a_second_and_not_one_more(filled: Emulator, clock: VirtualClock) -> None:
    dynamodb = _make(filled, "hot-write")
    clock.advance(1.0)
    for size in (220, 390, 390):
        dynamodb.put_item(TableName="hot-write", Item=_item("hot", size))
    answer = _refused(dynamodb.put_item, TableName="hot-write", Item=_item("hot"))
    assert _reason(answer) == ("ThrottlingException", [("TableWriteKeyRangeThroughputExceeded", "hot-write")])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    dynamodb.put_item(TableName="hot-write", Item=_item("other"))
    clock.advance(0.389)  # what lies there has 390 KB, and the larger counts
    assert _reason(_refused(dynamodb.put_item, TableName="hot-write", Item=_item("hot")))
    clock.advance(0.001)
    dynamodb.put_item(TableName="hot-write", Item=_item("hot"))
    assert _reason(_refused(dynamodb.delete_item, TableName="hot-write", Key={"id": {"S": "hot"}}))


def test_a_key_value_takes_3000_read_units_a_second_and_not_one_more(filled: Emulator, clock: VirtualClock) -> None:
    dynamodb = _make(filled, "hot-read")
    clock.advance(1.0)
    dynamodb.put_item(TableName="hot-read", Item=_item("hot", 400))
    asked: dict[str, Any] = {"TableName": "hot-read", "Key": {"id": {"S": "hot"}}}
    for _ in range(20):
        dynamodb.get_item(**asked, ConsistentRead=True)
    for _ in range(20):
        dynamodb.get_item(**asked)
    for consistent in (True, False):
        answer = _refused(dynamodb.get_item, **asked, ConsistentRead=consistent)
        assert _reason(answer) == ("ThrottlingException", [("TableReadKeyRangeThroughputExceeded", "hot-read")])
    dynamodb.get_item(TableName="hot-read", Key={"id": {"S": "other"}})


def test_an_index_that_cannot_take_a_write_throttles_the_table(filled: Emulator, clock: VirtualClock) -> None:
    dynamodb = _make(filled, "pressed")
    clock.advance(1.0)
    for number, size in enumerate((390, 390, 219)):
        dynamodb.put_item(TableName="pressed", Item=_item(str(number), size, "one"))
    answer = _refused(dynamodb.put_item, TableName="pressed", Item=_item("new", 2, "one"))
    expected = ("IndexWriteKeyRangeThroughputExceeded", "pressed/index/by-kind")
    assert _reason(answer) == ("ThrottlingException", [expected])
    assert "Item" not in dynamodb.get_item(TableName="pressed", Key={"id": {"S": "new"}}, ConsistentRead=True)
    dynamodb.put_item(TableName="pressed", Item=_item("new", 2, "two"))
    dynamodb.put_item(TableName="pressed", Item=_item("outside", 2))
    index = {"TableName": "pressed", "GlobalSecondaryIndexName": "by-kind"}
    for name in ("WriteThrottleEvents", "WriteKeyRangeThroughputThrottleEvents"):
        assert _count(filled, name, **index) == 1
        assert _count(filled, name, TableName="pressed") == 0
    assert _count(filled, "WriteMaxOnDemandThroughputThrottleEvents", **index) == 0
    assert _count(filled, "ThrottledRequests", TableName="pressed", Operation="PutItem") == 1
    assert _count(filled, "ThrottledRequests", TableName="pressed") == 0


def test_an_index_of_keys_is_written_when_they_change_and_by_their_size(filled: Emulator, clock: VirtualClock) -> None:
    dynamodb = _make(filled, "keys", projection="KEYS_ONLY", index={"OnDemandThroughput": {"MaxWriteRequestUnits": 4}})
    clock.advance(1.0)
    dynamodb.put_item(TableName="keys", Item=_item("a", 50, "one"))  # 1: it comes
    dynamodb.put_item(TableName="keys", Item=_item("a", 60, "one"))  # 0: no key changes
    dynamodb.put_item(TableName="keys", Item=_item("a", 60, "two"))  # 2: it goes here and comes there
    dynamodb.delete_item(TableName="keys", Key={"id": {"S": "a"}})  # 1: it goes
    answer = _refused(dynamodb.put_item, TableName="keys", Item=_item("b", 1, "one"))
    expected = ("IndexWriteMaxOnDemandThroughputExceeded", "keys/index/by-kind")
    assert _reason(answer) == ("ThrottlingException", [expected])
    assert answer["Error"]["Message"].startswith("Throughput exceeds the maximum OnDemandThroughput")
    index = {"TableName": "keys", "GlobalSecondaryIndexName": "by-kind"}
    assert _count(filled, "WriteMaxOnDemandThroughputThrottleEvents", **index) == 1
    assert _count(filled, "WriteKeyRangeThroughputThrottleEvents", **index) == 0


def test_a_maximum_is_the_whole_tables_and_can_be_changed(filled: Emulator, clock: VirtualClock) -> None:
    most: dict[str, Any] = {"OnDemandThroughput": {"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": 3}}
    dynamodb = _make(filled, "capped", **most)
    clock.advance(1.0)
    for key in "abc":
        dynamodb.put_item(TableName="capped", Item=_item(key, 1, "one"))
    answer = _refused(dynamodb.put_item, TableName="capped", Item=_item("d"))
    assert _reason(answer) == ("ThrottlingException", [("TableWriteMaxOnDemandThroughputExceeded", "capped")])
    assert _count(filled, "WriteMaxOnDemandThroughputThrottleEvents", TableName="capped") == 1
    for _ in range(5):
        dynamodb.get_item(TableName="capped", Key={"id": {"S": "a"}}, ConsistentRead=True)
    answer = _refused(dynamodb.get_item, TableName="capped", Key={"id": {"S": "b"}})
    assert _reason(answer) == ("ThrottlingException", [("TableReadMaxOnDemandThroughputExceeded", "capped")])
    index = {"IndexName": "by-kind", "OnDemandThroughput": {"MaxWriteRequestUnits": 1}}
    dynamodb.update_table(
        TableName="capped",
        OnDemandThroughput={"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1},
        GlobalSecondaryIndexUpdates=[{"Update": index}],
    )
    dynamodb.get_item(TableName="capped", Key={"id": {"S": "b"}})
    dynamodb.put_item(TableName="capped", Item=_item("d", 1, "one"))
    answer = _refused(dynamodb.put_item, TableName="capped", Item=_item("e", 1, "two"))
    assert _reason(answer)[1] == [("IndexWriteMaxOnDemandThroughputExceeded", "capped/index/by-kind")]


def test_provisioned_capacity_has_its_own_exception_and_keeps_five_minutes(
    filled: Emulator, clock: VirtualClock
) -> None:
    one: dict[str, Any] = {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
    dynamodb = _make(filled, "provisioned", index=one, BillingMode="PROVISIONED", **one)
    clock.advance(1000.0)
    dynamodb.put_item(TableName="provisioned", Item=_item("a", 300))
    answer = _refused(dynamodb.put_item, TableName="provisioned", Item=_item("b"))
    expected = ("TableWriteProvisionedThroughputExceeded", "provisioned")
    assert _reason(answer) == ("ProvisionedThroughputExceededException", [expected])
    assert _count(filled, "WriteProvisionedThroughputThrottleEvents", TableName="provisioned") == 1


def test_a_query_takes_what_it_evaluates_of_its_partition(filled: Emulator, clock: VirtualClock) -> None:
    dynamodb = _make(filled, "queried")
    clock.advance(1.0)
    for number in range(3):
        dynamodb.put_item(TableName="queried", Item=_item(str(number), 200, "one", str(number)))
    clock.advance(1.0)
    asked: dict[str, Any] = {
        "TableName": "queried",
        "IndexName": "by-kind",
        "KeyConditionExpression": "kind = :kind",
        "FilterExpression": "attribute_not_exists(#text)",
        "ProjectionExpression": "id",
        "ExpressionAttributeNames": {"#text": "text"},
    }
    for _ in range(40):  # 600 KB, at half price: 75 units, though nothing is found
        assert dynamodb.query(**asked, ExpressionAttributeValues={":kind": {"S": "one"}})["Count"] == 0
    answer = _refused(dynamodb.query, **asked, ExpressionAttributeValues={":kind": {"S": "one"}})
    expected = ("IndexReadKeyRangeThroughputExceeded", "queried/index/by-kind")
    assert _reason(answer) == ("ThrottlingException", [expected])
    index = {"TableName": "queried", "GlobalSecondaryIndexName": "by-kind"}
    assert _count(filled, "ReadKeyRangeThroughputThrottleEvents", **index) == 1
    assert _count(filled, "ReadThrottleEvents", TableName="queried") == 0
    dynamodb.query(**asked, ExpressionAttributeValues={":kind": {"S": "two"}})
    dynamodb.get_item(TableName="queried", Key={"id": {"S": "1"}})


def test_a_scan_takes_of_all_partitions(filled: Emulator, clock: VirtualClock) -> None:
    dynamodb = _make(filled, "scanned", OnDemandThroughput={"MaxReadRequestUnits": 100})
    clock.advance(1.0)
    for number in range(2):
        dynamodb.put_item(TableName="scanned", Item=_item(str(number), 200))
    for _ in range(2):  # 400 KB at half price: 50 units
        dynamodb.scan(TableName="scanned")
    answer = _refused(dynamodb.scan, TableName="scanned", Limit=1)
    assert _reason(answer)[1] == [("TableReadMaxOnDemandThroughputExceeded", "scanned")]


def test_a_write_whose_condition_fails_takes_units_too(filled: Emulator, clock: VirtualClock) -> None:
    dynamodb = _make(filled, "conditional", OnDemandThroughput={"MaxWriteRequestUnits": 10})
    clock.advance(1.0)
    dynamodb.put_item(TableName="conditional", Item=_item("a", 3, "one"))
    taken = {"TableName": "conditional", "ConditionExpression": "attribute_not_exists(id)"}
    answer = _refused(dynamodb.put_item, **taken, Item=_item("a", 7, "one"))
    assert answer["Error"]["Code"] == "ConditionalCheckFailedException"
    answer = _refused(dynamodb.put_item, **taken, Item=_item("a", 1, "one"))
    assert answer["Error"]["Code"] == "ThrottlingException"


def _put(table: str, *items: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    return [{"Put": {"TableName": table, "Item": item, **options}} for item in items]


def test_a_transaction_takes_twice_as_much_and_is_cancelled_with_its_reasons(
    filled: Emulator, clock: VirtualClock
) -> None:
    dynamodb = _make(filled, "transacted-units")
    clock.advance(1.0)
    dynamodb.put_item(TableName="transacted-units", Item=_item("hot", 390))
    writes = _put("transacted-units", _item("hot", 300, "one"), _item("cold", 1, "one"))
    dynamodb.transact_write_items(TransactItems=writes[1:])
    answer = _refused(dynamodb.transact_write_items, TransactItems=writes)
    assert answer["Error"]["Code"] == "TransactionCanceledException"
    assert [one["Code"] for one in answer["CancellationReasons"]] == ["ThrottlingError", "None"]
    assert answer["CancellationReasons"][0]["Message"].startswith("Throughput exceeds the current capacity")
    read = [{"Get": {"TableName": "transacted-units", "Key": {"id": {"S": "hot"}}}}]
    assert dynamodb.transact_get_items(TransactItems=read)["Responses"][0]["Item"]["text"]["S"] == "x" * len(
        _item("hot", 390)["text"]["S"]
    )
    assert _count(filled, "WriteThrottleEvents", TableName="transacted-units") == 1
    dimensions = {"TableName": "transacted-units", "Operation": "TransactWriteItems"}
    assert _count(filled, "ThrottledRequests", **dimensions) == 1
    for _ in range(14):  # 98 units, twice, beside the one above
        dynamodb.transact_get_items(TransactItems=read)
    answer = _refused(dynamodb.transact_get_items, TransactItems=read)
    assert [one["Code"] for one in answer["CancellationReasons"]] == ["ThrottlingError"]


def test_a_refused_and_a_repeated_transaction_take_units(filled: Emulator, clock: VirtualClock) -> None:
    most: dict[str, Any] = {"OnDemandThroughput": {"MaxReadRequestUnits": 4, "MaxWriteRequestUnits": 40}}
    dynamodb = _make(filled, "again", **most)
    clock.advance(1.0)
    once = {"TransactItems": _put("again", _item("a", 10)), "ClientRequestToken": "token-of-again"}
    dynamodb.transact_write_items(**once)  # 20 written
    dynamodb.transact_write_items(**once)  # 6 read: 10 KB, twice; passes alone, and is paid off later
    answer = _refused(dynamodb.transact_write_items, **once)
    assert [one["Code"] for one in answer["CancellationReasons"]] == ["ThrottlingError"]
    taken = _put("again", _item("a", 10), ConditionExpression="attribute_not_exists(id)")
    answer = _refused(dynamodb.transact_write_items, TransactItems=taken)  # 20 written
    assert [one["Code"] for one in answer["CancellationReasons"]] == ["ConditionalCheckFailed"]
    answer = _refused(dynamodb.transact_write_items, TransactItems=taken)
    assert [one["Code"] for one in answer["CancellationReasons"]] == ["ThrottlingError"]


def test_of_a_batch_the_throttled_part_comes_back(filled: Emulator, clock: VirtualClock) -> None:
    dynamodb = _make(filled, "batched", OnDemandThroughput={"MaxReadRequestUnits": 2, "MaxWriteRequestUnits": 3})
    clock.advance(1.0)
    puts = [{"PutRequest": {"Item": _item(key, 1)}} for key in "abcd"]
    left = dynamodb.batch_write_item(RequestItems={"batched": puts})["UnprocessedItems"]
    assert left == {"batched": puts[3:]}
    dimensions = {"TableName": "batched", "Operation": "BatchWriteItem"}
    assert (
        _count(filled, "WriteThrottleEvents", TableName="batched"),
        _count(filled, "ThrottledRequests", **dimensions),
    ) == (1, 0)
    answer = _refused(dynamodb.batch_write_item, RequestItems=left)
    assert _reason(answer)[1] == [("TableWriteMaxOnDemandThroughputExceeded", "batched")]
    assert _count(filled, "ThrottledRequests", **dimensions) == 1
    keys = [{"id": {"S": key}} for key in "abc"]
    asked = {"batched": {"Keys": keys, "ConsistentRead": True, "ProjectionExpression": "id"}}
    found = dynamodb.batch_get_item(RequestItems=asked)
    assert sorted(item["id"]["S"] for item in found["Responses"]["batched"]) == ["a", "b"]
    assert found["UnprocessedKeys"] == {"batched": asked["batched"] | {"Keys": keys[2:]}}
    assert _reason(_refused(dynamodb.batch_get_item, RequestItems=found["UnprocessedKeys"]))
    clock.advance(1.0)
    assert dynamodb.batch_write_item(RequestItems=left)["UnprocessedItems"] == {}


def test_an_update_is_counted_by_what_it_makes(filled: Emulator, clock: VirtualClock) -> None:
    dynamodb = _make(filled, "updated", OnDemandThroughput={"MaxWriteRequestUnits": 10})
    clock.advance(1.0)
    asked: dict[str, Any] = {
        "TableName": "updated",
        "Key": {"id": {"S": "a"}},
        "UpdateExpression": "SET #text = :text ADD #count :one",
        "ExpressionAttributeNames": {"#text": "text", "#count": "count"},
        "ExpressionAttributeValues": {":text": {"S": "x" * 4 * _KB}, ":one": {"N": "1"}},
    }
    dynamodb.update_item(**asked)
    dynamodb.update_item(**asked)
    assert _reason(_refused(dynamodb.update_item, **asked))
    assert dynamodb.get_item(TableName="updated", Key={"id": {"S": "a"}})["Item"]["count"] == {"N": "2"}


def test_what_is_refused_for_itself_takes_nothing(filled: Emulator, clock: VirtualClock) -> None:
    dynamodb = _make(filled, "invalid", OnDemandThroughput={"MaxWriteRequestUnits": 1})
    clock.advance(1.0)
    for _ in range(3):
        answer = _refused(dynamodb.put_item, TableName="invalid", Item={"kind": {"S": "one"}})
        assert answer["Error"]["Code"] == "ValidationException"
    dynamodb.put_item(TableName="invalid", Item=_item("a"))


def test_without_the_virtual_clock_time_is_real(filled: Emulator) -> None:
    dynamodb = _make(filled, "real")
    with VirtualClock(filled.local.state_dir):
        assert _reason(_refused(dynamodb.put_item, TableName="real", Item=_item("a")))
    assert not (filled.local.state_dir / throughput_clock.NAME).exists()
    for size in (220, 390, 390):
        dynamodb.put_item(TableName="real", Item=_item("a", size))


def test_a_virtual_clock_that_was_left_behind_stops_no_other_server(tmp_path: Path) -> None:
    left = VirtualClock(tmp_path)
    left.__enter__()
    running = control.start(tmp_path, None, 60, die_with_parent=True)
    try:
        dynamodb = _make(Emulator(running), "left")
        dynamodb.put_item(TableName="left", Item=_item("a"))
    finally:
        control.stop(running)
