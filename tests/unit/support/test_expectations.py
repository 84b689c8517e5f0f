"""``make inventory`` end to end on a small repository: what is red is rewritten, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.support.cases import Cases, cases_of
from tests.support.expectations import (
    decided_by_environment,
    rewrite_environment,
    rewrite_module,
    suggest_environment,
    suggest_module,
)

from harness.base.errors import HarnessError
from harness.fastlane.command import PlanRejected
from harness.inventory.document import InventoryError
from harness.inventory.expect import Operator
from harness.terraform.sandbox import lock_file

MODULE = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "name" { type = string }
variable "seconds" {
  type    = number
  default = 30
}
resource "aws_sqs_queue" "this" {
  name                       = var.name
  visibility_timeout_seconds = var.seconds
  sqs_managed_sse_enabled    = true
}
output "name" { value = var.name }
"""
ROOT = """
provider "aws" {}
module "queue" {
  source   = "../../modules/queue"
  for_each = toset(["jobs"])
  name     = "api-${each.key}-one"
  seconds  = 60
}
"""
CASES = """\
source: modules/queue
accepts:
  plain:
    vars: {name: q-x}
    outputs: {name: q-x} # as given
    resources:
      aws_sqs_queue.this: {name: q-x, visibility_timeout_seconds: 30, sqs_managed_sse_enabled: true}
  patient:
    vars: {name: q-x, seconds: 90}
    actions: {aws_sqs_queue.this: create}
    absent: [aws_sqs_queue.that]
    resources:
      aws_sqs_queue.this:
        visibility_timeout_seconds: 90   # seconds
        sqs_managed_sse_enabled: true
"""
INVENTORY = """\
# What a plan of this environment shows.
counts:
  aws_sqs_queue: 1
resources:
  module.queue["jobs"].aws_sqs_queue.this:
    name: !regex api-.*-one   # whoever it is for
    visibility_timeout_seconds: 60   # the longest job
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("repository")
    files = {
        "blueprint.yaml": "project: p\nprefix: api\nregion: eu-west-1\nenvironments:\n  one: {}\n  two: {}\n",
        "modules/queue/main.tf": MODULE,
        "envs/one/main.tf": ROOT,
        "tests/modules/queue/cases.yaml": CASES,
        "tests/envs/one.yaml": INVENTORY,
    }
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    shutil.copy(lock_file(), tree / "envs" / "one")
    return tree


def file_with(tree: Path, name: str, text: str) -> Path:
    (tree / name).write_text(text)
    return tree / name


def test_one_wrong_value_of_an_inventory_is_one_changed_line(repository: Path) -> None:
    wrong = INVENTORY.replace("visibility_timeout_seconds: 60 ", "visibility_timeout_seconds: 61 ")
    file = file_with(repository, "tests/envs/one.yaml", wrong)
    assert rewrite_environment("one", repository) == (
        'module.queue["jobs"].aws_sqs_queue.this: visibility_timeout_seconds: got 60, expected 61',
    )
    assert file.read_text() == INVENTORY


def test_an_inventory_that_holds_is_not_written(repository: Path) -> None:
    file = file_with(repository, "tests/envs/one.yaml", INVENTORY)
    before = file.stat()
    assert rewrite_environment("one", repository) == ()
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_wrong_values_of_cases_are_changed_where_they_stand(repository: Path) -> None:
    wrong = CASES.replace("visibility_timeout_seconds: 30", "visibility_timeout_seconds: 31")
    wrong = wrong.replace("outputs: {name: q-x}", "outputs: {name: q-y}").replace("this: create", "this: delete")
    wrong = wrong.replace("aws_sqs_queue.that]", "aws_sqs_queue.that, aws_sqs_queue.this]")
    file = file_with(repository, "tests/modules/queue/cases.yaml", wrong)
    assert rewrite_module("queue", repository) == (
        "plain: aws_sqs_queue.this: visibility_timeout_seconds: got 30, expected 31",
        'plain: output.name: got "q-x", expected "q-y"',
        "patient: aws_sqs_queue.this: got create, expected delete",
        "patient: aws_sqs_queue.this: in the plan, expected it absent",
    )
    assert file.read_text() == CASES
    assert rewrite_module("queue", repository) == ()


@pytest.mark.parametrize(("rewrite", "name", "kept"), [
    (rewrite_environment, "one", ("tests/envs/one.yaml", INVENTORY.replace(": 60", ": 61"))),
    (rewrite_module, "queue", ("tests/modules/queue/cases.yaml", CASES.replace(": 90 ", ": 91 "))),
])  # fmt: skip
def test_nothing_is_written_where_nothing_can_be_planned(
    rewrite: object, name: str, kept: tuple[str, str], repository: Path
) -> None:
    file = file_with(repository, *kept)
    file_with(repository, "modules/queue/main.tf", MODULE.replace("= var.seconds", "= var.minutes"))
    try:
        with pytest.raises(PlanRejected, match="minutes"):
            rewrite(name, repository)  # type: ignore[operator]
    finally:
        file_with(repository, "modules/queue/main.tf", MODULE)
    assert file.read_text() == kept[1]


@pytest.mark.parametrize(("work", "name", "message"), [
    (rewrite_environment, "three", "ENV=three is not known here -> use one of: account, one, two"),
    (rewrite_environment, "two", "two.yaml is not there -> make -s inventory ENV=two >"),
    (rewrite_module, "topic", "MODULE=topic is not known here -> use one of: queue"),
])  # fmt: skip
def test_what_is_not_there_is_said(work: object, name: str, message: str, repository: Path) -> None:
    with pytest.raises(HarnessError) as caught:
        work(name, repository)  # type: ignore[operator]
    assert message in str(caught.value)


def test_a_suggestion_leaves_out_what_the_module_decides(repository: Path) -> None:
    file_with(repository, "tests/modules/queue/cases.yaml", CASES)
    assert suggest_environment("one", repository) == (
        "counts:\n  aws_sqs_queue: 1\nresources:\n  module.queue[\"jobs\"].aws_sqs_queue.this:\n"
        "    name: $PREFIX-jobs-$SUFFIX\n    visibility_timeout_seconds: 60\n"
    )  # fmt: skip
    assert suggest_module("queue", repository).count("sqs_managed_sse_enabled: true") == 2


ASSERTING = """\
source: modules/m
accepts:
  one: {resources: {'x.a["k"]': {n: 1, k: 5, v: 1}, x.b: {n: 1}}}
  two: {resources: {'x.a["l"]': {n: 1, k: 6, v: 2}, x.b: {n: !from x.a.id}}}
