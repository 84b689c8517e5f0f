"""Lists while writes go on and the number of shards changes: two versions of the function answer side by side.

The model is a dictionary of the items there are. A walk through the list, whose pages either version may answer and
between whose pages items come, change and go, shows every item that was in the list from its beginning to its end, and
none twice. Versions follow each other as a release lets them, and as the rule over a plan does (``shards``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.support.fake_table import TABLE, FakeTable

from items.model import Shards
from items.store import Store, connect
from rest.budget import Budget

STATUSES = st.sampled_from(["active", "archived"])
MOST = 6
QUIET = settings(
    max_examples=50,
    stateful_step_count=14,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Held:
    """An item as the model knows it: another creation is another item, also under the same id."""

    id: str
    created_at: str
    status: str


class Versions:
    """Two versions of the function over one table; ``serve`` lets one of them answer."""

    def __init__(self, install: Callable[[Store], None], shards: Shards) -> None:
        self.client = connect("eu-west-1")
        self.table = FakeTable(self.client)
        self.install = install
        self.shards = [shards, shards]

    def serve(self, version: int) -> None:
        """Let one version answer the next requests."""
        store = Store(self.client, TABLE, self.shards[version])
        store.budget = Budget(60)
        self.install(store)


class Lists(RuleBasedStateMachine):
    """Sends requests to either version and walks through lists."""

    api: Any
    start: Callable[[], Versions]

    def __init__(self) -> None:
        super().__init__()
        self.versions = self.start()
        self.held: dict[str, Held] = {}

    def send(self, version: int, method: str, url: str, body: Any = None) -> Any:
        self.versions.serve(version)
        reply = self.api(method, url, body=body)
        assert reply.status < 300, reply.text
        return reply

    def write(self, version: int, kind: str, status: str, data: st.DataObject) -> None:
        """Create an item, or change or delete one that there is."""
        if kind == "create" or not self.held:
            gone = [item for item in ("x", "y") if item not in self.held]
            ids = [{}, *({"id": item} for item in gone)]
            chosen: dict[str, str] = data.draw(st.sampled_from(ids))
            made = self.send(version, "POST", "/items", {"name": "n", "status": status} | chosen).json
            self.held[made["id"]] = Held(made["id"], made["created_at"], status)
            return
        item = self.held.pop(data.draw(st.sampled_from(sorted(self.held))))
        if kind == "replace":
            self.send(version, "PUT", f"/items/{item.id}", {"name": "m", "status": status})
            self.held[item.id] = Held(item.id, item.created_at, status)
        else:
            self.send(version, "DELETE", f"/items/{item.id}")

    @rule(version=st.integers(0, 1), kind=st.sampled_from(["create", "create", "replace", "delete"]), status=STATUSES,
          data=st.data())  # fmt: skip
    def change(self, version: int, kind: str, status: str, data: st.DataObject) -> None:
        self.write(version, kind, status, data)

    @precondition(lambda self: self.versions.shards[0] == self.versions.shards[1])
    @rule(more=st.integers(1, 3))
    def deploy_more_reads(self, more: int) -> None:
        old = self.versions.shards[0]
        self.versions.shards[1] = Shards(min(old.read + more, MOST), old.write)

    @precondition(lambda self: self.versions.shards[0] == self.versions.shards[1])
    @rule(data=st.data())
    def deploy_other_writes(self, data: st.DataObject) -> None:
        old = self.versions.shards[0]
        self.versions.shards[1] = Shards(old.read, data.draw(st.integers(1, old.read)))

    @rule()
    def finish_the_release(self) -> None:
        self.versions.shards[0] = self.versions.shards[1]

    @rule(late=st.sampled_from(["deletions", "nothing"]))
    def let_the_indexes_be_late(self, late: Any) -> None:
        self.versions.table.lag(late)

    @rule(data=st.data(), limit=st.integers(1, 3), status=st.sampled_from([None, "active", "archived"]))
    def walk(self, data: st.DataObject, limit: int, status: str | None) -> None:
        """Read the list page by page, each from either version, while items come, change and go."""
        there = self.listed(status)
        found: list[tuple[str, str]] = []
        url = query = f"/items?limit={limit}" + (f"&status={status}" if status else "")
        while url:
            page = self.send(data.draw(st.integers(0, 1)), "GET", url).json
            assert len(page["items"]) <= limit
            found += [(item["id"], item["created_at"]) for item in page["items"]]
            url = f"{query}&cursor={page['next_cursor']}" if "next_cursor" in page else ""
            for kind in (
                data.draw(st.lists(st.sampled_from(["create", "replace", "delete"]), max_size=2)) if url else ()
            ):
                self.write(data.draw(st.integers(0, 1)), kind, data.draw(STATUSES), data)
                there &= self.listed(status)
        assert len(found) == len(set(found)), "the list repeats an item"
        assert there <= set(found), "the list lacks an item that was in it all the time"
        assert found == sorted(found, key=lambda one: f"{one[1]}#{one[0]}", reverse=True)

    def listed(self, status: str | None) -> set[tuple[str, str]]:
        return {(item.id, item.created_at) for item in self.held.values() if status in (None, item.status)}

    @invariant()
    def every_item_can_be_read(self) -> None:
        assert {record["id"]["S"] for record in self.versions.table.items()} == set(self.held)


@pytest.fixture
def start(module: ModuleType, monkeypatch: pytest.MonkeyPatch, clock: Any) -> Callable[[], Versions]:
    return lambda: Versions(lambda store: monkeypatch.setattr(module, "STORE", store), Shards(2, 2))


def test_lists_are_whole_while_items_and_numbers_of_shards_change(
    api: Any, start: Callable[[], Versions], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lists, "api", staticmethod(api), raising=False)
    monkeypatch.setattr(Lists, "start", staticmethod(start), raising=False)
    run_state_machine_as_test(Lists, settings=QUIET)


def test_writes_that_go_before_reads_are_hidden_from_the_version_before(
    api: Any, start: Callable[[], Versions]
) -> None:
    """What the rule over a plan refuses, and what the walk above would see."""
    versions = start()
    versions.shards[1] = Shards(4, 4)
    versions.serve(1)
    made = [api("POST", "/items", body={"name": "n"}).json["id"] for _ in range(20)]
    assert [item["id"] for item in api("GET", "/items").json["items"]] == made[::-1]
    versions.serve(0)
    assert len(api("GET", "/items").json["items"]) < len(made)


def test_a_cursor_goes_on_in_the_other_version(api: Any, start: Callable[[], Versions]) -> None:
    versions = start()
    versions.serve(0)
    made = [api("POST", "/items", body={"name": "n"}).json["id"] for _ in range(9)]
    first = api("GET", "/items?limit=4").json
    versions.shards[1] = Shards(5, 2)
    versions.serve(1)
    rest = api("GET", f"/items?cursor={first['next_cursor']}").json
    assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]
