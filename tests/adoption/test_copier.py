"""copier makes a product of the blueprint by its questions, and brings a later version into it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.adoption.walking import commit, git
from tests.support.clone import Clone, clone_tree
from tests.support.pages import edited, snapshot

from harness.base.paths import BUILD, REPO
from harness.base.toolset import install_pins
from harness.facts import read_blueprint, service_names

VENV = BUILD / "venv-copier"
ANSWERS = {
    "project": "web.shop",
    "prefix": "shop",
    "region": "eu-central-1",
    "owner": "Team of the shop",
    "environments": "test staging live",
    "service": "orders",
}
# copier takes some 10 ms a file, and four times each for an update: what no product's plan reads is left out here.
LEFT_OUT = ("docs/adr", "docs/runbooks", "tests/local", "tests/unit", "tests/versions")
NOT_A_PRODUCTS = (
    "copier.yml",
    "requirements/copier.in",
    "requirements/copier.txt",
    "scripts/copied.py",
    "tests/adoption",
)
CONFLICT = re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE)

pytestmark = pytest.mark.example


def copier(*words: str | Path, answers: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run copier, which answers what is left open with defaults."""
    given = [part for name, value in answers.items() for part in ("--data", f"{name}={value}")]
    # A shell may have names of our options for purposes of its own.
    environment = {
        **os.environ,
        "ENVIRONMENT": "theirs",
        "PREFIX": "/usr",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "HOME": str(cwd),
    }
    command = [VENV / "bin" / "copier", words[0], "--trust", "--defaults", "--quiet", *given, *words[1:]]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def put(file: Path, change: str) -> None:
    """Change a file, as a page's block does."""
    file.write_text(edited(file.read_text(), change))


@pytest.fixture(scope="session")
def blueprint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the tree under test, tagged."""
    install_pins(VENV, REPO / "requirements" / "copier.txt")
    root = clone_tree(tmp_path_factory.mktemp("copied") / "blueprint").root
    for folder in LEFT_OUT:
        shutil.rmtree(root / folder)
    commit(root, "The blueprint")
    git(root, "tag", "v1.0.0")
    return root


@pytest.fixture(scope="session")
def product(blueprint: Path) -> Path:
    """A product that was asked for everything, committed."""
    made = copier("copy", blueprint, "shop", answers=ANSWERS, cwd=blueprint.parent)
    assert made.returncode == 0, made.stderr
    root = blueprint.parent / "shop"
    commit(root, "From the blueprint")
    return root


def test_a_product_has_what_was_answered(product: Path) -> None:
    facts = read_blueprint(product)
    assert (facts.project, facts.prefix, facts.region) == ("web.shop", "shop", "eu-central-1")
    assert list(facts.environments) == ["test", "staging", "live"]
    assert [name for name, each in facts.environments.items() if not each.guarded] == ["test"]
    assert {facts.compared_with(name) for name in ("staging", "live")} == {"test"}
    assert service_names(product) == ("orders",)
    for root in (*facts.environments, "account"):
        assert 'owner = "Team of the shop"' in (product / "envs" / root / "aws.tfvars").read_text()
    kept = json.loads((product / ".copier-answers.yml").read_text().partition("\n")[2])
    assert {name: kept[name] for name in ANSWERS} == ANSWERS
    assert kept["_commit"] == "v1.0.0"


def test_links_stay_links_and_what_is_no_products_stays_behind(blueprint: Path, product: Path) -> None:
    assert [place for place in NOT_A_PRODUCTS if not (blueprint / place).exists()] == []
    assert [place for place in NOT_A_PRODUCTS if (product / place).exists()] == []
    shared = {file.name for file in (product / "envs" / "shared").iterdir()}
    for environment in read_blueprint(product).environments:
        links = {file.name for file in (product / "envs" / environment).iterdir() if file.is_symlink()}
        assert links == shared


def test_with_the_example_and_its_names_nothing_else_is_changed(blueprint: Path, tmp_path: Path) -> None:
    facts = read_blueprint(blueprint)
    as_it_is = {
        "project": facts.project,
        "prefix": facts.prefix,
        "region": facts.region,
        "owner": "Us",
        "example": "true",
    }
    made = copier("copy", blueprint, tmp_path / "same", answers=as_it_is, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    before, after = snapshot(blueprint), snapshot(tmp_path / "same")
    gone = {name for name in before if name not in after}
    assert {name for name in gone if not name.startswith(NOT_A_PRODUCTS)} == set()
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed == {".copier-answers.yml", *(f"envs/{root}/aws.tfvars" for root in (*facts.environments, "account"))}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"project": "web shop"}, "project"),
        ({"project": ""}, "project"),
        ({"prefix": "Shop"}, "prefix"),
        ({"region": "frankfurt"}, "region"),
        ({"owner": 'me"'}, "owner"),
        ({"environments": "test live test"}, "each name once"),
        ({"environments": "te"}, "te is none"),
        ({"environments": "test account"}, "account is none"),
        ({"environments": "live my-live"}, "my-live cannot stand beside live"),
        ({"environments": " "}, "at least one name"),
        ({"environments": "yes prod"}, "yes is none"),
        ({"environments": "dev 123"}, "123 is none"),
        ({"service": "Orders"}, "service"),
        ({"service": "class"}, "class means something else"),
        ({"service": "item"}, "item means something else"),
        ({"service": "o" * 39}, "at most 38 characters"),
        ({"service": "items"}, "service"),
    ],
    ids=str,
)
def test_a_wrong_answer_is_refused_before_anything_is_written(
    wrong: dict[str, str], told: str, blueprint: Path, tmp_path: Path
) -> None:
    made = copier("copy", blueprint, tmp_path / "shop", answers={**ANSWERS, **wrong}, cwd=tmp_path)
    assert made.returncode != 0
    assert told in made.stderr
    assert not (tmp_path / "shop").exists()


@pytest.fixture(scope="session")
def updated(blueprint: Path, product: Path) -> Path:
    """A copy of the product in which a team went on, updated to a later version of the blueprint."""
    team = blueprint.parent / "team"
    shutil.copytree(product, team, symlinks=True)
    put(team / "envs" / "staging" / "locals.tf", "-  rate_limit = 1000\n+  rate_limit = 50\n")
    put(team / "lambda" / "orders" / "handler.py", " handler = app.handler\n+# The team's own.\n")
    (team / "lambda" / "orders" / "prices.py").write_text('"""The team\'s own."""\n')
    commit(team, "Ours")
    put(blueprint / "modules" / "table" / "main.tf", "+# Of a later version.\n locals {\n")
    put(blueprint / "tests" / "repo" / "test_roots.py", "+# Of a later version.\n from __future__ import annotations\n")
    put(blueprint / "envs" / "prod" / "locals.tf", "-  log_retention_days = 30\n+  log_retention_days = 60\n")
    commit(blueprint, "A later version")
    git(blueprint, "tag", "v1.1.0")
    done = copier("update", answers={}, cwd=team)
    assert done.returncode == 0, done.stderr
    return team


