"""Releases of a stack of its own: a good version, one that fails, one whose release is killed; code made live by up."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3
from tests.support.clone import Clone
from tests.support.deployed import PRODUCT, read_outputs

pytestmark = pytest.mark.example

STACK = {"ENV": "prod", "SUFFIX": "release"}
SERVICE, FUNCTION = (PRODUCT.name(thing, "release") for thing in ("service", "items"))
ALARMS = {SERVICE, PRODUCT.name("lambda-errors-items", "release")}
GOOD = "from items.handler import handler\n"
FAILING = "def handler(event, context):\n    raise RuntimeError('a version that fails')\n"
CANARY = 0.10  # prod's first step
# PACE: the alarms of the session's local AWS take a second for a minute; six times that for a busy machine's requests.
WATCHED = "10"
HURRIED = "1200"


@dataclass(frozen=True)
class Service:
    """The stack, and how to look at it from outside."""

    clone: Clone
    aws: Any
    outputs: dict[str, Any]

    def run(self, verb: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return self.clone.run(verb, **STACK, **settings)

    def publish(self, source: str) -> str:
        """Publish the deployed code and its contract with ``source`` before it, as an apply would; the new version."""
        package = io.BytesIO((self.clone.root / "build" / "bundle" / "items.zip").read_bytes())
        with zipfile.ZipFile(package, "a") as archive:
            archive.writestr("items/released.py", source + f"# {time.time()}\n")
        functions = self.aws("lambda")
        functions.update_function_configuration(FunctionName=FUNCTION, Handler="items.released.handler")
        made = functions.update_function_code(FunctionName=FUNCTION, ZipFile=package.getvalue(), Publish=True)
        return str(made["Version"])

    def alias(self) -> tuple[str, dict[str, float]]:
        found = self.aws("lambda").get_alias(FunctionName=FUNCTION, Name="live")
        return found["FunctionVersion"], (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights", {})

    def versions(self) -> list[str]:
        listed = self.aws("lambda").list_versions_by_function(FunctionName=FUNCTION)["Versions"]
        return [one["Version"] for one in listed if one["Version"] != "$LATEST"]

    def get(self) -> int:
        url, key = self.outputs["base_url"] + "/items?limit=1", {"x-api-key": self.outputs["api_key"]}
        return int(urllib3.request("GET", url, headers=key, retries=False, timeout=60).status)

    def until(self, what: str, probe: Any, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while not probe():
            assert time.monotonic() < deadline, f"{what} did not happen in {seconds} s"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def service(clone: Clone, deployments: Any, aws: Any) -> Service:
    started = clone.run("up", **STACK)
    assert started.returncode == 0, started.stderr
    outputs = clone.run("outputs", **STACK, REVEAL="1")
    return Service(clone, aws, read_outputs(outputs.stdout))


@contextmanager
def traffic(service: Service) -> Iterator[Counter[int]]:
    """Send requests from three threads and count their answers by status."""
    seen: Counter[int] = Counter()
    stop = threading.Event()

    def send() -> None:
        while not stop.is_set():
            seen[service.get()] += 1

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@contextmanager
def half_done(service: Service, version: str) -> Iterator[subprocess.Popen[str]]:
    """A release of ``version`` in its first step; killed at the end, if it still runs."""
    process = service.clone.start("release", **STACK, PACE="1")
    try:
        service.until("the first step", lambda: service.alias()[1] == {version: CANARY})
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_a_good_version_goes_live_and_a_rollback_returns(service: Service) -> None:
    before, _ = service.alias()
    version = service.publish(GOOD)
    released = service.run("release", PACE=HURRIED)
    assert released.returncode == 0, released.stderr
    assert f"version {version} serves every request (before: {before})" in released.stdout
    assert re.findall(r"step (\d) of 3: .* gets (\d+) %", released.stderr) == [("1", "10"), ("2", "50"), ("3", "100")]
    assert (service.alias(), service.get()) == ((version, {}), 200)
    returned = service.run("rollback")
    assert returned.returncode == 0, returned.stderr
    assert (service.alias(), service.get()) == ((before, {}), 200)


def test_killed_in_the_middle_it_can_be_taken_back(service: Service) -> None:
    before, _ = service.alias()
    version = service.publish(GOOD)
    with half_done(service, version):
        second = service.run("release")
        assert second.returncode == 2
        assert "is running, at 10 % -> wait for it, or make rollback ENV=prod SUFFIX=release" in second.stderr
    other = service.run("release", VERSION=before)
    assert other.returncode == 2
    assert "is half done, at 10 % -> make release ENV=prod SUFFIX=release finishes it, make rollback" in other.stderr
    assert service.alias() == (before, {version: CANARY})
    returned = service.run("rollback")
    assert returned.returncode == 0, returned.stderr
    assert service.alias() == (before, {})


def test_killed_in_the_middle_it_can_be_finished(service: Service) -> None:
    version = service.publish(GOOD)
    with half_done(service, version):
        pass
    finished = service.run("release", PACE=HURRIED)
    assert finished.returncode == 0, finished.stderr
    assert "was interrupted at 10 %: going on" in finished.stderr
    assert service.alias() == (version, {})


@pytest.mark.parametrize("version", ["999", "$LATEST", "newest"])
def test_an_unknown_version_changes_nothing(service: Service, version: str) -> None:
    before = service.alias()
    refused = service.run("release", VERSION=version)
    assert (refused.returncode, refused.stderr.count("error:"), service.alias()) == (2, 1, before)
    assert f"VERSION={version} is not a published version -> use one of: " in refused.stderr


def test_up_makes_changed_code_live_and_terraform_leaves_a_rollback_alone(service: Service) -> None:
    handler = service.clone.root / "lambda" / "items" / "handler.py"
    text = handler.read_text()
    try:
        handler.write_text(text + "\n# changed\n")
        started = service.run("up")
        assert started.returncode == 0, started.stderr
        functions = service.aws("lambda")
        newest = functions.get_function_configuration(FunctionName=FUNCTION)["CodeSha256"]
        live = functions.get_function_configuration(FunctionName=FUNCTION, Qualifier="live")
        returned = service.run("rollback")
        planned = service.run("plan")
    finally:
        handler.write_text(text)
        service.clone.run("bundle")
    assert (live["CodeSha256"], live["Handler"]) == (newest, "items.handler.handler")
    assert (returned.returncode, service.alias()[0] == live["Version"]) == (0, False), returned.stderr
    assert "no changes" in planned.stdout, planned.stdout


def turn_alarm_on(service: Service) -> None:
    """Turn the service's alarm on, and keep it on: errors of its function are published for the time to come, too."""
    client, function = service.aws("cloudwatch"), {"Name": "FunctionName", "Value": FUNCTION}
    errors = {"MetricName": "Errors", "Value": 100, "Unit": "Count", "Dimensions": [function]}

    def on() -> set[str]:
        answer = client.describe_alarms(AlarmNames=sorted(ALARMS), AlarmTypes=["CompositeAlarm", "MetricAlarm"])
        alarms = [*answer["CompositeAlarms"], *answer["MetricAlarms"]]
        return {alarm["AlarmName"] for alarm in alarms if alarm["StateValue"] == "ALARM"}

    began = datetime.now(UTC)
    moments = [began + timedelta(seconds=quarters / 4) for quarters in range(1200)]
    for at in range(0, len(moments), 25):  # of more, boto3 packs the request, which the local AWS does not read
        data = [errors | {"Timestamp": one} for one in moments[at : at + 25]]
        client.put_metric_data(Namespace="AWS/Lambda", MetricData=data)
    # Of what makes the service's alarm, the one that these errors keep on: others may be about to end.
    service.until("the alarms", lambda: on() == ALARMS)


