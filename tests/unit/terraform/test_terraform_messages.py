"""Terraform's errors keep their lines; what has one known meaning becomes one line that says what to do."""

import ast
import os
import shutil
from pathlib import Path

import pytest

from harness.base import refusals
from harness.base.errors import ToolError
from harness.base.paths import REPO
from harness.fastlane.command import PlanRejected, run
from harness.terraform.binary import find_terraform
from harness.terraform.runner import Runner, diagnose

ROOT = REPO / "elsewhere"
LOCKED = """
╷
│ Error: Error acquiring the state lock
│
│ Error message: operation error S3: PutObject, https response error StatusCode: 412
│ Lock Info:
│   ID:        5c1a
│   Path:      bucket/dev/dev/terraform.tfstate
│   Operation: OperationTypeApply
│   Who:       alice@laptop
│   Version:   1.11.4
│   Created:   2026-11-23 20:00:00 +0000 UTC
╵
"""


def test_a_lock_names_its_holder() -> None:
    tried, remedy = diagnose("apply", LOCKED, ROOT)
    assert tried == (
        "the state is locked, held by alice@laptop since 2026-11-23 20:00:00 +0000 UTC (OperationTypeApply)"
    )
    assert "stuck-lock.md" in remedy


def test_a_stale_plan_says_to_plan_again() -> None:
    assert diagnose("apply", "╷\n│ Error: Saved plan is stale\n│ ...\n╵", ROOT) == (
        "the saved plan is stale: the state changed since it was made",
        "run make plan again",
    )


def test_a_lock_that_nobody_can_read_is_named_as_a_lock() -> None:
    """As Terraform 1.11 prints it when the object beside the state is empty or torn."""
    printed = """
Error: Error acquiring the state lock

Error message: operation error S3: PutObject, https response error
StatusCode: 412, RequestID: 874a, HostID: 35VJ, api error
PreconditionFailed: At least one of the pre-conditions you specified did not
hold
failed to unmarshal JSON data into LockInfo struct: unexpected end of JSON
input

Terraform acquires a state lock to protect the state from being written
by multiple users at the same time. Please resolve the issue above and try
again. For most commands, you can disable locking with the "-lock=false"
flag, but this is not recommended.
"""
    tried, remedy = diagnose("plan", printed, ROOT)
    assert tried == "the state is locked, and its lock is empty or torn: nobody can tell who holds it"
    assert "docs/runbooks/stuck-lock.md" in remedy
    broken = printed.replace("\nLockInfo", " LockInfo").replace("412", "403").split("failed to unmarshal")[0]
    assert diagnose("plan", broken, ROOT)[0].startswith("terraform plan failed: Error acquiring the state lock\n")


@pytest.mark.parametrize(
    ("content", "tried"),
    [
        ("hello", "the state is damaged"),
        ('{"version": 4, "serial": 1, "resources": [1]}', "the state is damaged"),
        ('{"version": 5, "terraform_version": "9.0.0"}', "another Terraform wrote the state"),
    ],
)
def test_a_state_that_terraform_cannot_read_is_named(tmp_path: Path, content: str, tried: str) -> None:
    (tmp_path / "main.tf").write_text("")
    (tmp_path / "kept.json").write_text(content)
    error = planned(tmp_path, TF_CLI_ARGS_plan="-state=kept.json")
    assert error.tried == tried
    assert "make restore WHAT=state" in error.remedy


