"""Offline plans are kept until anything that they are made from has changed, and only whole ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.scan import kept

PLAN = (Path(__file__).parents[1] / "plan" / "recorded" / "first.json").read_bytes()


class Tree:
    """A repository with two environments and a module, and a count of the plans made of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.cache = folder / "tree", folder / "cache"
        self.made: list[tuple[str, ...]] = []
        for name in ("calm", "live"):
            self.write(f"envs/{name}/main.tf", 'module "m" {\n  source = "../../modules/m"\n}\n')
            self.write(f"envs/{name}/locals.tf", f"# {name}\n")
        self.write("modules/m/main.tf", '# contract: "${path.module}/../../build/bundle/x.json"\n')
        self.write("build/bundle/x.json", "{}")
        self.write("blueprint.yaml", "project: x\n")
        self.write("lambda/x/service.yaml", "a: 1\n")

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def plans(self, tree: Path, names: tuple[str, ...], *, made_up_key: bool) -> dict[str, bytes]:
        assert not made_up_key
        self.made.append(names)
        return dict.fromkeys(names, PLAN)


@pytest.fixture
def tree(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tree:
    made = Tree(tmp_path)
    monkeypatch.setattr(kept, "REPO", made.folder)
    monkeypatch.setattr(kept, "CACHE", made.cache)
    monkeypatch.setattr(kept, "copy_tree", lambda source, copy: None)
    monkeypatch.setattr(kept, "make_plans", made.plans)
    monkeypatch.setattr(kept, "find_terraform", lambda: Path("terraform"))
    return made


def test_a_plan_is_made_once(tree: Tree) -> None:
    first = kept.kept_plans(("calm", "live"))
    second = kept.kept_plans(("live", "calm"))
    assert tree.made == [("calm", "live")]
    assert first["live"].resources.keys() == second["live"].resources.keys()
    assert {path.stat().st_mode & 0o777 for path in (tree.cache / "offline").iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("path", "again"),
    [
        ("envs/live/locals.tf", ("live",)),
        ("envs/live/more.tf", ("live",)),
        ("modules/m/main.tf", ("calm", "live")),
        ("build/bundle/x.json", ("calm", "live")),
        ("blueprint.yaml", ("calm", "live")),
        (".terraform-version", ("calm", "live")),
        ("lambda/x/service.yaml", ("calm", "live")),
        ("modules/texts/x.txt", ("calm", "live")),
        ("envs/live/texts/y", ("live",)),
    ],
)
def test_an_edit_makes_those_anew_that_read_it(tree: Tree, path: str, again: tuple[str, ...]) -> None:
    kept.kept_plans(("calm", "live"))
    tree.write(path, "# edited\n")
    kept.kept_plans(("calm", "live"))
    assert tree.made[1:] == [again]


@pytest.mark.parametrize("variable", ["TF_VAR_owner", "TF_CLI_ARGS_plan", "TF_WORKSPACE"])
def test_a_variable_of_the_shell_counts(tree: Tree, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    kept.kept_plans(("calm",))
    monkeypatch.setenv(variable, "me")
    kept.kept_plans(("calm",))
    assert tree.made == [("calm",), ("calm",)]


def test_another_terraform_in_the_same_place_counts(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.write("terraform", "one")
    monkeypatch.setattr(kept, "find_terraform", lambda: tree.folder / "terraform")
    kept.kept_plans(("calm",))
    tree.write("terraform", "another")
    kept.kept_plans(("calm",))
    assert tree.made == [("calm",), ("calm",)]


@pytest.mark.parametrize("name", ["scan/plans.py", "terraform/sandbox.py", "fastlane/lane.py", "aws/offline.py"])
def test_an_edit_of_what_makes_the_plans_counts(tree: Tree, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    shutil.copytree(kept.HARNESS, tree.folder / "harness", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(kept, "HARNESS", tree.folder / "harness")
    kept.kept_plans(("calm",))
    tree.write(f"harness/{name}", "# edited\n")
    kept.kept_plans(("calm",))
    assert tree.made == [("calm",), ("calm",)]


def test_a_folder_in_its_place_is_replaced(tree: Tree) -> None:
    (tree.cache / "offline" / "calm.json" / "x").mkdir(parents=True)
    kept.kept_plans(("calm",))
    kept.kept_plans(("calm",))
    assert tree.made == [("calm",)]


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"half"])
def test_a_damaged_one_is_made_anew(tree: Tree, damage: bytes) -> None:
    kept.kept_plans(("calm",))
    file = tree.cache / "offline" / "calm.json"
    file.write_bytes(damage or file.read_bytes()[:-20])
    kept.kept_plans(("calm",))
    assert tree.made == [("calm",), ("calm",)]
