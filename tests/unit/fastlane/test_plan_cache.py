"""The key of a kept plan is another one as soon as anything changes that the plan is made from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.lanes import topic, write_root

from harness.fastlane.plan_cache import fingerprint, input_files

MAIN = (
    topic("cached")
    + """
variable "owner" {
  type    = string
  default = "nobody"
}
module "outer" { source = "../modules/outer" }
output "contract" { value = module.outer.h }
locals { contract = file("${path.root}/../lambda/openapi.yaml") }
"""
)
INNER = 'output "hash" { value = filesha256("${path.module}/../../build/service.zip") }'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a module in a module, a contract and a zip elsewhere in the tree."""
    for file, text in {
        "modules/outer/main.tf": 'module "inner" { source = "../inner" }\noutput "h" { value = module.inner.hash }',
        "modules/inner/main.tf": INNER,
        "lambda/openapi.yaml": "openapi: 3.0.0",
        "build/service.zip": "PK",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    return write_root(tmp_path / "root", MAIN)


def edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    def change(tree: Path) -> None:
        text = (tree / name).read_text()
        assert old in text
        (tree / name).write_text(text.replace(old, new))

    return change


def key(root: Path, facts: object = None) -> str:
    return fingerprint(root, input_files(root), facts)


def test_nothing_changed(root: Path) -> None:
    assert key(root) == key(root)


@pytest.mark.parametrize(
    "change",
    [
        edit("root/main.tf", '"cached"', '"edited"'),
        edit("modules/outer/main.tf", '"h"', '"edited"'),
        edit("modules/inner/main.tf", "filesha256", "filesha1"),
        edit("lambda/openapi.yaml", "3.0.0", "3.0.1"),
        edit("build/service.zip", "PK", "KP"),
        edit("root/.terraform.lock.hcl", "h1:", "h1:x"),
        lambda tree: (tree / "root" / "more.auto.tfvars").write_text('owner = "somebody"'),
        lambda tree: (tree / "modules" / "inner" / "more.tf").write_text('output "more" { value = 1 }'),
        lambda tree: (tree / "lambda" / "openapi.yaml").rename(tree / "lambda" / "gone"),
    ],
    ids=["root", "module", "module's module", "contract", "zip", "lock", "tfvars", "new file", "gone"],
)
def test_an_edit_anywhere_makes_another_key(root: Path, tmp_path: Path, change: Callable[[Path], object]) -> None:
    before = key(root)
    change(tmp_path)
    assert key(root) != before


def test_facts_are_part_of_the_key(root: Path) -> None:
    assert len({key(root), key(root, ["dev"]), key(root, [{"owner": "somebody"}])}) == 3


def test_an_edit_elsewhere_leaves_the_key_as_it_is(root: Path, tmp_path: Path) -> None:
    before = key(root)
    (tmp_path / "modules" / "other").mkdir()
    (tmp_path / "modules" / "other" / "main.tf").write_text('output "x" { value = 1 }')
    assert key(root) == before


def test_every_file_of_the_tree_is_found(root: Path, tmp_path: Path) -> None:
    (root / ".terraform" / "modules").mkdir(parents=True)
    (root / ".terraform" / "modules" / "modules.json").write_text("{}")

    assert {str(file.relative_to(tmp_path)) for file in input_files(root)} == {
        "root/main.tf",
        "root/.terraform.lock.hcl",
        "modules/outer/main.tf",
        "modules/inner/main.tf",
        "lambda/openapi.yaml",
        "build/service.zip",
    }
