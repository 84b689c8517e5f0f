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
