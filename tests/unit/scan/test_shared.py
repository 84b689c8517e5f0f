"""A file that roots link is scanned in each of them and reported once, where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.base.process import run
from harness.scan.launch import Scanned, Scanner
from harness.scan.locate import Locator
from harness.scan.plans import copy_tree

ROOTS = ("one", "two")
TOPIC = '# first line\nresource "aws_sns_topic" "open" {\n  name = "x"\n}\n'
# Put together here, so that the repository holds none.
SECRET = f'locals {{\n  password = "{"Tr0ub4dor" + "&3xyz"}"\n}}\n'


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two roots that link what stands in envs/shared, below git."""
    tree = tmp_path_factory.mktemp("tree")
    for folder in ("envs/shared", "modules", "lambda/orders", "build/bundle", *(f"envs/{name}" for name in ROOTS)):
        (tree / folder).mkdir(parents=True)
    for name, text in {
        "envs/shared/topic.tf": TOPIC,
        "envs/shared/secret.tf": SECRET,
        "blueprint.yaml": "",
        "lambda/orders/service.yaml": "",
        "build/bundle/orders.zip": "",
        "build/bundle/orders.sha256": "",
        "build/bundle/orders.json": "",
    }.items():
        (tree / name).write_text(text)
    for name in ROOTS:
        for file in ("topic.tf", "secret.tf"):
            (tree / "envs" / name / file).symlink_to(Path("..") / "shared" / file)
    run(["git", "init", "--quiet"], cwd=tree)
    return tree


@pytest.fixture(scope="module")
def scanned(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    scratch = tmp_path_factory.mktemp("scratch")
    copy_tree(tree, scratch)
    with Scanner() as scanner:
        return scanner.scan({}, scratch, tree=tree, suffixes={})


def test_the_copy_has_roots_of_their_own_and_no_other(tree: Path, tmp_path: Path) -> None:
    copy_tree(tree, tmp_path / "copy")
    files = {path for path in (tmp_path / "copy" / "envs").rglob("*") if path.is_file()}
    assert {str(path.relative_to(tmp_path / "copy" / "envs")) for path in files} == {
        f"{name}/{file}" for name in ROOTS for file in ("topic.tf", "secret.tf")
    }
    assert not any(path.is_symlink() for path in files)
    assert (tmp_path / "copy" / "envs" / "one" / "topic.tf").read_text().startswith("\nresource")


def test_a_finding_in_the_code_is_reported_once_where_the_text_stands(scanned: Scanned) -> None:
    found = [(one.file, one.line) for one in scanned.findings if one.check == "CKV_AWS_26"]
    assert found == [("envs/shared/topic.tf", 2)]


def test_every_root_was_looked_at(scanned: Scanned) -> None:
    assert scanned.evaluated["CKV_AWS_26"] == len(ROOTS)


def test_a_secret_is_reported_once_where_the_text_stands(scanned: Scanned) -> None:
    found = [(one.file, one.line) for one in scanned.findings if one.check == "SECRET_KEYWORD"]
    assert found == [("envs/shared/secret.tf", 2)]


@pytest.mark.parametrize("root", ROOTS)
def test_a_plans_address_is_found_where_the_text_stands(tree: Path, root: str) -> None:
    place = Locator(tree).find(root, "aws_sns_topic.open", "name")
    assert (place.file, place.line) == ("envs/shared/topic.tf", 3)