RATE = """\
variable "rate" {
  type    = number
  default = 500
  validation {
    condition     = var.rate < 100
    error_message = "rate is 500, but an account serves at most 100 requests per second here: choose a lower one."
  }
}
"""
REFUSED = {
    "reference": (
        'output "x" {\n  value = terraform_data.gone.id\n}\n',
        """\
Reference to undeclared resource
  on main.tf line 2, in output "x":
   2:   value = terraform_data.gone.id
A managed resource "terraform_data" "gone" has not been declared in the root module.
""",
        "main.tf line 2",
    ),
    "validation": (
        RATE,
        """\
Invalid value for variable
  on main.tf line 1:
   1: variable "rate" {
    ├────────────────
    │ var.rate is 500
rate is 500, but an account serves at most 100 requests per second here: choose a lower one.
This was checked by the validation rule at main.tf:4,3-13.
""",
        "the value that it names",
    ),
    "two": (
        'output "x" {\n  value = terraform_data.gone.id\n}\noutput "y" {\n  value = var.gone\n}\n',
        """\
2 errors
Reference to undeclared resource
    on main.tf line 2, in output "x":
     2:   value = terraform_data.gone.id
  A managed resource "terraform_data" "gone" has not been declared in the root module.
Reference to undeclared input variable
    on main.tf line 5, in output "y":
     5:   value = var.gone
  An input variable with the name "gone" has not been declared. This variable can be declared with a variable \
"gone" {} block.
""",
        "main.tf line 2, main.tf line 5",
    ),
    "missing": (
        'variable "must" {\n  type = string\n}\n',
        """\
No value for required variable
  on main.tf line 1:
   1: variable "must" {
The root module input variable "must" is not set, and has no default value. Use a -var or -var-file command line \
argument to provide a value for this variable.
""",
        "main.tf line 1",
    ),
}


def planned(root: Path, **env: str) -> ToolError:
    """Plan a root with the stock CLI, as operators do, and return the refusal."""
    runner = Runner(find_terraform(), root, {"CHECKPOINT_DISABLE": "1", "TF_DATA_DIR": str(root / "data"), **env})
    with pytest.raises(ToolError) as error:
        runner.plan(root / "plan.bin", {})
    return error.value


@pytest.mark.parametrize("kind", REFUSED)
def test_the_errors_of_terraform_keep_their_lines(tmp_path: Path, kind: str) -> None:
    source, said, where = REFUSED[kind]
    (tmp_path / "main.tf").write_text(source)
    error = planned(tmp_path)
    assert error.tried == f"terraform plan failed: {said.rstrip()}"
    assert error.remedy == f"correct {where}, then run the same command again"
    first, *others = error.printed.splitlines()
    assert first == f"error: terraform plan failed: {said.splitlines()[0]}"
    assert all(line.startswith("  ") for line in others)
    assert others[-1] == f"  -> {error.remedy}"


@pytest.mark.parametrize("kind", REFUSED)
def test_on_the_fast_lane_they_do_too(tmp_path: Path, kind: str) -> None:
    source, said, _ = REFUSED[kind]
    (tmp_path / "main.tf").write_text(source)
    command = ["plan", "-no-color", "-input=false", "-lock=false"]
    with pytest.raises(PlanRejected) as error:
        run(str(find_terraform()), command, tmp_path, {**os.environ, "TF_DATA_DIR": str(tmp_path / "data")})
    assert error.value.tried == f"terraform plan refused the configuration: {said.rstrip()}"
    assert "\n" not in error.value.diagnostics
    assert " ".join(said.splitlines()[1 if kind == "two" else 0].split()) in error.value.diagnostics


MODULE = """\
variable "size" {
  type = number
  validation {
    condition     = var.size > 3
    error_message = "size is ${var.size}, and 4 is the least."
  }
}
"""
SHARED = """\
module "thing" {
  source   = "../../modules/thing"
  for_each = local.things
  size     = each.value.size
}
output "keys" {
  value = 1
  precondition {
    condition     = length(setsubtract(keys(local.things), ["a"])) == 0
    error_message = "locals.tf has values for things that nobody declares."
  }
}
"""
VALUES = "locals {\n  things = { a = { size = 4 } }\n}\n"
IN_VALUES = "the value that it names in envs/calm/locals.tf"
# file, what stands there, what is written instead; the place that is told, what to correct
MISTAKES = [
    ("envs/calm/locals.tf", "size = 4", "size = 1", "on envs/shared/main.tf line 4, in module", IN_VALUES),
    ("envs/calm/locals.tf", "size = 4", "sizes = 4", "on envs/shared/main.tf line 4, in module", IN_VALUES),
    ("envs/calm/locals.tf", "a = {", "b = {", "on envs/shared/main.tf line 9, in output", IN_VALUES),
    ("envs/calm/locals.tf", "= {", "= local.gone + {", "on envs/calm/locals.tf line 2", "envs/calm/locals.tf line 2"),
    ("envs/shared/main.tf", "= local.t", "= local.x", "on envs/shared/main.tf line 3", "envs/shared/main.tf line 3"),
    ("envs/shared/main.tf", "value = 1", "value = ", "on envs/shared/main.tf line 7", "envs/shared/main.tf line 7"),
    ("modules/thing/main.tf", "> 3", "> var.y", "on modules/thing/main.tf line 4", "modules/thing/main.tf line 4"),
]


