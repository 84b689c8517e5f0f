"""The table on a bad day: how often it is asked, what clients are told, and that no acknowledged write is lost."""

from __future__ import annotations

import importlib
import json
import uuid
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from tests.support.deployed import PRODUCT, Deployed
from tests.support.faults import Faults
from tests.support.scenarios import Report
from tests.support.traffic import Answer, at_once, send, statuses

pytestmark = pytest.mark.example

# Not imported by name: without the example this module is left out, and nothing may say that its import is wrong.
SDK_MAX_ATTEMPTS = importlib.import_module("items.settings").SDK_MAX_ATTEMPTS

_TRIES = 20
_THROTTLED = {"error": {"code": "ProvisionedThroughputExceededException"}}
_FAULTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "table-throttled": (_THROTTLED, 503, "unavailable"),
    "table-5xx": ({"error": {"code": "InternalServerError", "status": 500}}, 503, "unavailable"),
    "table-reset": ({"reset": True}, 503, "unavailable"),
    "table-slow": ({"latency": 4000}, 504, "timeout"),
}


def _create(deployed: Deployed, **headers: str) -> str:
    made = send(deployed, "POST", "/items", {"name": "calm"}, **headers)
    assert made.status == 201, made.data
    return str(made.json()["id"])


def _is_refusal(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.code) == (status, code), answer.data
    assert answer.headers.get("retry-after", "") == ("1" if status == 503 else "")
    assert not any(word in answer.data.decode() for word in ("arn:", PRODUCT.name("items", "")))


@pytest.mark.parametrize("name", _FAULTS)
def test_a_table_that_fails_is_asked_a_bounded_number_of_times(
    report: Report, faults: Faults, deployed: Deployed, name: str
) -> None:
    rule, status, code = _FAULTS[name]
    item = _create(deployed)
    with report.scenario(
        name,
        deployed.environment,
        injected=f"every GetItem and TransactWriteItems: {json.dumps(rule)}",
        expected=f"{SDK_MAX_ATTEMPTS} tries, then {status} {code} before the function's time-out; the item unharmed",
    ) as seen:
        calls = (
            ("GET", "GetItem", f"/items/{item}", None),
            ("POST", "TransactWriteItems", "/items", {"name": "stormy"}),
        )
        table = deployed.table
        with faults.injected(*({"resource": table, "operation": operation} | rule for _, operation, *_ in calls)):
            answers = at_once(2, lambda i: send(deployed, calls[i][0], calls[i][2], calls[i][3]))
            tries = Counter(str(event["operation"]) for event in faults.fired())
        for answer, (method, operation, *_) in zip(answers, calls, strict=True):
            seen.saw(
                f"{method}: {answer.status} {answer.code} in {answer.seconds:.1f} s after {tries[operation]} tries"
            )
            _is_refusal(answer, status, code)
            assert tries[operation] == SDK_MAX_ATTEMPTS
        after = send(deployed, "GET", f"/items/{item}").json()
        assert (after["name"], after["version"]) == ("calm", 1)


def test_retries_wait_a_random_time(report: Report, faults: Faults, dev: Deployed) -> None:
    item = _create(dev)
    with report.scenario(
        "retry-jitter",
        "dev",
        injected="every GetItem throttled, 5 requests one after the other",
        expected="pauses between tries differ and are at most 1 s, then 2 s",
    ) as seen:
        pauses: list[list[float]] = []
        for _ in range(5):
            with faults.injected({"resource": dev.table, "operation": "GetItem"} | _THROTTLED):
                assert send(dev, "GET", f"/items/{item}").status == 503
                at = [float(event["ts"]) for event in faults.fired()]
                pauses.append([later - sooner for sooner, later in pairwise(at)])
        first, second = ([pause[i] for pause in pauses] for i in (0, 1))
        seen.saw(f"first {[round(x, 2) for x in first]}, second {[round(x, 2) for x in second]}")
        assert max(first) <= 1.3 and max(second) <= 2.3
        assert len({round(pause, 2) for pause in first + second}) >= 5


def test_one_failing_partition_key_leaves_the_others_alone(report: Report, faults: Faults, deployed: Deployed) -> None:
    bad, good = _create(deployed), _create(deployed)
    with report.scenario(
        "partition-key-fails",
        deployed.environment,
        injected=f"every call for one key of {deployed.table} throttled",
        expected="503 for that item, 200 for another at the same time",
    ) as seen:
        rule = {"resource": deployed.table, "body": f"Key.id.S == '{bad}'"} | _THROTTLED
        with faults.injected(rule):
            answers = at_once(6, lambda i: send(deployed, "GET", f"/items/{(bad, good)[i % 2]}"))
        seen.saw(f"bad {statuses(answers[::2])}, good {statuses(answers[1::2])}")
        for answer in answers[::2]:
            _is_refusal(answer, 503, "unavailable")
        assert {answer.status for answer in answers[1::2]} == {200}


def test_a_stumble_is_not_seen_by_the_client(report: Report, faults: Faults, deployed: Deployed) -> None:
    item = _create(deployed)
    with report.scenario(
        "table-stumbles",
        deployed.environment,
        injected="each GetItem fails twice, then passes (sequence 2/1)",
        expected="200 after three tries",
    ) as seen:
        rule = {"operation": "GetItem", "sequence": {"fail": 2, "pass": 1}} | _THROTTLED
        with faults.injected({"resource": deployed.table} | rule):
            answer = send(deployed, "GET", f"/items/{item}")
            tries = len(faults.fired()) + 1
        seen.saw(f"{answer.status} in {answer.seconds:.1f} s after {tries} tries")
        assert (answer.status, tries) == (200, 3)


