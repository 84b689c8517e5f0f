"""One value is edited in a copy: who reads only the terminal, or only the comment, sees what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.support.planning import Plans

from harness.changes import changes
from harness.facts import read_blueprint
from harness.plan import since
from harness.report.comment import comment
from harness.report.planned import PlanReport
from harness.report.summary import render_summary

EDITED = 3008


@pytest.mark.parametrize("environment", read_blueprint().environments)
def test_memory_is_shown_old_and_new(plans: Plans, environment: str) -> None:
    def edit(tree: Path) -> None:
        file = tree / "envs" / environment / "locals.tf"
        text, count = re.subn(r"(memory_mb +=) \d+", rf"\1 {EDITED}", file.read_text(), count=1)
        assert count == 1
        file.write_text(text)

    base = plans.environment(environment).result()
    sizes = {str(one.value("memory_size")) for one in base.of_type("aws_lambda_function")}
    with plans.changed(environment, edit) as (_, edited):
        report = PlanReport(environment, changes(since(base, edited)), ())
    assert render_summary(report).startswith(f"{environment}: 1 to update\n")
    for text in (render_summary(report), comment(report, "whole")):
        (old,) = re.findall(rf"memory_size: (\d+) → {EDITED}$", text, re.MULTILINE)
        assert old in sizes


@pytest.mark.parametrize("environment", list(read_blueprint().environments)[:1])
def test_a_value_that_only_aws_knows_is_said_to_be_made_otherwise(plans: Plans, environment: str) -> None:
    """A permission that is widened to every stage stays unknown until the apply, before as after."""

    def edit(tree: Path) -> None:
        file = tree / "modules" / "api" / "operations.tf"
        text, count = re.subn(r"/\$\{var\.stage_name\}/\*/\*", "/*/*/*", file.read_text())
        assert count == 1
        file.write_text(text)

    base = plans.environment(environment).result()
    with plans.changed(environment, edit) as (_, edited):
        report = PlanReport(environment, changes(since(base, edited)), ())
    text = render_summary(report)
    assert "source_arn: made otherwise: its value cannot be told from the files alone" in text
    assert "(known after apply)" not in text
    assert changes(since(base, base)).any is False
