"""Facts that the rules know besides the plan, and the environment that a plan is judged as."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.support.builder import Res, plan
from tests.support.pairs import LAX, SOURCES, STRICT, SUFFIX

from harness.base.findings import Severity
from harness.base.paths import REPO
from harness.facts import FactError, service_names
from harness.rules import evaluate, read_sources

GONE = plan(Res("aws_dynamodb_table.this", None, action="delete", before={"name": "t"}))


def facts_in(folder: Path) -> Path:
    """A copy of the files that state facts."""
    for pattern in ("blueprint.yaml", "lambda/*/*.yaml", "modules/function/permissions.yaml"):
        for file in REPO.glob(pattern):
            copied = folder / file.relative_to(REPO)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copied)
    return folder


def test_every_service_of_a_copy_is_read_with_its_grants(tmp_path: Path) -> None:
    tree = facts_in(tmp_path)
    first = next(iter(read_sources(tree).services))
    shutil.copytree(tree / "lambda" / first, tree / "lambda" / "second")
    service = tree / "lambda" / "second" / "service.yaml"
    service.write_text("description: d\nhandler: h\nseconds: {typical: 1, call_at_worst: 2, margin: 3}\n")
    found = read_sources(tree)
    assert found.services.keys() == found.grants.keys() == {*service_names(), "second"}
    assert found.services["second"].seconds.typical == 1
    assert found.grants["second"] == found.grants[first]
    assert found.base_grants
    assert found.routes["second"] == found.routes[first] != frozenset()
    assert all(
        method.isupper() and path.startswith("/")
        for method, _, path in map(lambda one: one.partition(" "), found.routes[first])
    )
    (tree / "lambda" / "second" / "openapi.yaml").unlink()
    assert read_sources(tree).routes["second"] == frozenset()
    assert found.blueprint.environments


@pytest.mark.parametrize("file", ["blueprint.yaml", "lambda/*/permissions.yaml", "modules/function/permissions.yaml"])
def test_a_missing_file_is_named(file: str, tmp_path: Path) -> None:
    tree = facts_in(tmp_path)
    missing = next(tree.glob(file))
    missing.unlink()
    with pytest.raises(FactError, match=rf"{missing.relative_to(tree)} cannot be read"):
        read_sources(tree)


def test_an_environment_that_is_not_listed_is_refused() -> None:
    with pytest.raises(FactError, match="lists no environment production -> add it there, or use one of: lax, strict"):
        evaluate(plan(), environment="production", suffix=SUFFIX, sources=SOURCES)


@pytest.mark.parametrize(("environment", "refused"), [(STRICT, True), (LAX, False)])
def test_an_environment_of_which_nothing_is_said_is_guarded_and_requires_everything(
    environment: str, refused: bool
) -> None:
    standing = plan(
        Res("aws_dynamodb_table.this", {"name": "api-carts-copy", "server_side_encryption": [{"enabled": True}]}),
        Res("aws_api_gateway_rest_api.this", {"name": "api-copy"}),
        Res("aws_cloudwatch_metric_alarm.this", {"alarm_name": "a-copy", "alarm_actions": []}),
    )
    needed = {"encryption", "key-required", "alarm-presence"}
    found = evaluate(standing, environment=environment, suffix=SUFFIX, sources=SOURCES).findings
    assert needed & {one.check for one in found} == (needed if refused else set())
    assert any("no alarm_actions" in one.message for one in found) is refused
    assert bool(evaluate(GONE, environment=environment, suffix=SUFFIX, sources=SOURCES).errors) is refused


def test_what_is_unknown_is_said_and_blocks_nothing() -> None:
    report = evaluate(plan(Res("aws_sqs_queue.this", {})), environment=LAX, suffix=SUFFIX, sources=SOURCES)
    (found,) = report.findings
    assert (found.severity, found.check, report.errors) == (Severity.NOTE, "unknown-types", 0)
    assert all(result.holds for result in report.results)
    judged = evaluate(GONE, environment=STRICT, suffix=SUFFIX, sources=SOURCES)
    assert [result.rule.id for result in judged.results if not result.holds] == ["destruction-gate"]


def test_a_table_that_no_service_declares_keeps_no_plan_from_being_applied() -> None:
    settings = {"method_path": "*/*", "settings": [{"throttling_rate_limit": 10, "throttling_burst_limit": 20}]}
    judged = plan(
        Res("aws_dynamodb_table.this", {"name": "api-more-copy", "server_side_encryption": [{"enabled": True}]}),
        Res("aws_api_gateway_method_settings.all", settings),
    )
    report = evaluate(judged, environment=LAX, suffix=SUFFIX, sources=SOURCES)
    notes = [one for one in report.findings if one.check == "capacity-coherence"]
    assert [one.severity for one in notes] == [Severity.NOTE]
