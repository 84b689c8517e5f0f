"""Every table comes back from its own copy, whatever its key; shown before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.support.fake_tables import FakeTables, refusal
from tests.support.states import context, document, resource

from harness.base.errors import HarnessError
from harness.base.paths import Stack, Target
from harness.operate.deployed import Table
from harness.operate.recovery.items import Difference
from harness.operate.recovery.request import Mode, Request, What
from harness.terraform.context import Context
from harness.verbs import restore
from harness.verbs.restore import restore_tables

STACK = Stack("somewhere", "alice", Target.LOCAL)
EVERY = Request(What.TABLE, backup="then", mode=Mode.EXACT)
KEYS = {"users": ("id",), "events": ("name", "at")}
HELD = {
    "users": [{"id": {"S": "a"}, "note": {"S": "was"}}, {"id": {"S": "b"}}],
    "events": [{"name": {"S": "a"}, "at": {"N": "1"}}, {"name": {"S": "a"}, "at": {"N": "2"}, "note": {"S": "was"}}],
}
NOW = {
    "users": [{"id": {"S": "a"}, "note": {"S": "is"}}, {"id": {"S": "c"}}],
    "events": [{"name": {"S": "a"}, "at": {"N": "2"}, "note": {"S": "was"}}],
}


def tables(*, gone: str = "") -> FakeTables:
    """Tables with a backup each of what they held, and what they hold now."""
    fake = FakeTables(
        *(
            Table(name, key, tuple("N" if one == "at" else "S" for one in key), "", recoverable=True)
            for name, key in KEYS.items()
        )
    )
    for name in KEYS:
        fake.put(name, *HELD[name])
        fake.back_up(name)
        fake.records[name].clear()
        fake.put(name, *NOW[name])
    if gone:
        del fake.records[gone]
    return fake


@pytest.fixture(autouse=True)
def reports(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    written: dict[str, Any] = {}
    monkeypatch.setattr(restore, "write_report", lambda name, content: written.update(content))
    return written


def of(fake: FakeTables) -> Context:
    state = document(
        *(
            resource(
                "aws_dynamodb_table",
                {
                    **{"name": name, "hash_key": key[0], "range_key": key[1] if key[1:] else None},
                    "attribute": [{"name": one, "type": "N" if one == "at" else "S"} for one in key],
                },
                module=f'module.any["{name}"]',
            )
            for name, key in KEYS.items()
        )
    )
    return context(STACK, state, dynamodb=fake)


def written(fake: FakeTables) -> int:
    return fake.calls.count("PutItem") + fake.calls.count("DeleteItem")


def restored(fake: FakeTables, request: Request, *, confirmed: bool) -> dict[str, Difference]:
    return restore_tables(of(fake), request, confirmed=confirmed, clock=fake.clock)


def test_every_table_is_restored_by_its_own_key(reports: dict[str, Any]) -> None:
    fake = tables()
    assert all(one.none for one in restored(fake, EVERY, confirmed=True).values())
    assert {name: sorted(map(str, fake.records[name].values())) for name in KEYS} == {
        name: sorted(map(str, items)) for name, items in HELD.items()
    }
    assert fake.records.keys() == KEYS.keys(), "the side tables are gone"
    before = {name: one["before"] for name, one in reports["tables"].items()}
    assert {name: (one["missing"], one["changed"], one["later"]) for name, one in before.items()} == {
        "users": (1, 1, 1),
        "events": (1, 0, 0),
    }


@pytest.mark.parametrize(
    "request_",
    [
        Request(What.TABLE, backup="then", mode=Mode.EXACT, table="events"),
        Request(What.TABLE, backup="events-then", mode=Mode.EXACT),
    ],
)
def test_one_table_is_restored_alone(request_: Request) -> None:
    fake = tables()
    assert [*restored(fake, request_, confirmed=True)] == ["events"]
    assert [str(one) for one in fake.records["users"].values()] == [*map(str, NOW["users"])]


def test_nothing_is_written_before_it_is_confirmed() -> None:
    fake = tables()
    left = restored(fake, EVERY, confirmed=False)
    assert (written(fake), [one.none for one in left.values()]) == (0, [False, False])


def test_a_table_that_is_gone_keeps_every_table_as_it_is() -> None:
    fake = tables(gone="users")
    with pytest.raises(HarnessError, match="table users does not exist -> make plan ENV=somewhere SUFFIX=alice and"):
        restored(fake, EVERY, confirmed=True)
    assert written(fake) == 0


def test_a_table_that_is_as_its_copy_is_read_once(capfd: pytest.CaptureFixture[str]) -> None:
    fake = tables()
    one = Request(What.TABLE, backup="then", mode=Mode.EXACT, table="events")
    restored(fake, one, confirmed=True)
    scans = fake.calls.count("Scan")
    assert restored(fake, one, confirmed=True)["events"].none
    assert fake.calls.count("Scan") - scans == scans / 2, "nothing was written: there is nothing to compare again"
    assert "0 written back" in capfd.readouterr().err


@pytest.mark.parametrize(("share", "seconds"), [(0.25, 400), (1.0, 100)])
def test_the_share_that_was_asked_for_is_taken_of_the_tables_maximum(share: float, seconds: float) -> None:
    """A thousand units to read twice over, at most ten a second: once as pages, once by key; a minute tells."""
    fake = tables()
    fake.described["users"]["OnDemandThroughput"] = {"MaxReadRequestUnits": 20, "MaxWriteRequestUnits": 20}
    many = [{"id": {"S": f"{number:04}"}, "note": {"S": "x" * 4000}} for number in range(1_000)]
    fake.records["users"].clear()
    fake.put("users", *many)
    fake.back_up("users")
    begun = fake.clock.now()
    restored(fake, Request(What.TABLE, backup="then", table="users", share=share), confirmed=True)
    assert fake.units["users", "read"] == pytest.approx(2_000, rel=0.05)
    assert fake.clock.now() - begun == pytest.approx(seconds, rel=0.1)


def test_a_restore_that_takes_long_says_how_far_it_is_and_how_it_was_throttled(
    capfd: pytest.CaptureFixture[str],
) -> None:
    fake = tables()
    left = [5]

    def before(operation: str, _: Mapping[str, Any]) -> None:
        if operation == "Scan" and left[0]:
            left[0] -= 1
            raise refusal("ThrottlingException")
        if operation == "BatchGetItem":
            fake.clock.sleep(40)

    fake.before = before
    restored(fake, Request(What.TABLE, backup="then", table="users"), confirmed=False)
    told = capfd.readouterr().err
    assert "AWS throttled 5 calls: the restore went slower" in told
    assert " records looked at" in told


def test_no_more_than_a_few_of_what_was_left_are_listed(capfd: pytest.CaptureFixture[str]) -> None:
    fake = tables()
    fake.records["users"].clear()
    fake.put("users", *({"id": {"S": f"{number:04}"}} for number in range(14)))
    fake.back_up("users")
    fake.records["users"].clear()
    fake.before = lambda operation, asked: (
        fake.put("users", *({"id": {"S": f"{number:04}"}, "note": {"S": "theirs"}} for number in range(14)))
        if operation == "PutItem"
        else None
    )
    left = restored(fake, Request(What.TABLE, backup="then", table="users"), confirmed=True)
    told = capfd.readouterr().err
    assert told.count("was changed meanwhile and left as it is") == 10
    assert "and 4 more" in told
    assert left["users"].changed == 14


def test_a_state_without_tables_says_what_makes_them() -> None:
    with pytest.raises(HarnessError, match=r"has no table -> make plan .*make restore ENV=.* WHAT=state first"):
        restore_tables(context(STACK, None, dynamodb=tables()), EVERY, confirmed=True)
