"""What ``blueprint.yaml`` and ``lambda/`` promise is there: every environment and every service has all its files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.base.paths import ACCOUNT, PARITY, REPO, SHARED
from harness.bundle.service_files import REQUIRED, missing_files
from harness.facts import read_blueprint, service_names

ROOT_FILES = (".terraform.lock.hcl", "aws.tfvars", "backend.hcl", "locals.tf", "main.tf")


def lacking(tree: Path) -> list[str]:
    """List files that an environment should have and has not."""
    blueprint = read_blueprint(tree)
    wanted = [f"tests/envs/{name}.yaml" for name in blueprint.environments]
    for name in blueprint.environments:
        declared = (PARITY,) if blueprint.compared_with(name) else ()
        wanted += [f"envs/{name}/{file}" for file in (*ROOT_FILES, *declared)]
    return sorted(file for file in wanted if not (tree / file).is_file())


def unlisted(tree: Path) -> list[str]:
    """List folders below ``envs/`` that are no environment of the blueprint, but for the two of another use."""
    known = {*read_blueprint(tree).environments, ACCOUNT, SHARED}
    return sorted(folder.name for folder in (tree / "envs").iterdir() if folder.is_dir() and folder.name not in known)


def incomplete(tree: Path) -> dict[str, tuple[str, ...]]:
    """Return what each service lacks, by its name."""
    lacks = {name: missing_files(name, tree) for name in service_names(tree)}
    return {name: files for name, files in lacks.items() if files}


def test_every_environment_has_all_its_files() -> None:
    assert lacking(REPO) == [], "write what is missing as another environment has it"


def test_every_folder_is_an_environment_that_is_listed() -> None:
    assert unlisted(REPO) == [], "list it in blueprint.yaml (what it leaves out is the strictest choice), or delete it"


def test_every_service_has_all_its_files() -> None:
    assert incomplete(REPO) == {}, "write what is missing as another service has it"
    assert service_names()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what is looked at, to break."""
    shutil.copy(REPO / "blueprint.yaml", tmp_path)
    for folder in ("envs", "lambda", "tests/envs"):
        shutil.copytree(
            REPO / folder,
            tmp_path / folder,
            symlinks=True,
            ignore=shutil.ignore_patterns("__pycache__", ".terraform"),
        )
    return tmp_path


def test_all_that_a_new_environment_lacks_is_told_at_once(tree: Path) -> None:
    blueprint = tree / "blueprint.yaml"
    blueprint.write_text(blueprint.read_text() + "  zz-new: {}\n")
    files = [f"envs/zz-new/{file}" for file in (*ROOT_FILES, PARITY)]
    assert lacking(tree) == sorted([*files, "tests/envs/zz-new.yaml"])


@pytest.mark.parametrize("file", ROOT_FILES)
def test_a_file_that_went_is_told_and_so_is_a_link_that_leads_nowhere(tree: Path, file: str) -> None:
    first = next(iter(read_blueprint(tree).environments))
    (tree / "envs" / first / file).unlink()
    assert lacking(tree) == [f"envs/{first}/{file}"]
    (tree / "envs" / first / file).symlink_to("../shared/gone")
    assert lacking(tree) == [f"envs/{first}/{file}"]


def test_the_first_environment_is_compared_with_none_and_needs_no_declarations(tree: Path) -> None:
    _first, *others = read_blueprint(tree).environments
    for name in others:
        (tree / "envs" / name / PARITY).unlink()
    assert lacking(tree) == [f"envs/{name}/{PARITY}" for name in sorted(others)]


def test_a_folder_that_is_not_listed_is_told(tree: Path) -> None:
    shutil.copytree(tree / "envs" / next(iter(read_blueprint(tree).environments)), tree / "envs" / "zz-copy")
    (tree / "envs" / SHARED).mkdir(exist_ok=True)
    assert unlisted(tree) == ["zz-copy"]


@pytest.mark.parametrize("file", REQUIRED)
def test_a_file_that_a_service_lost_is_told(tree: Path, file: str) -> None:
    first = service_names(tree)[0]
    (tree / "lambda" / first / file).unlink()
    assert incomplete(tree) == {first: (file,)}


def test_a_service_whose_handler_went_is_told(tree: Path) -> None:
    first = service_names(tree)[0]
    for path in (tree / "lambda" / first).glob("*.py"):
        path.unlink()
    ((lacks,),) = incomplete(tree).values()
    assert "(handler: " in lacks
