"""A new service is whole: read, bundled, well formed, tested by its own tests; and it goes without a trace."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.clone import Clone, clone_tree
from tests.unit.scaffold.conftest import Run, contents

from harness.base.paths import contract_source
from harness.bundle.archive import build_bundle
from harness.bundle.service_files import require_services
from harness.contract import compile_text
from harness.facts import read_blueprint, read_grants, read_mix, read_routes, read_services, service_names
from harness.facts.script import script_of
from harness.scaffold.hcl_text import HclText
from harness.scaffold.tree_edits import read_text
from harness.terraform.binary import find_terraform

ENVIRONMENTS = tuple(read_blueprint().environments)
RUFF = Path(sys.executable).parent / "ruff"
# A plural of each kind, words joined, and as long as a function's name lets it be.
NAMES = ("parcels", "addresses", "inventories", "stock", "my_parcels_of_today", "zoo", "s")


@pytest.mark.parametrize("name", NAMES)
def test_facts_contract_and_code_are_read(name: str, copy: Path, run: Run) -> None:
    said = run("new", SERVICE=name)
    facts = read_services(copy)[name]
    assert require_services(copy) == tuple(sorted((*service_names(), name)))
    assert [grant.resource for grant in read_grants(name, copy)] == [f"table:{name}"]
    contract = json.loads(compile_text(contract_source(name, copy).read_bytes(), name))
    schemas = contract["components"]["schemas"].values()
    assert all(one.get("additionalProperties") is False or one["description"] == "RFC 9457." for one in schemas)
    steps = script_of(name, facts, contract).requests
    assert {step.status for step in steps} == {200, 201, 204, 400, 403, 404}
    assert {*facts.tables[name].per_request} == {*read_routes(name, copy)}
    assert f"new      lambda/{name}/handler.py\n" in said


@pytest.mark.parametrize("name", NAMES)
def test_no_placeholder_is_left(name: str, copy: Path, run: Run) -> None:
    before = contents(copy)
    run("new", SERVICE=name)
    new = {place: text for place, text in contents(copy).items() if place not in before}
    assert len(new) >= 8
    for place, text in new.items():
        assert isinstance(text, bytes)
        assert re.findall(r"(?!__init__|__file__|__future__)__\w+?__", place + text.decode()) == []


def test_it_is_bundled_with_the_shared_package(copy: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    run("new", SERVICE="parcels")
    run("new", ROUTE="POST /parcels/{id}/weigh")
    folder = tmp_path_factory.mktemp("bundles")
    assert "parcels" in build_bundle(folder, copy)
    assert "/parcels/{id}/weigh" in json.loads((folder / "parcels.json").read_text())["paths"]


def test_values_stand_in_every_environment_as_its_neighbours(copy: Path, run: Run) -> None:
    before = {name: values(copy, name) for name in ENVIRONMENTS}
    run("new", SERVICE="parcels")
    for name, old in before.items():
        new = values(copy, name)
        for map_name, keys in (
            ("services", ("memory_mb", "reserved_concurrency", "timeout_seconds")),
            ("tables", ("deletion_protection_enabled", "recovery_days")),
        ):
            added = new.entries(map_name)[len(old.entries(map_name)) :]
            # Where no neighbour has values, the table has the strictest there are: those of no entry.
            assert [entry.name for entry in added] == ["parcels"] * bool(old.entries(map_name))
            for neighbour, entry in zip(old.entries(map_name)[:1], added, strict=True):
                assert [entry.value(key) for key in keys] == [neighbour.value(key) for key in keys]
    done = subprocess.run([find_terraform(), "fmt", "-check", "-recursive", copy / "envs"], check=False)
    assert done.returncode == 0


def values(tree: Path, environment: str) -> HclText:
    place = Path("envs") / environment / "locals.tf"
    return HclText(place, read_text(tree, place))


def test_shares_stay_a_whole(copy: Path, run: Run) -> None:
    """In all entries or none: a new service takes its share from the largest and gives it back."""
    for name in ENVIRONMENTS:
        text = values(copy, name)
        for number, entry in enumerate(text.entries("services")):
            share = 100 if number == 0 else 0
            ends = {"\n    }": f"\n      share = {share}\n    }}", " }": f", share = {share} }}"}
            end = next(end for end in ends if entry.text.endswith(end))
            shared = entry.text.removesuffix(end) + ends[end]
            text = HclText(text.place, text.text.replace(entry.text, shared))
        (copy / text.place).write_text(text.text)
    before = contents(copy)
    run("new", SERVICE="parcels")
    for name in ENVIRONMENTS:
        shares = {entry.name: float(entry.value("share")) for entry in values(copy, name).entries("services")}
        assert sum(shares.values()) == 100
        assert shares["parcels"] > 0
    run("remove", SERVICE="parcels")
    assert contents(copy) == before


def test_a_table_is_protected_where_no_neighbour_says_otherwise(copy: Path, run: Run) -> None:
    place = copy / "envs" / ENVIRONMENTS[0] / "locals.tf"
    place.write_text(re.sub(r"  tables = \{\n(.|\n)*?\n  \}\n", "  tables = {}\n", place.read_text()))
    run("new", SERVICE="parcels")
    assert values(copy, ENVIRONMENTS[0]).entries("tables") == ()


def test_a_service_goes_without_a_trace(copy: Path, run: Run) -> None:
    before = contents(copy)
    run("new", SERVICE="parcels")
    run("new", ROUTE="POST /parcels/{id}/weigh")
    said = run("remove", SERVICE="parcels")
    assert contents(copy) == before
    assert "deleted  lambda/parcels/\ndeleted  tests/lambda/parcels/\n" in said
    assert "destroys function, role and logs" in said
    assert "still speaks of it" not in said


def test_what_still_speaks_of_a_service_is_listed(copy: Path, run: Run) -> None:
    run("new", SERVICE="parcels")
    file = copy / "envs" / ENVIRONMENTS[0] / "locals.tf"
    file.write_text(file.read_text() + 'locals {\n  mine = local.names.functions["parcels"]\n}\n')
    sources = copy / "envs/shared/resources.tf"
    made = sources.read_text().replace("event_sources = {}", "event_sources = {\n    parcels = { jobs = {} }\n  }")
    sources.write_text(made)
    said = run("remove", SERVICE="parcels")
    number = file.read_text().splitlines().index('  mine = local.names.functions["parcels"]') + 1
    assert f"still speaks of it: envs/{ENVIRONMENTS[0]}/locals.tf:{number}\n" in said
    assert "event_sources = {}" in sources.read_text()


def test_routes_without_a_key_that_go_are_named(copy: Path, run: Run) -> None:
    run("new", SERVICE="parcels")
    facts = copy / "lambda" / "parcels" / "service.yaml"
    facts.write_text(facts.read_text() + "open_routes: [GET /parcels/{id}]\n")
    assert "routes without a key go with it, [GET /parcels/{id}]: " in run("remove", SERVICE="parcels")


def test_survivors_of_a_service_go_with_it(copy: Path, run: Run) -> None:
    run("new", SERVICE="parcels")
    file = copy / "tests/survivors.yaml"
    before = file.read_text()
    entry = "- check: mutation\n  resources:\n    - envs/{}/locals.tf:locals.tables.{}.recovery_days:delete-entry\n"
    own, shared = entry.format("made", "parcels"), entry.format("made", "others")
    mixed = f"{own}    - modules/x.tf:y\n"
    file.write_text(f"{before}\n{own}  reason: r\n\n{shared}\n{mixed}")
    run("remove", SERVICE="parcels")
    assert file.read_text() == f"{before}\n{shared}\n- check: mutation\n  resources:\n    - modules/x.tf:y\n"


def test_what_git_could_not_bring_back_stays(copy: Path, run: Run) -> None:
    git = ["git", "-C", str(copy), "-c", "user.name=n", "-c", "user.email=e@example.com"]
    run("new", SERVICE="parcels")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], check=True)
    (copy / ".git/info/exclude").write_text("secret.py\n__pycache__/\n")
    (copy / "lambda/parcels/__pycache__").mkdir()
    (copy / "lambda/parcels/__pycache__/store.pyc").touch()
    for name in ("secret.py", "mine.py"):
        (copy / "lambda/parcels" / name).write_text("MINE = 1\n")
        with pytest.raises(Exception, match=rf"git could not bring back lambda/parcels/{name} ->"):
            run("remove", SERVICE="parcels")
        assert (copy / "lambda/parcels" / name).exists()
        if name == "secret.py":
            (copy / "lambda/parcels" / name).unlink()
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "mine"], check=True)
    (copy / "lambda/parcels/store.py").unlink()  # as a removal that was cut short leaves it
    run("remove", SERVICE="parcels")
    subprocess.run([*git, "checkout", "-q", "."], check=True)
    assert (copy / "lambda/parcels/mine.py").exists()


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A whole copy in which everything was made by the program on Python alone, without site-packages."""
    made = clone_tree(tmp_path_factory.mktemp("scaffold") / "tree")
    program = [sys.executable, "-S", str(made.root / "scripts/blueprint")]
    env = made.environment()
    del env["PYTHONPATH"]
    for words in (
        ["new", "--environment", "made", "--from", ENVIRONMENTS[-1]],
        *(["new", "--service", name] for name in NAMES),
        ["new", "--route", "POST /parcels/{id}/weigh"],
        ["new", "--route", "GET /parcels"],
        ["new", "--route", "PUT /notes/{note}/{status}/{null}", "--service", "parcels"],
        ["new", "--route", "POST /weighings/{number}/weigh", "--service", service_names()[0]],
        ["rename", "--project", "web.shop", "--prefix", "shop", "--region", "eu-central-1"],
    ):
        subprocess.run([*program, *words], env=env, capture_output=True, text=True, check=True)
    return made


