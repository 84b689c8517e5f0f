"""Subscribers of alarms, deployed: who has not confirmed is told, addresses are not, and the plan stays empty.

On a local AWS of its own, in a copy whose unguarded environment tells somebody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.clone import Clone, clone_tree
from tests.support.deployed import FREE, Deployed, bring_up
from tests.support.subscribing import confirm_subscriptions

from harness.aws.clients import aws_client
from harness.localaws import control
from harness.localaws.control import LocalAws

TOKEN = "t0ken-that-nobody-may-see"
SUBSCRIBERS = f'{{ "on-call" = "on-call@example.com", "pager" = "https://pager.invalid/hook/{TOKEN}" }}'
UNCONFIRMED = ("subscriber on-call (email) has not confirmed", "subscriber pager (https) has not confirmed")


@dataclass(frozen=True)
class Told:
    """A copy whose alarms tell two people, deployed."""

    clone: Clone
    local: LocalAws
    sns: Any
    deployed: Deployed


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    clone = clone_tree(tmp_path_factory.mktemp("told") / "tree", TF_VAR_subscribers=SUBSCRIBERS)
    values = clone.root / "envs" / FREE / "locals.tf"
    values.write_text(re.sub(r"notify *= false", "notify = true", values.read_text()))
    running = control.start(clone.root / "build" / "local", None, 60, die_with_parent=True)
    env = control.environment(running)
    (deployed,) = bring_up(clone, FREE).values()
    yield Told(clone, running, aws_client("sns", env["AWS_REGION"], env), deployed)
    control.stop(running)


def _subscriptions(told: Told) -> dict[str, str]:
    """Read the address of each subscription and whether its confirmation is awaited."""
    return {one["Endpoint"]: one["SubscriptionArn"] for one in told.sns.list_subscriptions()["Subscriptions"]}


def test_up_and_preflight_tell_who_has_not_confirmed(told: Told) -> None:
    checked = told.clone.run("preflight", ENV=FREE)
    assert checked.returncode == 0, checked.stderr
    for line in UNCONFIRMED:
        assert line in told.deployed.printed
        assert f"warning: {line}" in checked.stderr
    assert set(_subscriptions(told).values()) == {"PendingConfirmation"}
    assert any(TOKEN in address for address in _subscriptions(told))


def test_a_pending_confirmation_is_no_change(told: Told) -> None:
    again = told.clone.run("plan", ENV=FREE)
    assert f"{FREE}: no changes" in again.stdout, again.stdout + again.stderr


def test_no_address_is_shown_or_written_where_others_may_read_it(told: Told) -> None:
    other = SUBSCRIBERS.replace("/hook/", "/other/")
    shown = told.clone.run("plan", ENV=FREE, TF_VAR_subscribers=other, VERBOSE="1")
    assert 'aws_sns_topic_subscription.this["pager"]' in shown.stdout
    page = told.clone.run("report", ENV=FREE)
    printed = [told.deployed.printed, shown.stdout, shown.stderr, page.stdout, page.stderr]
    assert [text for text in printed if TOKEN in text] == []
    holding = {path for path in _written(told.clone.root / "build") if TOKEN.encode() in path.read_bytes()}
    assert "plan.json" in {path.name for path in holding}
    assert {path: mode for path in holding if (mode := path.stat().st_mode & 0o077)} == {}


def test_who_has_confirmed_is_told_no_more_and_is_no_drift(told: Told) -> None:
    confirm_subscriptions(told.local, told.sns, len(UNCONFIRMED))
    assert "PendingConfirmation" not in _subscriptions(told).values()
    assert "subscriber" not in told.clone.run("preflight", ENV=FREE).stderr
    drift = told.clone.run("drift", ENV=FREE)
    assert drift.returncode == 0, drift.stdout + drift.stderr


def _written(build: Path) -> Iterator[Path]:
    """List what the verbs wrote; what the local AWS keeps of topics and states is AWS's to keep."""
    for folder in (build / "cache", build / "local" / FREE, build / "reports"):
        assert folder.is_dir()
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
