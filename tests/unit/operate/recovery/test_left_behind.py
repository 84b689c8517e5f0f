"""What a killed restore left behind: used again for the same copy, else removed; what another reads is its own."""

from __future__ import annotations

import os
import re
from typing import Any

import psutil
import pytest
from tests.support.fake_tables import FakeTables
from tests.support.side_tables import leave_behind, left_of, once, world

from harness.base.errors import HarnessError
from harness.operate.recovery.copies import Source
from harness.operate.recovery.holder import HELD_SECONDS, Holder, holder_of
from harness.operate.recovery.side_table import side_table

HERE = re.sub(r"[^A-Za-z0-9+=._/ -]", "-", os.uname().nodename)
# The first process of a machine outlives every test, unlike a parent that started this one and went.
FIRST = 1
LIVING = f"{FIRST}:{psutil.Process(FIRST).create_time():.2f}"
DEAD = 2**22 + 1  # above the highest process id that Linux gives


def _held_by(fake: FakeTables, name: str, who: str, seconds: float) -> None:
    fake.clock.seconds += seconds - HELD_SECONDS
    Holder(fake, f"arn:aws:x:table/{name}", fake.clock).hold()
    fake.clock.seconds -= seconds - HELD_SECONDS
    fake.tags[f"arn:aws:x:table/{name}"]["RestoredBy"] = who


@pytest.mark.parametrize("looks", [0, 3])
def test_what_a_killed_restore_left_is_used_again_for_the_same_copy(
    looks: int, capfd: pytest.CaptureFixture[str]
) -> None:
    fake, source = world()
    name = leave_behind(fake, source, looks=looks)
    with side_table(fake, source, fake.clock) as restored:
        assert restored.name == name
    assert left_of(fake) == []
    assert fake.calls.count("RestoreTableFromBackup") == 1
    assert f"{name} was left behind by a restore of the same copy: it is used again" in capfd.readouterr().err


def test_what_was_left_of_another_copy_is_removed(capfd: pytest.CaptureFixture[str]) -> None:
    fake, source = world()
    fake.backups["arn:t:other"] = {}
    names = [
        leave_behind(fake, Source("t", backup_arn="arn:t:other"), f"t-restore-20260101T00000{number}")
        for number in range(2)
    ]
    with side_table(fake, source, fake.clock) as restored:
        assert left_of(fake) == [restored.name]
    assert left_of(fake) == []
    told = capfd.readouterr().err
    assert [f"{name} was left behind by an earlier restore: it is removed" in told for name in names] == [True, True]


def test_what_is_still_being_made_for_another_copy_is_left_to_the_next(capfd: pytest.CaptureFixture[str]) -> None:
    fake, source = world()
    fake.backups["arn:t:other"] = {}
    name = leave_behind(fake, Source("t", backup_arn="arn:t:other"), looks=100)
    with side_table(fake, source, fake.clock):
        pass
    assert left_of(fake) == [name]
    assert f"{name} was left behind and is still being made: the next restore removes it" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["t-restore-mine", "tt-restore-20260101T000000", "t-restore-20260101T0000000"])
def test_a_table_of_another_name_is_nobodys_business(name: str) -> None:
    fake, source = world()
    leave_behind(fake, source, name)
    with side_table(fake, source, fake.clock):
        pass
    assert left_of(fake) == [name]


@pytest.mark.parametrize("summary", [None, {"SourceTableArn": "arn:aws:x:table/tt"}])
def test_a_table_that_is_no_copy_of_ours_is_left_alone_whatever_its_name(summary: dict[str, Any] | None) -> None:
    fake, source = world()
    name = leave_behind(fake, source)
    fake.described[name].pop("RestoreSummary")
    fake.described[name] |= {"RestoreSummary": summary} if summary else {}
    with side_table(fake, source, fake.clock):
        pass
    assert left_of(fake) == [name]


@pytest.mark.parametrize("backup", ["arn:t:backup", "arn:t:other"])
@pytest.mark.parametrize("machine", [HERE, "elsewhere"])
def test_the_table_of_a_restore_that_is_under_way_is_not_touched(backup: str, machine: str) -> None:
    fake, source = world()
    fake.backups["arn:t:other"] = {}
    name = leave_behind(fake, Source("t", backup_arn=backup))
    _held_by(fake, name, f"bob:{machine}:{LIVING}", 60)
    told = r"another restore of t is under way: bob:.* reads t-restore-.*after 2027-"
    with pytest.raises(HarnessError, match=told), side_table(fake, source, fake.clock):
        pytest.fail("two of them")
    assert left_of(fake) == [name]


@pytest.mark.parametrize(
    ("who", "seconds"),
    [("bob:elsewhere:1:1.0", -1), (f"bob:{HERE}:{DEAD}:1.0", 60), (f"bob:{HERE}:{FIRST}:1.0", 60)],
)
def test_a_holder_that_is_gone_holds_nothing(who: str, seconds: float) -> None:
    fake, source = world()
    name = leave_behind(fake, source)
    _held_by(fake, name, who, seconds)
    with side_table(fake, source, fake.clock) as restored:
        assert restored.name == name


def test_a_table_that_another_restore_took_meanwhile_stays_its_own() -> None:
    """Two restores wait for the same table: the one that comes second goes, and removes nothing."""
    fake, source = world()
    name = leave_behind(fake, source, looks=3)
    fake.before = once("DescribeTable", lambda: _held_by(fake, name, f"bob:elsewhere:{LIVING}", 60), 3)
    with pytest.raises(HarnessError, match="another restore of t is under way"), side_table(fake, source, fake.clock):
        pytest.fail("two of them")
    assert left_of(fake) == [name]


def test_a_restore_that_takes_long_holds_its_table_on() -> None:
    fake, source = world()
    with side_table(fake, source, fake.clock) as restored:
        for _ in range(20):
            fake.clock.sleep(HELD_SECONDS / 4)
            restored.holder.renew()
            tags = fake.tags[restored.holder.arn]
            tags["RestoredBy"], own = f"bob:elsewhere:{LIVING}", tags["RestoredBy"]
            assert holder_of(fake, restored.holder.arn, fake.clock), "the others see that it is held"
            tags["RestoredBy"] = own
    assert fake.calls.count("TagResource") == 11
