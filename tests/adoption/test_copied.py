"""The task of copier makes its product beside what a team has, and brings that back."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

import pytest
import yaml
from tests.support.clone import clone_tree

import copied
from harness.base.paths import REPO
from harness.facts import read_blueprint, read_routes, service_names
from harness.scaffold.naming import singular

pytestmark = pytest.mark.example


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A product of a blueprint that has one environment and one service."""
    blueprint, product = tmp_path / "blueprint", tmp_path / "product"
    for place in ("envs/one/locals.tf", "lambda/example/handler.py", "tests/envs/one.yaml"):
        for root in (blueprint, product):
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).write_text("fresh")
    for place in ("lambda/ours/handler.py", "lambda/ours/own.py", "envs/one/own.tf"):
        (product / place).parent.mkdir(parents=True, exist_ok=True)
        (product / place).write_text("the team's")
    (product / "envs" / "one" / "link.tf").symlink_to("../gone/link.tf")
    monkeypatch.setattr(copied, "HERE", blueprint)
    monkeypatch.chdir(product)
    return product


def test_what_is_made_anew_stays_and_the_rest_comes_back(product: Path) -> None:
    with copied.aside():
        assert not Path("lambda/ours").exists()
        assert sorted(map(str, copied.files_below(Path("envs")))) == ["envs/one/locals.tf"]
        Path("lambda/ours").mkdir()
        Path("lambda/ours/handler.py").write_text("fresh")
    assert Path("lambda/ours/handler.py").read_text() == "fresh"
    assert Path("lambda/ours/own.py").read_text() == "the team's"
    assert Path("envs/one/own.tf").read_text() == "the team's"
    assert str(Path("envs/one/link.tf").readlink()) == "../gone/link.tf"


def test_all_comes_back_when_a_verb_refuses(product: Path) -> None:
    before = {str(file): file.lstat().st_ino for file in copied.files_below(product)}
    with pytest.raises(ValueError, match="refused"), copied.aside():
        raise ValueError("refused")
    assert {str(file) for file in copied.files_below(product)} == set(before)


def test_environments_are_listed_as_they_were_asked_for(product: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("blueprint.yaml").write_text("prefix: p\nenvironments:\n  one:\n    # kept\n    guarded: false\n  two: {}\n")
    asked: list[tuple[str, dict[str, str]]] = []

    def blueprint(verb: str, **options: str) -> None:
        asked.append((verb, options))
        if verb == "new":
            text = Path("blueprint.yaml").read_text()
            Path("blueprint.yaml").write_text(text + f"  {options['ENVIRONMENT']}: {{load: null}}\n")

    monkeypatch.setattr(copied, "blueprint", blueprint)
    copied.choose_environments(["one", "two"])
    assert asked == []
    copied.choose_environments(["one", "three", "two"])
    assert [options["FROM"] for _, options in asked if options.get("ENVIRONMENT") == "three" and "FROM" in options] == [
        copied.PASSING[1]
    ]
    assert Path("blueprint.yaml").read_text() == (
        "prefix: p\nenvironments:\n  one:\n    # kept\n    guarded: false\n  three: {load: null}\n  two: {}\n"
    )


@pytest.mark.parametrize(
    "wanted", ["test eu-prod", "prod dev", "prod", "dev eu-dev1 prod", "my-dev", "staging prod dev"]
)
def test_only_the_first_is_unguarded(wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = clone_tree(tmp_path / "product").root
    monkeypatch.chdir(root)
    copied.choose_environments(wanted.split())
    facts = read_blueprint(root)
    assert list(facts.environments) == wanted.split()
    assert [name for name, each in facts.environments.items() if not each.guarded] == wanted.split()[:1]
    assert {file.name for file in (root / "envs").iterdir() if (file / "locals.tf").is_file()} >= {*wanted.split()}
    left = [file for part in ("envs", "tests/envs") for file in (root / part).rglob("*") if file.is_file()]
    assert [file for file in left for name in copied.PASSING if name in file.read_text() or name in str(file)] == []


@pytest.mark.parametrize("source", ["../blueprint", ".", "blueprint"])
def test_a_relative_source_is_refused(source: str) -> None:
    with pytest.raises(SystemExit, match="relative path"):
        copied.refuse_relative(source)


@pytest.mark.parametrize("source", ["https://example.com/b.git", "git@example.com:b.git", "gh:o/b", "/srv/b", "~/b"])
def test_an_update_finds_other_sources(source: str) -> None:
    copied.refuse_relative(source)


def test_copier_refuses_every_name_that_the_verb_refuses() -> None:
    (taken,) = re.findall(
        r"set taken = '([^']*)'", yaml.safe_load((REPO / "copier.yml").read_text())["service"]["validator"]
    )
    words = {*sys.stdlib_module_names, *keyword.kwlist}
    assert {word for word in words if re.fullmatch("[a-z][a-z0-9_]*", word)} - {*taken.split()} == set()
    for name in service_names():
        paths = {route.split("/")[1] for route in read_routes(name)}
        assert {*paths, *map(singular, paths)} - {*taken.split()} == set()
