"""Runbooks serve any product: they name nothing of the worked example, and ask for fields that its service writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.repo.test_runbooks import ALARMS, OF_FUNCTION, PAGES

from harness.base.paths import REPO
from harness.facts import read_blueprint, read_services

pytestmark = pytest.mark.example


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_nothing_that_a_team_may_call_otherwise(page: Path) -> None:
    blueprint, services = read_blueprint(), read_services()
    tables = {name: table for service in services.values() for name, table in service.tables.items()}
    families = "|".join(alarm.stem.removeprefix(f"{blueprint.prefix}-") for alarm in ALARMS)
    wrong = [
        *(rf"(?<![\w/]){name}\b|envs/{name}\b" for name in blueprint.environments),
        *(rf"[-/]{name}\b" for name in {*services, *tables}),
        *(rf"\b{index}\b" for table in tables.values() for index in table.indexes),
        rf"(?<![\w$-]){blueprint.prefix}-(?!{families})",
        rf"\b{blueprint.project}\b",
    ]
    without_options = re.sub(r"--[a-z-]+", "", page.read_text())
    assert re.findall("|".join(wrong), without_options) == []


def test_logged_fields_are_written_by_services() -> None:
    source = "".join(file.read_text() for file in sorted((REPO / "lambda").glob("*/*.py")))
    by_lambda = {"exception", "level", "message", "request_id", "type"}
    for field in OF_FUNCTION - by_lambda:
        assert field.startswith("record.") or f'"{field}"' in source, field
