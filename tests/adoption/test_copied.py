"""The task of copier makes its product beside what a team has, and brings that back."""

from __future__ import annotations

from pathlib import Path

import pytest

import copied

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
    copied.choose_environments(["test", "two", "one"])
    assert asked == [("new", {"ENVIRONMENT": "test", "FROM": "one"})]
    assert Path("blueprint.yaml").read_text() == (
        "prefix: p\nenvironments:\n  test: {load: null}\n  two: {}\n  one:\n    # kept\n    guarded: false\n"
    )
