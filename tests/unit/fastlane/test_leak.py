"""One provider shared by two plans leaks one's configuration into the other. That is shown here, then that ours do not.

The order that leaks is forced: the first plan's data source is held back until the second plan has configured the
provider, and only then does the first one plan its topic.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.lanes import SlowSts, Tools, slow_sts, topic, write_root

from harness.base.errors import ToolError
from harness.fastlane import upstream
from harness.fastlane.command import PlanRejected, run
from harness.fastlane.keeper import ADDRESS, Keeper
from harness.fastlane.lane import Lane
from harness.fastlane.pool import LanePool

#: Calls to STS: 1 configures the first plan's provider, 2 is its data source, 3 and 4 are the second plan's.
FIRST_DATA, SECOND_DATA = 2, 4
Plan = Callable[[Path], bytes]


def owner(plan: bytes) -> str:
    """The default tag that the plan's topic got."""
    (change,) = json.loads(plan)["resource_changes"]
    return str(change["change"]["after"]["tags_all"]["Owner"])


def roots(folder: Path) -> tuple[Path, Path]:
    return tuple(write_root(folder / name, topic("same", name)) for name in ("dev", "prod"))  # type: ignore[return-value]


def raw_plan(tools: Tools, reattach: str, scratch: Path, url: str) -> Plan:
    """Plans with a provider attached by hand, as anybody might who knows TF_REATTACH_PROVIDERS alone."""

    def plan(root: Path) -> bytes:
        data = {"TF_DATA_DIR": str(scratch / f"data-{root.name}"), "TF_REATTACH_PROVIDERS": reattach}
        env, out = {**tools.env, **data, "AWS_ENDPOINT_URL": url}, str(scratch / f"{root.name}.bin")
        for command in (["init", "-lockfile=readonly"], ["plan", "-lock=false", f"-out={out}"]):
            run(str(tools.terraform), command, root, env)
        return run(str(tools.terraform), ["show", "-json", out], root, env)

    return plan


def crossed(first: Plan, second: Plan, roots: tuple[Path, Path], sts: SlowSts) -> tuple[Future[bytes], Future[bytes]]:
    """Plan the first root, hold it after its provider was configured, plan the second, then let the first go on."""
    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(first, roots[0])
        assert sts.wait_for(FIRST_DATA), "the first plan did not come to its data source"
        two = threads.submit(second, roots[1])
        two.add_done_callback(lambda _: release(sts))
        threading.Thread(target=release, args=(sts, SECOND_DATA), daemon=True).start()
    return one, two


def release(sts: SlowSts, after_calls: int = 0) -> None:
    """Answer what is held, once that many calls have arrived."""
    sts.wait_for(after_calls)
    for event in sts.hold.values():
        event.set()


def test_a_provider_shared_by_hand_leaks(tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with slow_sts({FIRST_DATA: threading.Event()}) as sts:
        for name, value in {**tools.env, "AWS_ENDPOINT_URL": sts.url}.items():
            monkeypatch.setenv(name, value)
        provider = upstream.start(tools.provider, tmp_path)
        try:
            endpoint = {"Network": "unix", "String": upstream.address(provider, tmp_path)}
            about = {"Protocol": "grpc", "ProtocolVersion": 5, "Pid": provider.pid, "Test": True, "Addr": endpoint}
            plan = raw_plan(tools, json.dumps({ADDRESS: about}), tmp_path, sts.url)
            one, two = crossed(plan, plan, roots(tmp_path), sts)
        finally:
            upstream.stop(provider)

    assert (owner(one.result()), owner(two.result())) == ("prod", "prod"), "no leak: is the lane's care still needed?"


def test_a_second_configuration_on_a_lanes_socket_is_refused(tools: Tools, tmp_path: Path) -> None:
    with slow_sts({FIRST_DATA: threading.Event()}) as sts:
        keeper = Keeper(tools.provider, tools.cache_dir, {**tools.env, "AWS_ENDPOINT_URL": sts.url})
        try:
            reattach = keeper.serve({"aws_sns_topic", "aws_caller_identity"})
            plan = raw_plan(tools, reattach, tmp_path, sts.url)
            one, two = crossed(plan, plan, roots(tmp_path), sts)
        finally:
            keeper.close()

    assert owner(one.result()) == "dev"
    with pytest.raises(PlanRejected, match="would leak into it"):
        two.result()


def test_two_lanes_keep_their_configurations_apart(tools: Tools, tmp_path: Path) -> None:
    with (
        slow_sts({FIRST_DATA: threading.Event()}) as sts,
        tools.lane(AWS_ENDPOINT_URL=sts.url) as a,
        tools.lane(AWS_ENDPOINT_URL=sts.url) as b,
    ):
        one, two = crossed(a.plan, b.plan, roots(tmp_path), sts)

    assert (owner(one.result()), owner(two.result())) == ("dev", "prod")
    assert sts.arrived >= SECOND_DATA


def test_two_threads_on_one_lane_take_turns(tools: Tools, tmp_path: Path) -> None:
    with slow_sts({}) as sts, tools.lane(AWS_ENDPOINT_URL=sts.url) as lane, ThreadPoolExecutor(2) as threads:
        order = [*roots(tmp_path)] * 3

        assert [owner(plan) for plan in threads.map(lane.plan, order)] == ["dev", "prod"] * 3


def test_a_pool_plans_many_roots_with_their_own_configurations(tools: Tools, tmp_path: Path) -> None:
    owners = [f"owner-{number}" for number in range(8)]
    work = [write_root(tmp_path / name, topic("same", name)) for name in owners]

    with LanePool(tools.terraform, tools.provider, tools.cache_dir, tools.env, lanes=2) as pool:
        pool.start()
        assert pool.map(lambda lane, root: owner(lane.plan(root)), work) == owners


def test_a_pool_goes_on_after_a_refusal(tools: Tools, tmp_path: Path) -> None:
    wrong = write_root(tmp_path / "wrong", 'resource "aws_sns_topic" "this" { nonsense = 1 }')
    right = write_root(tmp_path / "right", topic("same"))

    def verdict(lane: Lane, root: Path) -> bool:
        return not lane.errors(root)

    with LanePool(tools.terraform, tools.provider, tools.cache_dir, tools.env, lanes=1) as pool:
        assert pool.map(verdict, [wrong, right, wrong, right]) == [False, True, False, True]
        with pytest.raises(PlanRejected):
            pool.map(lambda lane, root: lane.plan(root), [right, wrong])
        assert pool.map(verdict, [right]) == [True]


def test_a_root_with_two_provider_configurations_is_not_planned_wrongly(tools: Tools, tmp_path: Path) -> None:
    alias = 'provider "aws" {\n  alias  = "other"\n  region = "us-east-1"\n}\n'
    other = 'resource "aws_sns_topic" "other" {\n  provider = aws.other\n  name = "other"\n}\n'
    root = write_root(tmp_path, topic("same") + alias + other)

    with tools.lane() as lane, pytest.raises(ToolError, match="plan a root with several provider configurations") as no:
        lane.plan(root)
    assert not isinstance(no.value, PlanRejected)
