"""Every alarm leads to a page that holds what a person woken up needs, and what the page says can be typed."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from harness.base.paths import REPO
from harness.base.verb_list import VERBS
from harness.plan import Plan
from harness.verbs.drill import DRILLS

RUNBOOKS = REPO / "docs" / "runbooks"
PAGES = sorted(RUNBOOKS.glob("*.md"))
SECTIONS = ("What it means", "First look", "Likely causes", "Stop the bleeding", "Confirm")
ON_PURPOSE = {
    "README",
    "concurrency-quota",
    "first-real-account",
    "key-rotation",
    "stuck-lock",
    "suffix-clash",
    "teardown",
}
ALARMS = [page for page in PAGES if page.stem not in ON_PURPOSE]

# The CLI's own, not members of an operation's input.
GLOBAL = {"query", "output", "endpoint-url", "region", "max-items"}
# The CLI's words for what the API calls otherwise (botocore knows only the API's).
RENAMED = {("sns", "subscribe"): {"notification-endpoint"}}

# What the handler and Lambda write, beside the access log's fields (modules/api/logs.tf).
OF_FUNCTION = {
    "cause", "code", "detail", "duration_ms", "error", "exception", "http_method", "level", "message", "request_id",
    "resource", "status", "table_attempts", "type", "record.status", "record.errorType", "record.metrics.durationMs",
    "record.metrics.initDurationMs", "record.metrics.maxMemoryUsedMB",
}  # fmt: skip
WORDS = {
    "and", "as", "asc", "avg", "bin", "by", "count", "desc", "fields", "filter", "ispresent", "like", "limit", "max",
    "or", "pct", "sort", "stats", "sum",
}  # fmt: skip


def _name(page: Path) -> str:
    return page.stem


def _commands(page: Path) -> list[str]:
    text = page.read_text()
    return [line.strip() for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]


def _alarms(plan: Plan) -> list[tuple[str, str]]:
    kinds = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
    return [
        (str(change.value("alarm_name")), str(change.value("alarm_description")))
        for kind in kinds
        for change in plan.of_type(kind)
    ]


def test_every_alarm_names_its_page_and_every_page_has_an_alarm(dev: Plan, prod: Plan) -> None:
    linked = set()
    for name, description in _alarms(dev) + _alarms(prod):
        link = re.search(r"Runbook: (\S+)$", description)
        assert link, f"{name} names no runbook"
        page = REPO / link[1]
        assert page.is_file(), f"{name} names {link[1]}, which does not exist"
        family = re.sub(r"-traffic-input|-rate-input", "-rate", name)
        assert family.startswith(page.stem), f"{name} leads to the page of {page.stem}"
        linked.add(page)
    assert linked == set(ALARMS)


@pytest.mark.parametrize("page", ALARMS, ids=_name)
def test_a_page_of_an_alarm_has_every_section_filled(page: Path) -> None:
    title, *parts = re.split(r"^## ", page.read_text(), flags=re.MULTILINE)
    assert title.strip() == f"# {page.stem}"
    held = {part.partition("\n")[0]: part.partition("\n")[2].strip() for part in parts}
    assert tuple(held) == SECTIONS
    assert all(len(text) > 40 for text in held.values())
    assert "```sh\n" in held["First look"]
    assert "insights /aws/" in held["First look"], "no Logs Insights query"
    assert "aws " in held["Confirm"] or "make " in held["Confirm"]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_and_verbs_exist(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (page.parent / target).resolve().is_file(), target
    for verb in re.findall(r"`make (?:-s )?([a-z][a-z-]*)", text) + re.findall(
        r"^make (?:-s )?(\S+)", text, re.MULTILINE
    ):
        assert verb in VERBS, f"make {verb}"


def test_the_list_names_every_page() -> None:
    listed = set(re.findall(r"\]\(([a-z0-9-]+)\.md\)", (RUNBOOKS / "README.md").read_text()))
    assert listed == {page.stem for page in PAGES} - {"README"}


@cache
def _operations(service: str) -> dict[str, Any]:
    model = botocore.session.get_session().get_service_model("s3" if service == "s3api" else service)
    return {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}


def _calls(page: Path) -> list[list[str]]:
    found = []
    for line in _commands(page):
        for command in re.findall(r"(?:^|\$\(|; |\| )(aws [^|;]*)", re.sub(r"#.*", "", line)):
            # A substitution's own call is found by itself; here only its place counts.
            plain = re.sub(r"\$\((?:[^()]|\([^()]*\))*\)", "X", command).replace(")", " ")
            found.append(plain.split())
    return found


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_are_ones_the_api_knows(page: Path) -> None:
    for words in _calls(page):
        service, command = words[1], words[2]
        if service == "s3":
            continue
        assert command in _operations(service), f"aws {service} {command}"
        shape = _operations(service)[command].input_shape
        members = {xform_name(member, "-") for member in shape.members} if shape else set()
        given = {word.lstrip("-") for word in words if word.startswith("--")}
        renamed = RENAMED.get((service, command), set())
        switches = {f"no-{member}" for member in members}
        assert given <= members | GLOBAL | renamed | switches, (command, given - members - GLOBAL)
        required = {xform_name(name, "-") for name in shape.required_members} if shape else set()
        assert required <= given | {"rest-api-id"}, (command, required - given)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_queries_ask_for_fields_that_are_logged(page: Path) -> None:
    logged = set(re.findall(r"^    (\w+) +=", (REPO / "modules/api/logs.tf").read_text(), re.MULTILINE))
    for group, query in re.findall(r"insights (\S+) '([^']+)'", page.read_text()):
        fields = logged if group.startswith("/aws/apigateway/") else OF_FUNCTION
        bare = re.sub(r'"[^"]*"|/[^/]*/i?|\bas (\w+)', "", query)
        made = set(re.findall(r"\bas (\w+)", query))
        asked = set(re.findall(r"(?<![@\w.])[a-zA-Z_][\w.]*", re.sub(r"bin\(\w+\)", "", bare))) - WORDS - made
        assert asked <= fields, f"{group}: {sorted(asked - fields)}"


def test_logged_fields_are_the_handlers() -> None:
    source = (REPO / "lambda" / "items" / "handler.py").read_text()
    for field in (
        "cause",
        "code",
        "detail",
        "duration_ms",
        "error",
        "http_method",
        "resource",
        "status",
        "table_attempts",
    ):
        assert f'"{field}"' in source, field


def test_no_command_is_cut_or_badly_quoted() -> None:
    for page in PAGES:
        for line in _commands(page):
            assert not line.endswith("\\"), line
            assert shlex.split(re.sub(r"`", "", line)), line


def test_every_drill_has_its_line_in_the_table_of_recovery() -> None:
    text = (REPO / "docs" / "recovery.md").read_text()
    drilled = {cells[2].strip() for line in text.splitlines() if len(cells := line.split("|")) == 8}
    assert drilled - {"destroyed by the drill", "---"} == set(DRILLS)
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (REPO / "docs" / target).is_file(), target
    for verb in re.findall(r"make ([a-z]+) ENV=", text):
        assert verb in VERBS