def test_an_outage_ends_for_the_client_when_it_ends(report: Report, faults: Faults, deployed: Deployed) -> None:
    item = _create(deployed)
    with report.scenario(
        "table-recovers",
        deployed.environment,
        injected=f"GetItem fails {SDK_MAX_ATTEMPTS} times, then passes twice, over and over",
        expected="503, 200, 200, 503: a request that used up its tries takes none from the next",
    ) as seen:
        rule = {"operation": "GetItem", "sequence": {"fail": SDK_MAX_ATTEMPTS, "pass": 2}} | _THROTTLED
        with faults.injected({"resource": deployed.table} | rule):
            answers = [send(deployed, "GET", f"/items/{item}") for _ in range(4)]
        seen.saw(str([answer.status for answer in answers]))
        assert [answer.status for answer in answers] == [503, 200, 200, 503]
        _is_refusal(answers[-1], 503, "unavailable")


def _rows(aws: Any, deployed: Deployed) -> dict[str, dict[str, Any]]:
    pages = aws("dynamodb").get_paginator("scan").paginate(TableName=deployed.table, ConsistentRead=True)
    return {row["id"]["S"]: row for page in pages for row in page["Items"]}


def _stormy_creations(deployed: Deployed, run: str, count: int) -> list[tuple[str, Answer, str]]:
    """Each creation with its key, sent again with it until it is acknowledged: (name, answer, key)."""

    def create(number: int) -> Answer:
        name = f"{run}-{number}"
        for _ in range(_TRIES):
            answer = send(deployed, "POST", "/items", {"name": name}, idempotency_key=name)
            if answer.status not in (429, 503, 504):
                break
        return answer

    return [(f"{run}-{number}", answer, f"{run}-{number}") for number, answer in enumerate(at_once(count, create, 8))]


_STORM = (
    {"probability": 0.15, **_THROTTLED},
    {"probability": 0.15, "error": {"code": "InternalServerError", "status": 500}},
    {"probability": 0.1, "reset": True},
    # The worst of all: the write happens, its reply is lost.
    {"probability": 0.2, "response": {"abort_frac": 0.3}},
)


def test_no_acknowledged_write_is_lost_or_doubled(report: Report, faults: Faults, deployed: Deployed, aws: Any) -> None:
    run, count = f"storm-{uuid.uuid4().hex[:8]}", 24
    with report.scenario(
        "writes-in-a-storm",
        deployed.environment,
        injected=f"{count} creations, replacements and deletions while 15 % of calls are throttled, 15 % fail, "
        "10 % are reset and 20 % lose their reply after the write",
        expected="the table holds exactly what was acknowledged: each item once, each version once per PUT",
    ) as seen:
        with faults.injected(*({"resource": deployed.table} | rule for rule in _STORM)):
            made = _stormy_creations(deployed, run, count)
            assert {answer.status for _, answer, _ in made} == {201}
            ids = [answer.json()["id"] for _, answer, _ in made]
            puts = at_once(count, lambda i: send(deployed, "PUT", f"/items/{ids[i]}", {"name": f"{run}-put"}), 8)
            gone = at_once(count // 4, lambda i: send(deployed, "DELETE", f"/items/{ids[i]}"), 8)
            fired = len(faults.fired())
        seen.saw(f"{fired} faults; PUT {statuses(puts)}; DELETE {statuses(gone)}")
        assert fired > count
        assert {answer.status for answer in puts} <= {200, 503, 504}
        _compare(_rows(aws, deployed), run, made, puts, gone)


def _compare(
    rows: dict[str, dict[str, Any]],
    run: str,
    made: list[tuple[str, Answer, str]],
    puts: list[Answer],
    gone: list[Answer],
) -> None:
    mine = {key: row for key, row in rows.items() if row.get("name", {}).get("S", "").startswith(run)}
    ids = [answer.json()["id"] for _, answer, _ in made]
    assert len(set(ids)) == len(ids)
    assert mine.keys() <= set(ids), "an item that nobody was told of"
    for number, (item, put) in enumerate(zip(ids, puts, strict=True)):
        deletion = gone[number].status if number < len(gone) else None
        assert item in rows or deletion is not None, f"{item} was acknowledged and is not there"
        if deletion == 204:
            assert item not in mine, f"{item} was deleted and is there"
        elif deletion is None:
            _check_version(mine[item], put)


def _check_version(row: dict[str, Any], put: Answer) -> None:
    """A replacement counts once; one without an answer may have happened, once."""
    version = int(row["version"]["N"])
    assert version == 2 if put.status == 200 else version in (1, 2), (row, put.status)


def test_a_creation_sent_twice_at_once_makes_one_item(report: Report, deployed: Deployed, aws: Any) -> None:
    key = uuid.uuid4().hex
    with report.scenario(
        "idempotency-race",
        deployed.environment,
        injected="the same POST with the same Idempotency-Key 8 times at once",
        expected="one id in all answers, one item in the table, 409 for another body",
    ) as seen:
        answers = at_once(8, lambda _: send(deployed, "POST", "/items", {"name": key}, idempotency_key=key))
        other = send(deployed, "POST", "/items", {"name": "other"}, idempotency_key=key)
        seen.saw(f"{statuses(answers)}, other body {other.status}")
        assert {answer.status for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert (other.status, other.code) == (409, "idempotency_conflict")
        assert len([row for row in _rows(aws, deployed).values() if row.get("name", {}).get("S") == key]) == 1
