"""The side table goes however a restore ends, as soon as AWS lets it go; what cannot go is named."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from typing import Any

import pytest
from tests.support.fake_tables import refusal
from tests.support.side_tables import left_of, once, world

from harness.base.errors import HarnessError
from harness.operate.recovery.side_table import side_table

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def test_the_table_is_made_read_and_removed() -> None:
    fake, source = world()
    fake.looks_until_made = 4
    with side_table(fake, source, fake.clock) as restored:
        assert left_of(fake) == [restored.name]
        assert restored.name.startswith("t-restore-20270115T")
        assert fake.records[restored.name] == fake.records["t"]
        assert restored.described["TableStatus"] == "ACTIVE"
    assert left_of(fake) == []
    assert fake.clock.sleeps == [0.5, 1, 2, 4], "it looks less and less often"


def test_it_is_removed_after_a_failure_and_the_failure_is_told() -> None:
    fake, source = world()
    with pytest.raises(ZeroDivisionError), side_table(fake, source, fake.clock):
        _ = 1 / 0
    assert left_of(fake) == []


@pytest.mark.parametrize("number", SIGNALS)
def test_it_is_removed_when_the_command_is_asked_to_stop(number: signal.Signals) -> None:
    fake, source = world()
    # A process that was started in the background ignores them.
    before = signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL
    found = signal.signal(number, before)
    with pytest.raises(KeyboardInterrupt), side_table(fake, source, fake.clock):
        os.kill(os.getpid(), number)
    assert left_of(fake) == []
    assert signal.signal(number, found) is before


def test_a_hangup_that_is_ignored_stays_so() -> None:
    fake, source = world()
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with side_table(fake, source, fake.clock):
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert left_of(fake) == []


def _interrupt() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("look", [1, 2])
def test_what_is_still_being_made_is_removed_as_soon_as_it_can_be(look: int, capfd: pytest.CaptureFixture[str]) -> None:
    """AWS deletes no table that it is making."""
    fake, source = world()
    fake.looks_until_made = 6
    fake.before = once("DescribeTable", _interrupt, look)
    with pytest.raises(KeyboardInterrupt), side_table(fake, source, fake.clock):
        pytest.fail("it is not made yet")
    assert left_of(fake) == []
    assert "can be removed only when AWS has made it" in capfd.readouterr().err


def test_who_does_not_wait_for_that_is_told_what_stays(capfd: pytest.CaptureFixture[str]) -> None:
    fake, source = world()
    fake.looks_until_made = 100
    first, second = (once("DescribeTable", _interrupt, look) for look in (2, 5))

    def twice(operation: str, asked: Mapping[str, Any]) -> None:
        first(operation, asked)
        second(operation, asked)

    fake.before = twice
    with pytest.raises(KeyboardInterrupt), side_table(fake, source, fake.clock):
        pytest.fail("it is not made yet")
    (name,) = left_of(fake)
    assert f"{name} stays: the next restore of its table uses it again or removes it" in capfd.readouterr().err


def test_a_restore_that_was_asked_for_and_not_answered_leaves_nothing() -> None:
    fake, source = world()
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
    assert left_of(fake) == []


def test_a_protected_side_table_is_removed_too() -> None:
    fake, source = world()
    with side_table(fake, source, fake.clock) as restored:
        fake.described[restored.name]["DeletionProtectionEnabled"] = True
    assert left_of(fake) == []


def test_expired_credentials_leave_it_and_the_next_restore_goes_on_with_it(capfd: pytest.CaptureFixture[str]) -> None:
    fake, source = world()

    def expired(operation: str, _: Mapping[str, Any]) -> None:
        raise refusal("ExpiredTokenException")

    with pytest.raises(HarnessError, match="cannot read"), side_table(fake, source, fake.clock):
        fake.before = expired
        raise HarnessError("cannot read t: ExpiredTokenException", "log in")
    (name,) = left_of(fake)
    assert f"{name} stays" in capfd.readouterr().err
    fake.before = lambda operation, asked: None
    with side_table(fake, source, fake.clock) as restored:
        assert restored.name == name
    assert left_of(fake) == []
    assert fake.calls.count("RestoreTableFromBackup") == 1


def test_what_cannot_be_removed_after_a_success_is_a_failure() -> None:
    fake, source = world()
    fake.before = once("DeleteTable", lambda: (_ for _ in ()).throw(refusal("AccessDeniedException")))
    with (
        pytest.raises(HarnessError, match=r"cannot delete t-restore-.*AccessDenied"),
        side_table(fake, source, fake.clock),
    ):
        pass


def test_a_table_that_aws_gave_up_is_an_error() -> None:
    fake, source = world()

    def give_up() -> None:
        for name in left_of(fake):
            del fake.records[name]

    fake.before = once("DescribeTable", give_up)
    told = "was not made: AWS gave the restore up -> run"
    with pytest.raises(HarnessError, match=told), side_table(fake, source, fake.clock):
        pytest.fail("there is none")


def test_a_table_that_cannot_be_read_is_an_error() -> None:
    fake, source = world()

    def lose_the_key() -> None:
        for name in left_of(fake):
            fake.described[name]["TableStatus"] = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"

    fake.before = once("DescribeTable", lose_the_key)
    told = "is INACCESSIBLE_ENCRYPTION_CREDENTIALS -> look at"
    with pytest.raises(HarnessError, match=told), side_table(fake, source, fake.clock):
        pytest.fail("it cannot be read")
    assert left_of(fake) == []