def test_an_update_brings_the_later_version_in(updated: Path) -> None:
    for place in ("modules/table/main.tf", "tests/repo/test_roots.py"):
        assert "# Of a later version." in (updated / place).read_text()
    for environment in ("staging", "live"):
        assert "log_retention_days = 60" in (updated / "envs" / environment / "locals.tf").read_text()
    assert '"_commit": "v1.1.0"' in (updated / ".copier-answers.yml").read_text()


def test_an_update_keeps_what_is_the_teams(updated: Path) -> None:
    assert "rate_limit = 50" in (updated / "envs" / "staging" / "locals.tf").read_text()
    assert "# The team's own." in (updated / "lambda" / "orders" / "handler.py").read_text()
    assert (updated / "lambda" / "orders" / "prices.py").exists()
    changed = {line[3:] for line in git(updated, "status", "--porcelain").splitlines()}
    assert changed == {
        ".copier-answers.yml",
        "envs/live/locals.tf",
        "envs/staging/locals.tf",
        "modules/table/main.tf",
        "tests/repo/test_roots.py",
    }


def test_an_update_leaves_no_conflict(updated: Path) -> None:
    marked = [name for name, held in snapshot(updated).items() if CONFLICT.search(held)]
    assert marked == []
    assert [*updated.rglob("*.rej")] == []


def test_the_updated_product_can_be_planned(updated: Path) -> None:
    share_tools(updated)
    planned = Clone(updated).run("plan-offline")
    assert planned.returncode == 0, planned.stdout + planned.stderr


def share_tools(root: Path) -> None:
    """Link what is installed here below the folder's own build folder."""
    (root / "build" / "cache").mkdir(parents=True, exist_ok=True)
    for installed in (*BUILD.glob("venv*"), *(BUILD / "cache").glob("vendor-*")):
        link = root / "build" / installed.relative_to(BUILD)
        if not link.exists():
            link.symlink_to(installed)
