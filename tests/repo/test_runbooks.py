"""Every alarm leads to a page that holds what a person woken up needs, and what the page says can be typed."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from tests.support.collecting import accepted_plan
from tests.support.planning import Plans

from harness.base.paths import REPO
from harness.base.verb_list import VERBS
from harness.facts import read_blueprint, read_services
from harness.plan import Plan
from harness.verbs.drill import DRILLS

RUNBOOKS = REPO / "docs" / "runbooks"
PAGES = sorted(RUNBOOKS.glob("*.md"))
SECTIONS = ("What it means", "First look", "Likely causes", "Stop the bleeding", "Confirm")
ON_PURPOSE = {
    "README",
    "ci-roles",
    "concurrency-quota",
    "first-real-account",
    "index-change",
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


def _alarms(plan: Plan) -> Iterator[tuple[str, Path]]:
    """Pair the name of every alarm of a plan with the page that its description names."""
    for change in plan.of_type("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"):
        name, link = change.value("alarm_name"), re.search(r"Runbook: (\S+)$", str(change.value("alarm_description")))
        assert link, f"{name} names no runbook"
        yield str(name), REPO / link[1]


def test_every_alarm_of_an_environment_names_its_page(plans: Plans) -> None:
    blueprint = read_blueprint()
    for environment in blueprint.environments:
        for name, page in _alarms(plans.environment(environment).result()):
            assert page.is_file(), f"{name} names {page.relative_to(REPO)}, which does not exist"
            family = re.sub(r"-traffic-input|-rate-input", "-rate", name.removeprefix(f"{blueprint.prefix}-"))
            assert page.stem == "custom" or family.startswith(page.stem), f"{name} leads to the page of {page.stem}"


def test_every_family_of_alarms_has_a_page_and_every_page_a_family(pytestconfig: pytest.Config) -> None:
    pages = {page for _, page in _alarms(accepted_plan(pytestconfig, "alarms").result())}
    assert {page for page in pages if page.is_relative_to(RUNBOOKS)} == set(ALARMS)


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


def _setup(**words: str) -> str:
    """Replace the words in capitals of the list's setup by a thing's names."""
    block = re.search(r"```sh\n(.*?)```", (RUNBOOKS / "README.md").read_text(), re.DOTALL)
    assert block
    return re.sub(r"=([A-Z]+)\b", lambda word: f"={words[word[1]]}", block[1])


def _echoed(script: str) -> list[str]:
    """Run a script of a plain shell at the repository's root, and split what it prints into words."""
    shell = ["/bin/sh", "-ec", script]
    return subprocess.run(
        shell, cwd=REPO, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
    ).stdout.split()


def test_the_setup_makes_the_names_that_everything_has() -> None:
    blueprint = read_blueprint()
    things = [(name, table) for name, service in read_services().items() for table in service.tables]
    for environment, (service, table) in itertools.product(blueprint.environments, things):
        setup = _setup(ENVIRONMENT=environment, SERVICE=service, TABLE=table, QUEUE="mails")
        made = _echoed(f"{setup}\necho $FUNCTION $TABLE $QUEUE $API $PREFIX $PROJECT $AWS_REGION $AWS_DEFAULT_REGION")
        assert made[:3] == [blueprint.name(thing, environment) for thing in (service, table, "mails")]
        assert made[3:6] == [f"{blueprint.prefix}-{environment}", blueprint.prefix, blueprint.project]
        assert made[6:] == [blueprint.region, blueprint.region]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_variable_is_set_before_it_is_used(page: Path) -> None:
    of_setup = set(re.findall(r"\b([A-Z_]+)=", _setup(ENVIRONMENT="e", SERVICE="s", TABLE="t", QUEUE="q")))
    own = set(re.findall(r"^ *([A-Z_]+)=", page.read_text(), re.MULTILINE))
    used = set(re.findall(r"\$\{?([A-Z_]+)", page.read_text()))
    assert used <= of_setup | own, sorted(used - of_setup - own)


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