@pytest.mark.parametrize("copied", [False, True])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_refusal_names_files_of_the_repository_and_what_to_correct(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: tuple[str, ...], copied: bool
) -> None:
    file, old, new, place, wrong = mistake
    tree = tmp_path / "repo"
    for name, text in {
        "envs/calm/locals.tf": VALUES,
        "envs/shared/main.tf": SHARED,
        "modules/thing/main.tf": MODULE,
    }.items():
        (tree / name).parent.mkdir(parents=True)
        assert old in text or name != file
        (tree / name).write_text(text.replace(old, new, 1) if name == file else text)
    (tree / "envs/calm/main.tf").symlink_to("../shared/main.tf")
    monkeypatch.setattr(refusals, "REPO", tree)
    if copied:  # as plans without AWS are made: with files in place of links
        shutil.copytree(tree, tmp_path / "copy")
    root = (tmp_path / "copy" if copied else tree) / "envs/calm"
    env = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_DATA_DIR": str(tmp_path / "data")}
    with pytest.raises(PlanRejected) as error:
        run(str(find_terraform()), ["init", "-no-color", "-input=false"], root, env)
        run(str(find_terraform()), ["plan", "-no-color", "-input=false"], root, env)
    assert place in error.value.tried
    assert error.value.remedy == f"correct {wrong}, then run the same command again"
    assert "errors\n" not in error.value.tried, "what init says before it is no error of its own"


def test_a_foreign_account_is_a_value_of_the_roots_variables_file(tmp_path: Path) -> None:
    printed = (
        '╷\n│ Error: AWS account ID not allowed: 123456789012\n│ \n│   with provider["x/hashicorp/aws"],\n'
        '│   on providers.tf line 3, in provider "aws":\n│    3: provider "aws" {\n│ \n╵\n'
    )
    correction = "correct allowed_account_ids in envs/calm/aws.tfvars, then run the same command again"
    assert refusals.remedy(printed, tmp_path / "envs" / "calm") == correction


def test_what_cannot_be_told_apart_leaves_the_error_that_there_is() -> None:
    text = "\nError: old words\n\nThe Terraform configuration must be valid before initialization so that\n"
    assert diagnose("init", text, ROOT)[0].startswith("terraform init failed: old words\n")


def test_boxes_are_read_as_plain_text_is() -> None:
    """With a terminal, and in what somebody pastes."""
    text = "╷\n│ Warning: old\n│ \n│ words\n╵\n╷\n│ Error: first\n│ \n│   on main.tf line 3\n╵\n"
    text += "more\n╷\n│ Error: second\n╵\n"
    assert diagnose("plan", text, ROOT)[0] == "terraform plan failed: 2 errors\nfirst\n    on main.tf line 3\nsecond"


def test_of_many_errors_the_rest_is_counted() -> None:
    text = "".join(f"\nError: number {number}\n" for number in range(13))
    lines = diagnose("plan", text, ROOT)[0].splitlines()
    assert (lines[0], lines[10], lines[11:]) == ("terraform plan failed: 13 errors", "number 9", ["and 3 more"])


def test_an_apply_says_what_became_of_the_rest() -> None:
    text = "\nError: creating table: AccessDenied\n\n  with aws_dynamodb_table.this,\n  on main.tf line 1\n"
    tried, remedy = diagnose("apply", text, ROOT)
    assert tried.splitlines()[1] == "  with aws_dynamodb_table.this,"
    assert "make plan and make apply again" in remedy


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_silence_is_said(text: str) -> None:
    assert diagnose("plan", text, ROOT)[0] == "terraform plan failed: it printed nothing"


def test_python_terraform_is_imported_in_one_place() -> None:
    """The other fences (checkov, boto3, tftest) are contracts of import-linter or lie outside Python's imports."""
    importers = [path for path in (REPO / "scripts").rglob("*.py") if "python_terraform" in imported(path)]
    assert importers == [REPO / "scripts" / "harness" / "terraform" / "runner.py"]


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