"""


@pytest.mark.parametrize(
    ("address", "name", "value", "decides"),
    [
        ('module.m.x.a["k"]', "n", 1, False),
        ('module.m["i"].x.a["new"]', "n", 1, False),
        ("module.m.x.a", "n", 2, True),
        ('module.m.x.a["k"]', "k", 5, False),
        ('module.m.x.a["new"]', "k", 5, True),
        ("module.m.x.b", "n", 1, True),
        ("module.m.x.b", "other", 1, True),
        ("module.m.x.b", "other", Operator("from", "module.m.x.c.id"), False),
        ("module.m.x.b", "other", Operator("from", ["module.m.x.c.id", "module.n.x.id"]), True),
        ("module.other.x.a", "n", 1, True),
        ("x.a", "n", 1, True),
        ("module.m.x.b", "source_code_hash", "h", False),
        ("x.a", "source_code_hash", "h", False),
    ],
)
def test_what_the_environment_decides(address: str, name: str, value: object, decides: bool) -> None:
    cases = cases_of(ASSERTING, Path("m/cases.yaml"))
    assert decided_by_environment({"m": cases})(address, name, value) is decides


def test_a_module_without_validations_has_cases_that_it_takes_alone() -> None:
    assert cases_of(CASES, Path("queue/cases.yaml")).rejects == {}
    assert Cases() == Cases({}, {})


@pytest.mark.parametrize("text", ["source: modules/m\n", "source: modules/m\naccepts: {}\nrejects: {}\n"])
def test_a_file_without_a_case_is_refused(text: str) -> None:
    with pytest.raises(InventoryError, match="no case -> write one below accepts"):
        cases_of(text, Path("m/cases.yaml"))