def test_old_versions_go_and_the_way_back_stays(service: Service) -> None:
    before, _ = service.alias()
    published = [service.publish(GOOD) for _ in range(7)]
    released = service.run("release", PACE=HURRIED)
    assert released.returncode == 0, released.stderr
    kept = service.versions()
    # The five newest, and what was live: five rollbacks lead through it and those before it.
    assert set(published[-5:]) | {before} <= set(kept)
    assert not {published[0], published[1]} & set(kept)
    assert f"{published[0]}, {published[1]}\n" in released.stderr
    shown = service.run("prune")
    assert shown.stdout == "prod (suffix release): versions nobody needs: none\n", shown.stdout
    assert (service.alias(), service.get()) == ((published[-1], {}), 200)
    returned = service.run("rollback")
    assert returned.returncode == 0, returned.stderr
    assert (service.alias(), service.get()) == ((before, {}), 200)


def test_versions_are_shown_before_they_are_pruned(service: Service) -> None:
    first, *_ = [service.publish(GOOD) for _ in range(6)]
    before = service.versions()
    shown = service.run("prune")
    assert f"versions nobody needs: {first}" in shown.stdout or f", {first}" in shown.stdout, shown.stdout
    assert "nothing is changed; to delete them add CONFIRM=prod" in shown.stderr
    assert service.versions() == before
    pruned = service.run("prune", CONFIRM="prod")
    assert (pruned.returncode, first in service.versions()) == (0, False), pruned.stderr
    assert service.get() == 200


# The last one: its errors stay in the alarms' windows for a while and would stop the other releases.
def test_a_failing_version_is_taken_back_and_few_requests_fail(service: Service) -> None:
    before, _ = service.alias()
    version = service.publish(FAILING)
    with traffic(service) as seen:
        service.until("traffic", lambda: seen[200] > 20)
        seen.clear()
        released = service.run("release", PACE=WATCHED)
        answers = Counter(seen)
    assert released.returncode == 1, released.stdout + released.stderr
    # In the first step, or in the second where the machine is too busy to give it requests enough.
    back = rf"version {before} serves every request, {version} was taken back: at (10|50) %: {SERVICE}"
    taken = re.search(back, released.stdout)
    assert taken, released.stdout
    share = int(taken[1]) / 100
    assert service.alias() == (before, {})
    requests, failed = answers.total(), answers.total() - answers[200]
    # Four standard deviations above the step's share: one run in thirty thousand is beyond.
    bound = share + 4 * (share * (1 - share) / requests) ** 0.5
    assert 0 < failed / requests <= bound, answers
    report = json.loads((service.clone.root / "build" / "reports" / "release-prod-release.json").read_text())
    assert report["outcome"] == "rolled back"
    turn_alarm_on(service)
    firing = service.run("release", VERSION=version, PACE=HURRIED)
    assert (firing.returncode, service.alias()) == (2, (before, {})), firing.stdout + firing.stderr
    assert f"error: an alarm is on before the release: {SERVICE}: " in firing.stderr
    again = service.run("release", PACE=HURRIED)
    assert (again.returncode, again.stderr.count("error:")) == (2, 1)
    assert f"version {version} was taken back (at {taken[1]} %: {SERVICE}" in again.stderr
