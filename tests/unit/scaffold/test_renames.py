"""A rename: three lines of blueprint.yaml, with the comments behind them, and what it replaces."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.scaffold.conftest import Run, contents

from harness.facts import read_blueprint


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"PROJECT": "shop"}, ["project: the tag Project"]),
        ({"PREFIX": "shop"}, ["prefix: every name changes", "where something is deployed"]),
        ({"REGION": "eu-central-1"}, ["region: everything is made anew", "where something is deployed"]),
        ({"PROJECT": "123", "PREFIX": "no", "REGION": "us-gov-west-1"}, ["project: ", "prefix: ", "region: "]),
    ],
)
def test_the_names_are_read_and_what_they_replace_is_said(
    given: dict[str, str], told: list[str], copy: Path, run: Run
) -> None:
    before, old = contents(copy), (copy / "blueprint.yaml").read_text().splitlines()
    said = run("rename", **given)
    after = read_blueprint(copy)
    for field in ("project", "prefix", "region"):
        assert getattr(after, field) == given.get(field.upper(), getattr(read_blueprint(), field))
    changed = {place for place, text in contents(copy).items() if before[place] != text}
    assert changed == {"blueprint.yaml"}
    lines = (copy / "blueprint.yaml").read_text().splitlines()
    different = [(one, other) for one, other in zip(old, lines, strict=True) if one != other]
    assert len(different) == len(given)
    assert all(one.partition("#")[2] == other.partition("#")[2] for one, other in different)
    for sentence in told:
        assert f"  - {sentence}" in said


def test_the_way_back_is_another_rename(copy: Path, run: Run) -> None:
    before, was = contents(copy), read_blueprint(copy)
    run("rename", PROJECT="a-longer-name-than-the-one-before", PREFIX="p2")
    run("rename", PROJECT=was.project, PREFIX=was.prefix)
    after = contents(copy)
    assert {place for place in before if before[place] != after[place]} <= {"blueprint.yaml"}
    assert read_blueprint(copy) == was
