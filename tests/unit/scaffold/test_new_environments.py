"""An environment like another one: files, links, values, line in blueprint.yaml; taken away again without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.scaffold.conftest import Run, contents

from harness.base.paths import REPO
from harness.facts import read_blueprint
from harness.inventory.document import read_inventory
from harness.inventory.placeholders import Placeholders
from harness.parity.declared import read_declarations

ENVIRONMENTS = tuple(read_blueprint().environments)


@pytest.mark.parametrize("like", ENVIRONMENTS)
def test_it_is_like_the_other(like: str, copy: Path, run: Run) -> None:
    said = run("new", ENVIRONMENT="made", FROM=like)
    before, after = read_blueprint(), read_blueprint(copy)
    assert after.environment("made") == before.environment(like)
    assert [name for name in after.environments if name != "made"] == [*before.environments]
    root, model = copy / "envs/made", REPO / "envs" / like
    for file in model.iterdir():
        if file.is_symlink():
            assert (root / file.name).readlink() == file.readlink()
    for name in (".terraform.lock.hcl", "backend.hcl", "locals.tf"):
        assert (root / name).read_bytes() == (model / name).read_bytes()
    expected = read_inventory(
        Placeholders(after, "made").fill((copy / "tests/envs/made.yaml").read_text()), file="made"
    )
    assert expected.counts
    assert [line for line in said.splitlines() if line.startswith("changed")] == ["changed  blueprint.yaml"]
    assert "left to decide:\n" in said
    assert "envs/made/aws.tfvars" in said


@pytest.mark.parametrize("like", ENVIRONMENTS)
def test_comments_of_the_blueprint_stay(like: str, copy: Path, run: Run) -> None:
    before = (copy / "blueprint.yaml").read_text().splitlines()
    run("new", ENVIRONMENT="made", FROM=like)
    after = (copy / "blueprint.yaml").read_text().splitlines()
    place = after.index("  made:")
    count = len(after) - len(before)
    assert [*after[:place], *after[place + count :]] == before
    run("remove", ENVIRONMENT="made")
    assert (copy / "blueprint.yaml").read_text().splitlines() == before


def test_account_and_subscribers_are_not_decided_for_it(copy: Path, run: Run) -> None:
    file = copy / "envs" / ENVIRONMENTS[-1] / "aws.tfvars"
    file.write_text(
        '# Ours.\nallowed_account_ids = [\n  "123456789012",\n]\nowner = "us"\n'
        'subscribers = {\n  on-call = "us@example.com"\n}\n'
    )
    run("new", ENVIRONMENT="made", FROM=ENVIRONMENTS[-1])
    assert (copy / "envs/made/aws.tfvars").read_text() == (
        '# Ours.\nallowed_account_ids = ["000000000000"]\nowner = "us"\n'
        '# subscribers = { on-call = "on-call@YOUR-DOMAIN" }\n'
    )


def test_declarations_speak_of_it(copy: Path, run: Run) -> None:
    like = ENVIRONMENTS[-1]
    file = copy / "envs" / like / "parity.yaml"
    file.write_text(
        f"# What {like} has: reproduction, envs/{like}, {like}-like.\ndifferences:\n"
        f"  - {{address: a, only_in: {like}, reason: {like}'s own}}\n  - {{address: b, only_in: other, reason: r}}\n"
    )
    (copy / "envs" / like / "exceptions.yaml").write_text(f"- reason: {like} asks, see envs/{like}/locals.tf.\n")
    run("new", ENVIRONMENT="made", FROM=like)
    assert (copy / "envs/made/exceptions.yaml").read_text() == "- reason: made asks, see envs/made/locals.tf.\n"
    text = (copy / "envs/made/parity.yaml").read_text()
    assert [one.only_in for one in read_declarations(text, "made")] == ["made", "other"]
    assert text.splitlines()[0] == f"# What made has: reproduction, envs/made, {like}-like."
    assert "reason: made's own" in text


def test_one_like_the_first_declares_nothing_yet(copy: Path, run: Run) -> None:
    run("new", ENVIRONMENT="made", FROM=ENVIRONMENTS[0])
    assert read_declarations((copy / "envs/made/parity.yaml").read_text(), "made") == ()


def test_what_terraform_left_is_not_copied(copy: Path, run: Run) -> None:
    model = copy / "envs" / ENVIRONMENTS[0]
    (model / ".terraform/providers").mkdir(parents=True)
    for name in ("terraform.tfstate", ".terraform.tfstate.lock.info", "backend_override.tf"):
        (model / name).write_text("{}")
    run("new", ENVIRONMENT="made", FROM=ENVIRONMENTS[0])
    kept = {"aws.tfvars", "backend.hcl", "locals.tf", "parity.yaml", ".terraform.lock.hcl"}
    assert {file.name for file in (copy / "envs/made").iterdir() if not file.is_symlink()} >= kept
    assert not [file for file in (copy / "envs/made").iterdir() if "tfstate" in file.name or "override" in file.name]
    assert not (copy / "envs/made/.terraform").exists()


def test_a_name_that_yaml_takes_for_something_else_is_quoted(copy: Path, run: Run) -> None:
    for name in ("123", "null", "off"):
        run("new", ENVIRONMENT=name, FROM=ENVIRONMENTS[0])
    assert {"123", "null", "off"} <= {*read_blueprint(copy).environments}


def test_an_environment_goes_without_a_trace(copy: Path, run: Run) -> None:
    before = contents(copy)
    run("new", ENVIRONMENT="made", FROM=ENVIRONMENTS[-1])
    said = run("remove", ENVIRONMENT="made")
    assert contents(copy) == before
    assert "deleted  envs/made/\ndeleted  tests/envs/made.yaml\n" in said
    assert "make destroy ENV=made" in said


def test_one_in_the_place_of_the_first_takes_over_what_others_declare(copy: Path, run: Run) -> None:
    first, last = ENVIRONMENTS[0], ENVIRONMENTS[-1]
    run("new", ENVIRONMENT="made", FROM=first)
    run("new", ENVIRONMENT="more", FROM=last)
    said = run("remove", ENVIRONMENT=first)
    blueprint = read_blueprint(copy)
    assert next(iter(blueprint.environments)) == "made"
    assert not (copy / "envs/made/parity.yaml").exists()
    if last != first:
        assert blueprint.compared_with("more") == "made"
        assert f"{first}'s" not in (copy / "envs/more/parity.yaml").read_text()
        assert "compared with made from now on" in said


def test_exceptions_by_an_environments_name_are_told(copy: Path, run: Run) -> None:
    like = ENVIRONMENTS[-1]
    (copy / "envs/exceptions.yaml").write_text(f"- {{check: A, environments: [hcl, {like}]}}\n")
    said = run("new", ENVIRONMENT="made", FROM=like)
    assert f"envs/exceptions.yaml: exceptions for {like} by its name do not hold in made\n" in said
    assert "envs/exceptions.yaml" not in run("remove", ENVIRONMENT="made")
    run("new", ENVIRONMENT="more", FROM=like)
    assert f"envs/exceptions.yaml: take {like} out of its entries\n" in run("remove", ENVIRONMENT=like)
