"""Drift: nothing, then a changed, a deleted and an unknown resource and a moved alias; put back each time."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.support.clone import Clone
from tests.support.deployed import FREE, PRODUCT, STATES, Deployed

TAGS = [{"Key": "Environment", "Value": FREE}, {"Key": "Project", "Value": PRODUCT.project}]


def report(clone: Clone) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((clone.root / "build" / "reports" / f"drift-{FREE}-{FREE}.json").read_text())
    return found


def test_changed_deleted_and_unknown_are_each_told(clone: Clone, free: Deployed, aws: Any) -> None:
    function, dashboard = free.function, PRODUCT.name("", FREE)
    module = f'module.function["{free.outputs["functions"][0]["service"]}"]'
    functions, watch, topics = aws("lambda"), aws("cloudwatch"), aws("sns")
    before = functions.get_function_configuration(FunctionName=function)
    alias = functions.get_alias(FunctionName=function, Name="live")["FunctionVersion"]
    body = watch.get_dashboard(DashboardName=dashboard)["DashboardBody"]
    topic, other = (topics.create_topic(Name=f"by-hand-{suffix}", Tags=TAGS)["TopicArn"] for suffix in (FREE, "bob"))
    functions.update_function_configuration(FunctionName=function, Timeout=before["Timeout"] + 7)
    version = functions.publish_version(FunctionName=function)["Version"]
    functions.update_alias(FunctionName=function, Name="live", FunctionVersion=version)
    watch.delete_dashboards(DashboardNames=[dashboard])
    try:
        drifted = clone.run("drift", ENV=FREE)
    finally:
        functions.update_function_configuration(FunctionName=function, Timeout=before["Timeout"])
        functions.update_alias(FunctionName=function, Name="live", FunctionVersion=alias)
        functions.delete_function(FunctionName=function, Qualifier=version)
        watch.put_dashboard(DashboardName=dashboard, DashboardBody=body)
        for arn in (topic, other):
            topics.delete_topic(TopicArn=arn)
    assert drifted.returncode == 1, drifted.stdout + drifted.stderr
    assert drifted.stdout.startswith(f"{FREE}: 2 changed, 1 deleted, 1 unknown\n"), drifted.stdout
    found = report(clone)
    changed = {one["address"]: one["attributes"] for one in found["changed"] if not one["deleted"]}
    assert changed == {
        f"{module}.aws_lambda_function.this": [
            {"path": "timeout", "before": before["Timeout"], "after": before["Timeout"] + 7}
        ],
        f"{module}.aws_lambda_alias.live": [{"path": "function_version", "before": alias, "after": version}],
    }
    deleted = [one["address"] for one in found["changed"] if one["deleted"]]
    assert deleted == ["module.alarms.aws_cloudwatch_dashboard.this"]
    assert found["unknown"] == [topic]
    # Everything was put back.
    none = clone.run("drift", ENV=FREE)
    assert (none.returncode, none.stdout) == (0, f"{FREE}: no drift\n"), none.stdout + none.stderr
    assert report(clone)["drift"] is False


def not_run(clone: Clone, **settings: str) -> subprocess.CompletedProcess[str]:
    result = clone.run("drift", **settings)
    assert (result.returncode, result.stderr.count("error:")) == (2, 1), result.stderr
    return result


def test_what_cannot_run_is_neither_drift_nor_none(clone: Clone, free: Deployed, aws: Any) -> None:
    assert f"is not deployed -> make up ENV={FREE} SUFFIX=nobody" in not_run(clone, ENV=FREE, SUFFIX="nobody").stderr
    lock = {"ID": "1", "Operation": "OperationTypeApply", "Who": "bob@elsewhere", "Version": "1.11.4",
            "Created": "2026-01-01T00:00:00Z", "Path": "x", "Info": ""}  # fmt: skip
    key = {"Bucket": STATES, "Key": f"{FREE}/{FREE}/terraform.tfstate.tflock"}
    aws("s3").put_object(**key, Body=json.dumps(lock).encode())
    try:
        locked = not_run(clone, ENV=FREE)
    finally:
        aws("s3").delete_object(**key)
    assert "the state is locked, held by bob@elsewhere" in locked.stderr
