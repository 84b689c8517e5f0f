"""Many clients on the same items for a while: no lost update, no version that goes back, no list with holes."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import pytest
from tests.support.deployed import Deployed
from tests.support.scenarios import Report
from tests.support.traffic import Answer, Stream, send, statuses
from tests.support.waiting import eventually

pytestmark = pytest.mark.example

_SECONDS = 8.0
_ITEMS = 3


@dataclass
class Book:
    """What the clients were told.

    Attributes:
        items: ids under contention.
        wins: item -> versions that a PUT with If-Match was acknowledged with.
        read: item -> the highest version any client had read before it began its next read.
        problems: what must not happen.
    """

    items: list[str]
    wins: dict[str, list[int]] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    turn: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def _compete(deployed: Deployed, book: Book) -> Answer:
    """Read an item, then replace it on condition that it has not changed."""
    with book.lock:
        book.turn += 1
        item = book.items[book.turn % len(book.items)]
        floor = book.read.get(item, 0)
    found = send(deployed, "GET", f"/items/{item}")
    if found.status != 200:
        return found
    version = int(found.json()["version"])
    with book.lock:
        if version < floor:
            book.problems.append(f"{item} went back from {floor} to {version}")
        book.read[item] = max(version, book.read.get(item, 0))
    answer = send(deployed, "PUT", f"/items/{item}", {"name": "soak"}, if_match=found.headers["etag"])
    if answer.status == 200:
        with book.lock:
            won = int(answer.json()["version"])
            book.wins.setdefault(item, []).append(won)
            if won != version + 1:
                book.problems.append(f"{item} was to be replaced at {version} and became {won}: a lost update")
    return answer


def _walk(deployed: Deployed, status: str = "") -> list[str]:
    """Every id of the list, or of the list by status, page by page."""
    ids: list[str] = []
    path = cursor = query = "/items?limit=25" + (f"&status={status}" if status else "")
    while cursor:
        page = send(deployed, "GET", path)
        assert page.status == 200, page.data
        ids += [item["id"] for item in page.json()["items"]]
        cursor = page.json().get("next_cursor", "")
        path = f"{query}&cursor={cursor}"
    return ids


def _percentiles(answers: list[Answer]) -> str:
    ordered = sorted(answer.seconds * 1000 for answer in answers)
    return ", ".join(f"p{p} {ordered[min(len(ordered) - 1, len(ordered) * p // 100)]:.0f} ms" for p in (50, 95, 99))


def test_many_clients_on_the_same_items(report: Report, deployed: Deployed) -> None:
    run = uuid.uuid4().hex[:8]
    made = [send(deployed, "POST", "/items", {"id": f"{run}-{number}", "name": "soak"}) for number in range(_ITEMS)]
    book = Book([answer.json()["id"] for answer in made])
    fresh: list[Answer] = []

    def add() -> Answer:
        answer = send(deployed, "POST", "/items", {"name": f"soak-{run}"}, idempotency_key=uuid.uuid4().hex)
        fresh.append(answer)
        return answer

    with report.scenario(
        "soak",
        deployed.environment,
        injected=f"for {_SECONDS:.0f} s 4 clients replace the same {_ITEMS} items with If-Match, 1 adds, 1 lists",
        expected="every acknowledged replacement is one version of its own; lists complete, without repeats; no 500",
    ) as seen:
        with Stream(lambda: _compete(deployed, book), clients=4) as race, Stream(add, clients=1, pause_seconds=0.1):
            _list_while(deployed, book, time.monotonic() + _SECONDS)
        answers: list[Any] = race.answers + fresh
        seen.saw(f"{len(answers) / _SECONDS:.0f} writes a second, {_percentiles(answers)}, {statuses(answers)}")
        assert book.problems == []
        assert set(statuses(answers)) <= {200, 201, 412, 503, 504}
        _check(deployed, book, fresh)


def _list_while(deployed: Deployed, book: Book, until: float) -> None:
    for status in cycle(("", "active")):
        if time.monotonic() >= until:
            return
        ids = _walk(deployed, status)
        assert len(ids) == len(set(ids)), "a list repeats an item"
        assert set(book.items) <= set(ids), "a list misses an item that was there all the time"


def _check(deployed: Deployed, book: Book, fresh: list[Answer]) -> None:
    for item, versions in book.wins.items():
        assert len(versions) == len(set(versions)), f"two clients were told the same version of {item}: a lost update"
        last = int(send(deployed, "GET", f"/items/{item}").json()["version"])
        unknown = last - 1 - len(versions)
        assert last >= max(versions) and unknown >= 0
    assert book.wins, "nobody ever won"
    created = [answer.json()["id"] for answer in fresh if answer.status == 201]
    assert created and len(created) == len(set(created))
    assert eventually(lambda: set(created) <= set(_walk(deployed)) & set(_walk(deployed, "active")), 60)