def test_its_own_tests_are_green_on_python_alone(clone: Clone) -> None:
    words = ["-m", "pytest", "-q", "tests/lambda/parcels", "-o", f"cache_dir={clone.root / 'build/cache/pytest'}"]
    done = subprocess.run(
        [sys.executable, *words], cwd=clone.root, env=clone.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) >= 14
    assert (read_blueprint(clone.root).project, read_blueprint(clone.root).prefix) == ("web.shop", "shop")
    assert read_mix("parcels", clone.root)["GET /parcels"] == pytest.approx(1 / 6)


@pytest.mark.example
def test_a_new_route_keeps_the_examples_tests_green(clone: Clone) -> None:
    place = f"tests/lambda/{service_names()[0]}/test_contract.py"
    words = ["-m", "pytest", "-q", place, "-o", f"cache_dir={clone.root / 'build/cache/pytest'}"]
    done = subprocess.run(
        [sys.executable, *words], cwd=clone.root, env=clone.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_new_code_is_laid_out_as_all_is(clone: Clone) -> None:
    for words in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [RUFF, *words, "--no-cache", "lambda", "tests/lambda"],
            cwd=clone.root, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


def test_types_of_the_new_code_are_right(clone: Clone) -> None:
    env = clone.environment(MYPYPATH="scripts:lambda")
    words = ["-m", "mypy", "lambda/parcels", "tests/lambda/parcels"]
    done = subprocess.run(
        [sys.executable, *words], cwd=clone.root, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
