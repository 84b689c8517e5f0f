"""The side table goes however a restore ends; what a killed one left behind is used again or removed by the next."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Mapping
from typing import Any

import psutil
import pytest
from tests.support.fake_tables import FakeTables, refusal

from harness.base.errors import HarnessError
from harness.operate.deployed import Table
from harness.operate.recovery.copies import Source
from harness.operate.recovery.holder import HELD_SECONDS, Holder, holder_of
from harness.operate.recovery.side_table import side_table

TABLE = Table("t", ("id",), ("S",), "", recoverable=True)
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
HERE = re.sub(r"[^A-Za-z0-9+=._/ -]", "-", os.uname().nodename)
PARENT = f"{os.getppid()}:{psutil.Process(os.getppid()).create_time():.2f}"
DEAD = 2**22 + 1  # above the highest process id that Linux gives


def _world() -> tuple[FakeTables, Source]:
    fake = FakeTables(TABLE)
    fake.put("t", {"id": {"S": "a"}})
    return fake, Source("t", backup_arn=fake.back_up("t"))


def _left(fake: FakeTables) -> list[str]:
    return [name for name in fake.records if name != "t"]


def _leave_behind(fake: FakeTables, source: Source, name: str = "t-restore-20260101T000000", looks: int = 0) -> str:
    """Let a restore be killed: a table stays, that AWS still makes for a number of looks."""
    fake.looks_until_made = looks
    source.start(fake, name)
    if not looks:
        fake.described[name]["TableStatus"] = "ACTIVE"
    fake.looks_until_made = 1
    return name


def _held_by(fake: FakeTables, name: str, who: str, seconds: float) -> None:
    fake.clock.seconds += seconds - HELD_SECONDS
    Holder(fake, f"arn:aws:x:table/{name}", fake.clock).hold()
    fake.clock.seconds -= seconds - HELD_SECONDS
    fake.tags[f"arn:aws:x:table/{name}"]["RestoredBy"] = who


def test_the_table_is_made_read_and_removed() -> None:
    fake, source = _world()
    fake.looks_until_made = 4
    with side_table(fake, source, fake.clock) as restored:
        assert _left(fake) == [restored.name]
        assert restored.name.startswith("t-restore-20270115T")
        assert fake.records[restored.name] == fake.records["t"]
        assert restored.described["TableStatus"] == "ACTIVE"
    assert _left(fake) == []
    assert fake.clock.sleeps == [0.5, 1, 2, 4], "it looks less and less often"


def test_it_is_removed_after_a_failure_and_the_failure_is_told() -> None:
    fake, source = _world()
    with pytest.raises(ZeroDivisionError), side_table(fake, source, fake.clock):
        _ = 1 / 0
    assert _left(fake) == []


@pytest.mark.parametrize("number", SIGNALS)
def test_it_is_removed_when_the_command_is_asked_to_stop(number: signal.Signals) -> None:
    fake, source = _world()
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), side_table(fake, source, fake.clock):
        os.kill(os.getpid(), number)
    assert _left(fake) == []
    assert signal.getsignal(number) is before


def test_a_hangup_that_is_ignored_stays_so() -> None:
    fake, source = _world()
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with side_table(fake, source, fake.clock):
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert _left(fake) == []


def _once(operation: str, act: Callable[[], None], look: int = 1) -> Callable[[str, Mapping[str, Any]], None]:
    seen = [0]

    def before(called: str, _: Mapping[str, Any]) -> None:
        seen[0] += called == operation
        if seen[0] == look and called == operation:
            act()

    return before


def _interrupt() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("look", [1, 2])
def test_what_is_still_being_made_is_removed_as_soon_as_it_can_be(look: int, capfd: pytest.CaptureFixture[str]) -> None:
    """AWS deletes no table that it is making."""
    fake, source = _world()
    fake.looks_until_made = 6
    fake.before = _once("DescribeTable", _interrupt, look)
    with pytest.raises(KeyboardInterrupt), side_table(fake, source, fake.clock):
        pytest.fail("it is not made yet")
    assert _left(fake) == []
    assert "can be removed only when AWS has made it" in capfd.readouterr().err


def test_who_does_not_wait_for_that_is_told_what_stays(capfd: pytest.CaptureFixture[str]) -> None:
    fake, source = _world()
    fake.looks_until_made = 100
    first, second = (_once("DescribeTable", _interrupt, look) for look in (2, 5))

    def twice(operation: str, asked: Mapping[str, Any]) -> None:
        first(operation, asked)
        second(operation, asked)

    fake.before = twice
    with pytest.raises(KeyboardInterrupt), side_table(fake, source, fake.clock):
        pytest.fail("it is not made yet")
    (name,) = _left(fake)
    assert f"{name} stays: the next restore of its table uses it again or removes it" in capfd.readouterr().err


def test_a_restore_that_was_asked_for_and_not_answered_leaves_nothing() -> None:
    fake, source = _world()
    start = fake.restore_table_from_backup

    def lose(**asked: Any) -> None:
        start(**asked)
        raise refusal("InternalServerError")

    fake.restore_table_from_backup = lose  # type: ignore[method-assign]
    with (
        pytest.raises(HarnessError, match=r"cannot restore t: .*InternalServerError"),
        side_table(fake, source, fake.clock),
    ):
        pytest.fail("nothing was restored")
    assert _left(fake) == []


def test_a_protected_side_table_is_removed_too() -> None:
    fake, source = _world()
    with side_table(fake, source, fake.clock) as restored:
        fake.described[restored.name]["DeletionProtectionEnabled"] = True
    assert _left(fake) == []


def test_expired_credentials_leave_it_and_the_next_restore_goes_on_with_it(capfd: pytest.CaptureFixture[str]) -> None:
    fake, source = _world()

    def expired(operation: str, _: Mapping[str, Any]) -> None:
        raise refusal("ExpiredTokenException")

    with pytest.raises(HarnessError, match="cannot read"), side_table(fake, source, fake.clock):
        fake.before = expired
        raise HarnessError("cannot read t: ExpiredTokenException", "log in")
    (name,) = _left(fake)
    assert f"{name} stays" in capfd.readouterr().err
    fake.before = lambda operation, asked: None
    with side_table(fake, source, fake.clock) as restored:
        assert restored.name == name
    assert _left(fake) == []
    assert fake.calls.count("RestoreTableFromBackup") == 1


def test_what_cannot_be_removed_after_a_success_is_a_failure() -> None:
    fake, source = _world()
    fake.before = _once("DeleteTable", lambda: (_ for _ in ()).throw(refusal("AccessDeniedException")))
    with (
        pytest.raises(HarnessError, match=r"cannot delete t-restore-.*AccessDenied"),
        side_table(fake, source, fake.clock),
    ):
        pass


@pytest.mark.parametrize("looks", [0, 3])
def test_what_a_killed_restore_left_is_used_again_for_the_same_copy(
    looks: int, capfd: pytest.CaptureFixture[str]
) -> None:
    fake, source = _world()
    name = _leave_behind(fake, source, looks=looks)
    with side_table(fake, source, fake.clock) as restored:
        assert restored.name == name
    assert _left(fake) == []
    assert fake.calls.count("RestoreTableFromBackup") == 1
    assert f"{name} was left behind by a restore of the same copy: it is used again" in capfd.readouterr().err


def test_what_was_left_of_another_copy_is_removed(capfd: pytest.CaptureFixture[str]) -> None:
    fake, source = _world()
    fake.backups["arn:t:other"] = {}
    names = [
        _leave_behind(fake, Source("t", backup_arn="arn:t:other"), f"t-restore-20260101T00000{number}")
        for number in range(2)
    ]
    with side_table(fake, source, fake.clock) as restored:
        assert _left(fake) == [restored.name]
    assert _left(fake) == []
    told = capfd.readouterr().err
    assert [f"{name} was left behind by an earlier restore: it is removed" in told for name in names] == [True, True]


def test_what_is_still_being_made_for_another_copy_is_left_to_the_next(capfd: pytest.CaptureFixture[str]) -> None:
    fake, source = _world()
    fake.backups["arn:t:other"] = {}
    name = _leave_behind(fake, Source("t", backup_arn="arn:t:other"), looks=100)
    with side_table(fake, source, fake.clock):
        pass
    assert _left(fake) == [name]
    assert f"{name} was left behind and is still being made: the next restore removes it" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["t-restore-mine", "tt-restore-20260101T000000", "t-restore-20260101T0000000"])
def test_a_table_of_another_name_is_nobodys_business(name: str) -> None:
    fake, source = _world()
    _leave_behind(fake, source, name)
    with side_table(fake, source, fake.clock):
        pass
    assert _left(fake) == [name]


@pytest.mark.parametrize("summary", [None, {"SourceTableArn": "arn:aws:x:table/tt"}])
def test_a_table_that_is_no_copy_of_ours_is_left_alone_whatever_its_name(summary: dict[str, Any] | None) -> None:
    fake, source = _world()
    name = _leave_behind(fake, source)
    fake.described[name].pop("RestoreSummary")
    fake.described[name] |= {"RestoreSummary": summary} if summary else {}
    with side_table(fake, source, fake.clock):
        pass
    assert _left(fake) == [name]


@pytest.mark.parametrize("backup", ["arn:t:backup", "arn:t:other"])
@pytest.mark.parametrize("machine", [HERE, "elsewhere"])
def test_the_table_of_a_restore_that_is_under_way_is_not_touched(backup: str, machine: str) -> None:
    fake, source = _world()
    fake.backups["arn:t:other"] = {}
    name = _leave_behind(fake, Source("t", backup_arn=backup))
    _held_by(fake, name, f"bob:{machine}:{PARENT}", 60)
    told = r"another restore of t is under way: bob:.* reads t-restore-.*after 2027-"
    with pytest.raises(HarnessError, match=told), side_table(fake, source, fake.clock):
        pytest.fail("two of them")
    assert _left(fake) == [name]


@pytest.mark.parametrize(
    ("who", "seconds"),
    [("bob:elsewhere:1:1.0", -1), (f"bob:{HERE}:{DEAD}:1.0", 60), (f"bob:{HERE}:{os.getppid()}:1.0", 60)],
)
def test_a_holder_that_is_gone_holds_nothing(who: str, seconds: float) -> None:
    fake, source = _world()
    name = _leave_behind(fake, source)
    _held_by(fake, name, who, seconds)
    with side_table(fake, source, fake.clock) as restored:
        assert restored.name == name


def test_a_table_that_another_restore_took_meanwhile_stays_its_own() -> None:
    """Two restores wait for the same table: the one that comes second goes, and removes nothing."""
    fake, source = _world()
    name = _leave_behind(fake, source, looks=3)
    fake.before = _once("DescribeTable", lambda: _held_by(fake, name, f"bob:elsewhere:{PARENT}", 60), 3)
    with pytest.raises(HarnessError, match="another restore of t is under way"), side_table(fake, source, fake.clock):
        pytest.fail("two of them")
    assert _left(fake) == [name]


def test_a_restore_that_takes_long_holds_its_table_on() -> None:
    fake, source = _world()
    with side_table(fake, source, fake.clock) as restored:
        for _ in range(20):
            fake.clock.sleep(HELD_SECONDS / 4)
            restored.holder.renew()
            tags = fake.tags[restored.holder.arn]
            tags["RestoredBy"], own = f"bob:elsewhere:{PARENT}", tags["RestoredBy"]
            assert holder_of(fake, restored.holder.arn, fake.clock), "the others see that it is held"
            tags["RestoredBy"] = own
    assert fake.calls.count("TagResource") == 11


def test_a_table_that_aws_gave_up_is_an_error() -> None:
    fake, source = _world()

    def give_up() -> None:
        for name in _left(fake):
            del fake.records[name]

    fake.before = _once("DescribeTable", give_up)
    told = "was not made: AWS gave the restore up -> run"
    with pytest.raises(HarnessError, match=told), side_table(fake, source, fake.clock):
        pytest.fail("there is none")


def test_a_table_that_cannot_be_read_is_an_error() -> None:
    fake, source = _world()

    def lose_the_key() -> None:
        for name in _left(fake):
            fake.described[name]["TableStatus"] = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"

    fake.before = _once("DescribeTable", lose_the_key)
    told = "is INACCESSIBLE_ENCRYPTION_CREDENTIALS -> look at"
    with pytest.raises(HarnessError, match=told), side_table(fake, source, fake.clock):
        pytest.fail("it cannot be read")
    assert _left(fake) == []
