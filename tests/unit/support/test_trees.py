"""Copies for planning hold every service's facts, and need neither a service's nor an environment's name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.support.hcl import own_files
from tests.support.planning import Call, Plans, write_batch
from tests.support.trees import copy_tree, facts_below, inputs_only, roots

from harness.base.errors import ToolError
from harness.base.paths import REPO
from harness.facts import service_names
from harness.terraform.sandbox import lock_file

BLUEPRINT = "project: p\nprefix: pre\nregion: eu-west-1\nenvironments:\n  one: {}\n  two: {}\n"
VARIABLES = """
variable "size" {
  type = number
  validation {
    condition     = var.size < local.most
    error_message = "size must be below the most"
  }
}
"""
SHARED = {
    "variables.tf": VARIABLES,
    "names.tf": 'locals {\n  most  = 5\n  where = "data.  and module. are words here"\n}\n',
    "main.tf": 'locals {\n  other = 1\n}\nmodule "a" {\n  source = "../../modules/a"\n}\n',
    "versions.tf": "terraform {\n}\n",
    "wiring.tf": "locals {\n  id = data.aws_caller_identity.current.account_id\n}\n",
}


@pytest.fixture
def source(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree of two environments that share their files, and two services with the contract of the first of ours."""
    monkeypatch.setattr("harness.bundle.compiled.CACHE", tmp_path_factory.getbasetemp() / "contracts")
    tree = tmp_path / "source"
    for folder in ("envs/shared", "envs/one", "envs/two", "envs/account", "modules/a"):
        (tree / folder).mkdir(parents=True)
    for name, text in SHARED.items():
        (tree / "envs" / "shared" / name).write_text(text)
        for environment in ("one", "two"):
            (tree / "envs" / environment / name).symlink_to(Path("..", "shared", name))
    shutil.copy(lock_file(), tree / "envs" / "two")
    (tree / "envs" / "account" / "main.tf").write_text("import {\n  to = x\n}\n# rest\n")
    (tree / "blueprint.yaml").write_text(BLUEPRINT)
    for service in ("first", "second"):
        shutil.copytree(REPO / "lambda" / service_names()[0], tree / "lambda" / service)
    return tree


def test_every_service_has_facts_a_contract_and_a_package(source: Path, tmp_path: Path) -> None:
    copy_tree(source, tree := tmp_path / "tree")
    assert {str(file.relative_to(tree)) for file in facts_below(tree)} == {
        "blueprint.yaml",
        *(f"lambda/{name}/{fact}.yaml" for name in ("first", "second") for fact in ("service", "permissions")),
        *(f"build/bundle/{name}.{kind}" for name in ("first", "second") for kind in ("json", "sha256", "zip")),
    }
    assert json.loads((tree / "build/bundle/second.json").read_text())["paths"]
    assert not list(tree.glob("lambda/*/*.py"))


def test_two_copies_hold_the_same_packages(source: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    copy_tree(source, one)
    copy_tree(source, other)
    assert (one / "build/bundle/first.zip").read_bytes() == (other / "build/bundle/first.zip").read_bytes()
    assert (one / "build/bundle/first.zip").read_bytes() != (one / "build/bundle/second.zip").read_bytes()


def test_what_roots_share_is_one_text_in_the_copy_too(source: Path, tmp_path: Path) -> None:
    copy_tree(source, tree := tmp_path / "tree")
    (tree / "envs/shared/main.tf").write_text("# changed\n")
    assert (tree / "envs/two/main.tf").read_text() == "# changed\n"
    assert (source / "envs/two/main.tf").read_text() == SHARED["main.tf"]
    assert [file.name for file in own_files(tree / "envs/one")] == ["backend_override.tf"]
    assert (tree / "envs/account/main.tf").read_text() == "\n# rest\n"


def test_roots_are_the_accounts_and_the_listed_environments(source: Path) -> None:
    assert roots(source) == ("account", "one", "two")


def test_the_lock_file_is_that_of_whichever_root_has_one(source: Path) -> None:
    assert lock_file(source) == source / "envs/two/.terraform.lock.hcl"
    (source / "envs/two/.terraform.lock.hcl").unlink()
    with pytest.raises(ToolError, match=r"no root below envs/ has a \.terraform\.lock\.hcl"):
        lock_file(source)


@pytest.mark.parametrize(("root", "name"), [("envs/shared", "one"), ("envs/two", "two")])
def test_inputs_are_variables_versions_and_the_locals_they_need(
    root: str, name: str, source: Path, tmp_path: Path
) -> None:
    copy_tree(source, tree := tmp_path / "tree")
    cut = tree / inputs_only(tree, root)
    assert cut == tree / "inputs" / name
    assert {file.name for file in cut.iterdir()} == {"names.tf", "variables.tf", "versions.tf"}
    write_batch(tree, "rejected-x", [Call("x__y", root, {"size": 6})])
    batch = tree / "envs" / "rejected-x"
    source_of_the_call = json.loads((batch / "x__y.tf.json").read_text())["module"]["x__y"]["source"]
    assert (batch / source_of_the_call).resolve() == cut.resolve()


def test_what_validates_nothing_is_planned_without_a_plan(source: Path, tmp_path: Path) -> None:
    plans = Plans(tmp_path / "plans", source)
    try:
        assert plans.rejected("a", []).result() == []
        assert not (plans.sandbox / "envs/rejected-a").exists()
    finally:
        plans.close()
