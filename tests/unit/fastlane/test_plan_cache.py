"""A cached plan is given only when nothing that it was made from has changed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.lanes import Tools, topic, write_root

from harness.fastlane.command import PlanRejected
from harness.fastlane.lane import Lane
from harness.fastlane.plan_cache import cached_plan, input_files

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
INNER = 'output "hash" { value = filesha256("${path.module}/../../build/items.zip") }'


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The root of every plan that is really made."""
    plan, roots = Lane.plan, list[Path]()

    def counted(self: Lane, root: Path, **options: object) -> bytes:
        roots.append(root)
        return plan(self, root, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Lane, "plan", counted)
    return roots


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a module in a module, a contract and a zip elsewhere in the tree."""
    for file, text in {
        "modules/outer/main.tf": 'module "inner" { source = "../inner" }\noutput "h" { value = module.inner.hash }',
        "modules/inner/main.tf": INNER,
        "lambda/openapi.yaml": "openapi: 3.0.0",
        "build/items.zip": "PK",
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


def test_nothing_changed(lane: Lane, root: Path, tmp_path: Path, made: list[Path]) -> None:
    first = cached_plan(lane, root, tmp_path / "cache")

    assert cached_plan(lane, root, tmp_path / "cache") == first
    assert made == [root]


@pytest.mark.parametrize(
    "change",
    [
        edit("root/main.tf", '"cached"', '"edited"'),
        edit("modules/outer/main.tf", '"h"', '"edited"'),
        edit("modules/inner/main.tf", "filesha256", "filesha1"),
        edit("lambda/openapi.yaml", "3.0.0", "3.0.1"),
        edit("build/items.zip", "PK", "KP"),
        edit("root/.terraform.lock.hcl", "h1:", "h1:x"),
        lambda tree: (tree / "root" / "more.auto.tfvars").write_text('owner = "somebody"'),
        lambda tree: (tree / "modules" / "inner" / "more.tf").write_text('output "more" { value = 1 }'),
        lambda tree: (tree / "extra" / "file").write_text("other"),
        lambda tree: (tree / "lambda" / "openapi.yaml").rename(tree / "lambda" / "gone"),
    ],
    ids=["root", "module", "module's module", "contract", "zip", "lock", "tfvars", "new file", "extra", "gone"],
)
def test_an_edit_anywhere_makes_a_new_plan(
    lane: Lane, root: Path, tmp_path: Path, made: list[Path], change: Callable[[Path], object]
) -> None:
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "file").write_text("one")
    cached_plan(lane, root, tmp_path / "cache", extra=[extra])

    change(tmp_path)

    with contextlib.suppress(PlanRejected):  # a file that is gone
        cached_plan(lane, root, tmp_path / "cache", extra=[extra])
    assert made == [root, root]


def test_an_edit_of_a_module_is_seen_in_the_plan(lane: Lane, root: Path, tmp_path: Path) -> None:
    def output() -> object:
        return json.loads(cached_plan(lane, root, tmp_path / "cache"))["planned_values"]["outputs"]["contract"]["value"]

    before = output()
    edit("modules/inner/main.tf", "filesha256", "filesha1")(tmp_path)

    assert len(str(before)) == 64 and len(str(output())) == 40


def test_variables_and_environment_are_part_of_the_key(
    tools: Tools, lane: Lane, root: Path, tmp_path: Path, made: list[Path]
) -> None:
    cached_plan(lane, root, tmp_path / "cache")
    cached_plan(lane, root, tmp_path / "cache", variables={"owner": "somebody"})
    with tools.lane(AWS_REGION="us-east-1") as elsewhere:
        cached_plan(elsewhere, root, tmp_path / "cache")
    assert len(made) == 3

    with tools.lane(AWS_ENDPOINT_URL="http://127.0.0.1:9") as other_port:
        cached_plan(other_port, root, tmp_path / "cache")
    assert len(made) == 3


def test_a_torn_file_is_not_believed(lane: Lane, root: Path, tmp_path: Path, made: list[Path]) -> None:
    cached_plan(lane, root, tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    cached_plan(lane, root, tmp_path / "cache")

    assert made == [root, root]


def test_a_refused_plan_is_refused_again(lane: Lane, root: Path, tmp_path: Path) -> None:
    (root / "wrong.tf").write_text('resource "aws_sns_topic" "wrong" { nonsense = 1 }')
    for _ in range(2):
        with pytest.raises(PlanRejected, match="nonsense"):
            cached_plan(lane, root, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("expression", ["plantimestamp()", "path.cwd", 'abspath("x")'])
def test_what_depends_on_moment_or_place_is_not_kept(
    lane: Lane, root: Path, tmp_path: Path, made: list[Path], expression: str
) -> None:
    (root / "fickle.tf").write_text(f'output "fickle" {{ value = {expression} }}')
    for _ in range(2):
        cached_plan(lane, root, tmp_path / "cache")

    assert made == [root, root]


def test_an_edit_while_the_plan_is_made_is_not_kept(
    lane: Lane, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Lane.plan

    def edited_meanwhile(self: Lane, root: Path, **options: object) -> bytes:
        made = plan(self, root, **options)  # type: ignore[arg-type]
        edit("root/main.tf", '"cached"', '"edited"')(tmp_path)
        return made

    monkeypatch.setattr(Lane, "plan", edited_meanwhile)
    cached_plan(lane, root, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_every_file_of_the_tree_is_found(root: Path, tmp_path: Path) -> None:
    (root / ".terraform" / "modules").mkdir(parents=True)
    (root / ".terraform" / "modules" / "modules.json").write_text("{}")

    assert {str(file.relative_to(tmp_path)) for file in input_files(root)} == {
        "root/main.tf",
        "root/.terraform.lock.hcl",
        "modules/outer/main.tf",
        "modules/inner/main.tf",
        "lambda/openapi.yaml",
        "build/items.zip",
    }
