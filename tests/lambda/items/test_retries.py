"""Retries against a model: nothing comes back, nothing is made twice, nothing is lost, whatever order requests come in.

The model is the contract in a dozen lines: items, and for each idempotency key the first definitive answer. Requests
come one after the other, or one inside the other: the inner one arrives just before one of the outer one's calls to the
table, whose replies may be lost. Then the outcome must be that of the two one after the other, in either order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.support.fake_table import TABLE, FakeTable, Fault, fine, lost_reply, reset

from items.model import Shards
from items.store import Store, connect
from rest.budget import Budget

IDS = st.sampled_from(["x", "y", None])
KEYS = st.sampled_from(["j", "k", "l", None])
NAMES = st.sampled_from(["one", "two"])
FAULTS = st.lists(st.sampled_from([fine, lost_reply, reset]), max_size=5)
QUIET = settings(
    max_examples=60,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Asked:
    """A creation, or the deletion of ``item_id`` where ``name`` is None."""

    item_id: str | None
    name: str | None
    key: str | None = None

    def send(self, api: Any) -> Any:
        """Send it."""
        if self.name is None:
            return api("DELETE", f"/items/{self.item_id}")
        body = {"name": self.name} | ({} if self.item_id is None else {"id": self.item_id})
        return api("POST", "/items", body=body, headers={} if self.key is None else {"Idempotency-Key": self.key})


@dataclass(frozen=True)
class Told:
    """The part of an answer that the model decides; ``made`` is the item that a creation was answered with."""

    status: int
    code: str | None = None
    made: str | None = None
    replayed: bool = False


@dataclass(frozen=True)
class World:
    """All there is: id -> name of the items, key -> the request it first came with and the answer to it."""

    items: dict[str, str] = field(default_factory=dict)
    keys: dict[str, tuple[Asked, Told]] = field(default_factory=dict)


def answer(world: World, asked: Asked, fresh: str) -> tuple[World, Told]:
    """Answer as the contract says; ``fresh`` is the id of an item whose creator chose none."""
    if asked.name is None:
        if asked.item_id not in world.items:
            return world, Told(404, "not_found")
        rest = {one: name for one, name in world.items.items() if one != asked.item_id}
        return replace(world, items=rest), Told(204)
    if asked.key in world.keys:
        first, told = world.keys[asked.key]
        return world, replace(told, replayed=told.status == 201) if first == asked else Told(
            409, "idempotency_conflict"
        )
    item = asked.item_id or fresh
    taken = item in world.items
    told = Told(409, "already_exists") if taken else Told(201, made=item)
    items = world.items if taken else world.items | {item: asked.name}
    keys = world.keys if asked.key is None else world.keys | {asked.key: (asked, told)}
    return World(items, keys), told


def seen(reply: Any) -> Told:
    """Reduce a reply to what the model decides."""
    status, code = reply.outcome
    made = reply.json["id"] if status == 201 else None
    return Told(status, code, made, "Idempotency-Replayed" in reply.headers)


def histories(world: World, requests: list[tuple[Asked, Told]], ids: Iterable[str]) -> Iterator[World]:
    """Worlds that the requests, answered like this, can lead to: done one after the other, in either order.

    A request answered 503 may have been done or not; an id that it made up was told to nobody and is one of ``ids``.
    """
    for order in (requests, requests[::-1]):
        reached = [world]
        for asked, told in order:
            unknown = told.status == 503
            # Also none of them: an item of a chosen id may have been made and deleted since.
            made = [told.made] if told.made else [*ids, ""] if unknown else [""]
            outcomes = [answer(one, asked, fresh) for one in reached for fresh in made]
            done = [after for after, expected in outcomes if unknown or expected == told]
            reached = [*done, *reached] if unknown else done
        yield from reached


class Retries(RuleBasedStateMachine):
    """Sends requests and keeps the worlds that could be."""

    api: Any
    fresh_table: Callable[[], FakeTable]

    def __init__(self) -> None:
        super().__init__()
        self.table = self.fresh_table()
        self.worlds = [World()]
        self.sent: list[Asked] = []
        self.first: dict[str, Any] = {}

    def ask(self, asked: Asked) -> Any:
        """Send one request and compare it with every earlier answer to the same key."""
        self.sent.append(asked)
        reply = asked.send(self.api)
        if asked.key is not None and reply.status in (201, 409) and reply.outcome[1] != "idempotency_conflict":
            body = reply.json if reply.status == 201 else reply.outcome
            assert self.first.setdefault(asked.key, body) == body, "a retry was answered otherwise than the first"
        return reply

    def settle(self, requests: list[tuple[Asked, Told]]) -> None:
        """Go on with the worlds that explain the answers and what is stored."""
        stored = {record["id"]["S"]: record["name"]["S"] for record in self.table.items()}
        reached = [after for before in self.worlds for after in histories(before, requests, stored)]
        self.worlds = [world for at, world in enumerate(reached) if world.items == stored and world not in reached[:at]]
        assert self.worlds, f"no order of {requests} explains what is stored: {stored}"

    @rule(item_id=IDS, name=NAMES, key=KEYS)
    def create(self, item_id: str | None, name: str, key: str | None) -> None:
        asked = Asked(item_id, name, key)
        self.settle([(asked, seen(self.ask(asked)))])

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        asked = Asked(data.draw(st.sampled_from([*self.worlds[0].items, "x"])), None)
        self.settle([(asked, seen(self.ask(asked)))])

    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        if self.sent:
            asked = data.draw(st.sampled_from(self.sent))
            self.settle([(asked, seen(self.ask(asked)))])

    @rule(data=st.data(), faults=FAULTS, at=st.integers(1, 3))
    def meet(self, data: st.DataObject, faults: list[Fault], at: int) -> None:
        """One request inside another one, whose replies may be lost; often its twin, or about the same item."""
        creation = st.builds(Asked, IDS, NAMES, KEYS)
        earlier = st.sampled_from(self.sent) if self.sent else creation
        outer = data.draw(st.one_of(creation, earlier))
        target = outer.item_id or "x"
        inner = data.draw(st.one_of(st.just(outer), st.just(Asked(target, None)), creation, earlier))
        answers: list[tuple[Asked, Told]] = []
        calls = len(self.table.sent)

        def meanwhile(_: str) -> None:
            if len(self.table.sent) == calls + at:
                self.table.before = None
                rest, self.table.faults = self.table.faults, []
                answers.append((inner, seen(self.ask(inner))))
                self.table.faults = rest

        self.table.faults, self.table.before = list(faults), meanwhile
        answers.append((outer, seen(self.ask(outer))))
        self.table.faults, self.table.before = [], None
        self.settle(answers)

    @invariant()
    def the_list_shows_what_is_stored(self) -> None:
        listed = self.api("GET", "/items?limit=100").json["items"]
        assert sorted(item["id"] for item in listed) == sorted(self.worlds[0].items)


def test_no_sequence_of_retries_resurrects_doubles_or_loses_an_item(
    api: Any, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fresh_table() -> FakeTable:
        """Make a table, and a client that has used up none of its retries."""
        store = Store(connect("eu-west-1"), TABLE, Shards(read=2, write=2))
        store.budget = Budget(60)
        monkeypatch.setattr(module, "STORE", store)
        return FakeTable(store._client)

    monkeypatch.setattr(Retries, "api", staticmethod(api), raising=False)
    monkeypatch.setattr(Retries, "fresh_table", staticmethod(fresh_table), raising=False)
    run_state_machine_as_test(Retries, settings=QUIET)
