"""``make apply`` killed at several moments and in several ways: the next one completes, with no twin and no orphan.

The moments are events in the account, not times. Each case has a suffix of its own; all run at once.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.support.clone import Clone
from tests.support.deployed import PRODUCT, STATES

from harness.localaws.control import LocalAws
from harness.terraform.detached import read_mark

# The first test waits for whole scenarios of several applies.
pytestmark = [pytest.mark.example, pytest.mark.timeout(1500)]

_PATIENCE_SECONDS = 600.0


@dataclass
class Stack:
    """One suffix of one environment, and the account to look for it in."""

    clone: Clone
    aws: Callable[[str], Any]
    environment: str
    suffix: str

    @property
    def words(self) -> dict[str, str]:
        return {"ENV": self.environment, "SUFFIX": self.suffix, "CONFIRM": self.environment, "OWNER": "kay"}

    @property
    def folder(self) -> Path:
        return self.clone.root / "build" / "local" / self.environment / self.suffix

    def named(self, thing: str = "") -> str:
        return PRODUCT.name(thing, self.suffix)

    def run(self, verb: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.clone.run(verb, **{**self.words, **more})

    def apis(self) -> list[str]:
        pages = self.aws("apigateway").get_paginator("get_rest_apis").paginate()
        return [api["id"] for page in pages for api in page["items"] if api["name"] == self.named()]

    @property
    def state_key(self) -> str:
        return f"{self.environment}/{self.suffix}/terraform.tfstate"

    def lose_state(self) -> None:
        """Take away what Terraform wrote of the state since: it does so every 20 s, which only a slow apply lives to
        see, and then nothing would be lost.
        """
        client = self.aws("s3")
        found = client.list_object_versions(Bucket=STATES, Prefix=self.state_key)
        for one in [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]:
            if one["Key"] == self.state_key:
                client.delete_object(Bucket=STATES, Key=one["Key"], VersionId=one["VersionId"])

    def has_api(self) -> bool:
        return bool(self.apis())

    def has_function(self) -> bool:
        functions = self.aws("lambda").list_functions()["Functions"]
        return self.named("items") in [function["FunctionName"] for function in functions]

    def has_deployment(self) -> bool:
        client = self.aws("apigateway")
        return any(client.get_deployments(restApiId=api)["items"] for api in self.apis())

    def freeze_apply_when(self, reached: Callable[[], bool], verb: str = "apply") -> tuple[subprocess.Popen[str], int]:
        """The harness and its worker's process id, the worker and Terraform held as soon as ``reached`` is true.

        Nothing goes on while it is looked, and then for as long as the look took: a slow machine, whose looks are slow,
        would else come too late, with nothing left to kill.
        """
        harness = self.clone.start(verb, **self.words)
        before = time.time()
        until(lambda: self._worker_since(before) is not None)
        worker = self._worker_since(before)
        assert worker is not None

        def held() -> bool:
            os.killpg(worker, signal.SIGSTOP)
            began = time.monotonic()
            if reached():
                return True
            os.killpg(worker, signal.SIGCONT)
            time.sleep(time.monotonic() - began)
            return False

        until(held)
        return harness, worker

    def _worker_since(self, moment: float) -> int | None:
        mark = read_mark(self.folder / "apply.running.json")
        return mark.pid if mark and mark.started > moment - 1 and mark.alive() else None


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline, "it never came to the moment of the kill"
        time.sleep(0.05)


def session(leader: int) -> list[int]:
    def belongs(pid: int) -> bool:
        try:
            return os.getsid(pid) == leader
        except ProcessLookupError:
            return False

    return [pid for pid in psutil.pids() if belongs(pid)]


def kill_everything(harness: subprocess.Popen[str], worker: int) -> None:
    """As a power cut does: the harness, the worker and Terraform with its provider."""
    pids = session(worker)
    assert any(psutil.Process(pid).name() == "terraform" for pid in pids), "Terraform was not running"
    for pid in (harness.pid, *pids):
        os.kill(pid, signal.SIGKILL)
    harness.communicate()


# Each case leaves a stack that was interrupted once, and returns the run that is to complete it.


def killed_twice_then_up(stack: Stack) -> subprocess.CompletedProcess[str]:
    kill_everything(*stack.freeze_apply_when(stack.has_api))
    stack.lose_state()
    # The recovery is killed, too: when the table it adopted stands and the function is being made.
    kill_everything(*stack.freeze_apply_when(stack.has_function))
    stack.lose_state()
    refused = stack.run("plan")
    assert (refused.returncode, refused.stderr.count("error:")) == (2, 1), refused.stderr
    assert f"was interrupted -> make apply ENV=dev SUFFIX={stack.suffix} finishes it" in refused.stderr
    return stack.run("up", OWNER="kay")


def killed_late(stack: Stack) -> subprocess.CompletedProcess[str]:
    harness, worker = stack.freeze_apply_when(stack.has_deployment)
    # The worker first: with Terraform alone left, the apply still counts as running.
    os.kill(worker, signal.SIGKILL)
    mark = read_mark(stack.folder / "apply.running.json")
    assert mark is not None
    assert mark.alive(), "Terraform outlives its worker"
    kill_everything(harness, worker)
    stack.lose_state()
    # Without OWNER: the approved plan's owner is kept.
    return stack.run("apply", OWNER="")


def only_the_harness_killed(stack: Stack) -> subprocess.CompletedProcess[str]:
    harness, worker = stack.freeze_apply_when(stack.has_api)
    harness.kill()
    harness.communicate()
    assert session(worker), "the apply died with the harness"
    os.killpg(worker, signal.SIGCONT)
    return stack.run("apply")


def asked_to_stop(stack: Stack) -> subprocess.CompletedProcess[str]:
    harness, worker = stack.freeze_apply_when(stack.has_api)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        harness.send_signal(number)
        time.sleep(0.1)
    # The first of them waits for the session that it was passed on to.
    os.killpg(worker, signal.SIGCONT)
    printed, _ = harness.communicate()
    assert "the apply was interrupted -> make apply again finishes it" in printed
    return stack.run("apply")


CASES = {
    "kill-twice": ("dev", killed_twice_then_up),
    "kill-late": ("prod", killed_late),
    "kill-harness": ("dev", only_the_harness_killed),
    "kill-term": ("dev", asked_to_stop),
}


@dataclass
class Result:
    stack: Stack
    completed: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def results(clone: Clone, local_aws: LocalAws, aws: Any) -> Iterator[Callable[[str], Result]]:
    assert clone.run("bootstrap").returncode == 0

    def play(suffix: str) -> Result:
        environment, case = CASES[suffix]
        stack = Stack(clone, aws, environment, suffix)
        planned = stack.run("plan")
        assert planned.returncode == 0, planned.stderr
        return Result(stack, case(stack))

    with ThreadPoolExecutor(max_workers=len(CASES)) as pool:
        runs = {suffix: pool.submit(play, suffix) for suffix in CASES}
        yield lambda suffix: runs[suffix].result()


@pytest.mark.parametrize("suffix", CASES)
def test_the_next_apply_completes(results: Callable[[str], Result], suffix: str) -> None:
    result = results(suffix)
    assert result.completed.returncode == 0, result.completed.stderr
    expected = "went to its end by itself" if suffix == "kill-harness" else "was interrupted: recovering"
    assert f"(suffix {suffix}) {expected}" in result.completed.stderr
    assert not list(result.stack.folder.glob("apply.*.json")), "something is left to deal with"


@pytest.mark.parametrize("suffix", ["kill-late", "kill-term"])
def test_a_plan_shows_no_changes_afterwards(results: Callable[[str], Result], suffix: str) -> None:
    planned = results(suffix).stack.run("plan", OWNER="kay")
    assert planned.returncode == 0, planned.stderr
    assert "no changes" in planned.stdout


def test_up_finds_nothing_left_to_apply(results: Callable[[str], Result]) -> None:
    phases = [line.split("  ")[1] for line in results("kill-twice").completed.stderr.splitlines()]
    assert [phase for phase in phases if phase.startswith("finish ")]
    assert "apply dev (suffix kill-twice)" not in phases


@pytest.mark.parametrize("suffix", CASES)
def test_nothing_is_there_twice_and_nothing_outside_the_state(
    results: Callable[[str], Result], suffix: str, aws: Any
) -> None:
    result = results(suffix)
    assert in_the_account(result.stack) == in_the_state(result.stack)


@pytest.mark.parametrize("suffix", ["kill-twice", "kill-late"])
def test_what_was_in_no_state_was_adopted(results: Callable[[str], Result], suffix: str) -> None:
    printed = results(suffix).completed.stderr
    adopted = [int(line.split(",")[1].split()[0]) for line in printed.splitlines() if " adopted " in line]
    # One is what a test that never lost anything would show: the API alone was there at the earliest kill.
    assert adopted and adopted[0] > 5, printed


def in_the_state(stack: Stack) -> dict[str, list[str]]:
    state = json.loads(stack.aws("s3").get_object(Bucket=STATES, Key=stack.state_key)["Body"].read())
    names: dict[str, list[str]] = {kind: [] for kind in _LISTED}
    for resource in state["resources"]:
        kind = resource["type"].removeprefix("aws_").replace("composite_alarm", "metric_alarm")
        if kind in _LISTED:
            names[kind] += [instance["attributes"][_LISTED[kind]] for instance in resource["instances"]]
    return {kind: sorted(found) for kind, found in names.items()}


# Type -> the attribute that the account's listing shows, too.
_LISTED = {
    "api_gateway_rest_api": "id",
    "api_gateway_deployment": "id",
    "api_gateway_request_validator": "id",
    "api_gateway_resource": "id",
    "api_gateway_stage": "stage_name",
    "api_gateway_usage_plan": "id",
    "api_gateway_api_key": "id",
    "cloudwatch_dashboard": "dashboard_name",
    "cloudwatch_log_group": "name",
    "cloudwatch_metric_alarm": "alarm_name",
    "dynamodb_table": "name",
    "iam_role": "name",
    "kms_alias": "name",
    "kms_key": "key_id",
    "lambda_alias": "name",
    "lambda_function": "function_name",
    "lambda_permission": "statement_id",
    "sns_topic": "arn",
}


def in_the_account(stack: Stack) -> dict[str, list[str]]:
    """Everything whose name ends in the suffix, whatever state knows it, and all that the APIs hold."""
    found = {kind: sorted(names) for kind, names in {**_gateway(stack), **_rest(stack)}.items()}
    assert found.keys() == _LISTED.keys()
    return found


def _gateway(stack: Stack) -> dict[str, list[str]]:
    client, apis = stack.aws("apigateway"), stack.apis()

    def inside(operation: str, key: str, listing: str = "items") -> list[str]:
        call = getattr(client, operation)
        return [one[key] for api in apis for one in call(restApiId=api, **_ALL.get(operation, {}))[listing]]

    def named(operation: str, name: str) -> list[str]:
        return [one["id"] for one in getattr(client, operation)(limit=500)["items"] if one["name"] == name]

    resources = [one for api in apis for one in client.get_resources(restApiId=api, limit=500)["items"]]
    return {
        "api_gateway_rest_api": apis,
        "api_gateway_deployment": inside("get_deployments", "id"),
        "api_gateway_request_validator": inside("get_request_validators", "id"),
        "api_gateway_resource": [one["id"] for one in resources if one["path"] != "/"],
        "api_gateway_stage": inside("get_stages", "stageName", "item"),
        "api_gateway_usage_plan": named("get_usage_plans", stack.named("usage")),
        "api_gateway_api_key": named("get_api_keys", stack.named("key")),
    }


_ALL: dict[str, dict[str, int]] = {"get_deployments": {"limit": 500}}


def _rest(stack: Stack) -> dict[str, list[str]]:
    aws, suffix = stack.aws, stack.suffix

    def pages(service: str, operation: str, listing: str, **given: Any) -> list[Any]:
        return [one for page in aws(service).get_paginator(operation).paginate(**given) for one in page[listing]]

    def ending(names: list[str]) -> list[str]:
        return [name for name in names if name.endswith(f"-{suffix}")]

    groups = [group["logGroupName"] for group in pages("logs", "describe_log_groups", "logGroups")]
    both = {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
    kinds = ("MetricAlarms", "CompositeAlarms")
    function = stack.named("items")
    policy = json.loads(aws("lambda").get_policy(FunctionName=function, Qualifier="live")["Policy"])
    return {
        "cloudwatch_dashboard": ending(
            [one["DashboardName"] for one in pages("cloudwatch", "list_dashboards", "DashboardEntries")]
        ),
        "cloudwatch_log_group": ending(groups)
        + [name for name in groups if any(f"_{api}/" in name for api in stack.apis())],
        "cloudwatch_metric_alarm": ending(
            [one["AlarmName"] for kind in kinds for one in pages("cloudwatch", "describe_alarms", kind, **both)]
        ),
        "dynamodb_table": ending(pages("dynamodb", "list_tables", "TableNames")),
        "iam_role": ending([one["RoleName"] for one in pages("iam", "list_roles", "Roles")]),
        "kms_alias": ending([one["AliasName"] for one in pages("kms", "list_aliases", "Aliases")]),
        "kms_key": [
            key["KeyId"]
            for key in pages("kms", "list_keys", "Keys")
            if function in aws("kms").get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
        ],
        "lambda_alias": [one["Name"] for one in pages("lambda", "list_aliases", "Aliases", FunctionName=function)],
        "lambda_function": ending([one["FunctionName"] for one in pages("lambda", "list_functions", "Functions")]),
        "lambda_permission": [statement["Sid"] for statement in policy["Statement"]],
        "sns_topic": ending([one["TopicArn"] for one in pages("sns", "list_topics", "Topics")]),
    }
