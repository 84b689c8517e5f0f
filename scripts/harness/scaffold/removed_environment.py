"""Take an environment away: its folder, its line in blueprint.yaml, what its plan must show."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.base.errors import UsageError
from harness.base.paths import PARITY
from harness.scaffold.new_environment import INVENTORIES, ROOTS, excepted, renamed
from harness.scaffold.product import BLUEPRINT, environments, listed_environment, read_yaml
from harness.scaffold.tree_edits import Edits, read_text
from harness.scaffold.yaml_text import YamlText, names_in

SURVIVORS = Path("tests/survivors.yaml")
_ENTRY = re.compile(r"^- .*\n(?: +.*\n)*\n*", re.MULTILINE)


def remove_environment(tree: Path, name: str) -> Edits:
    """Compute the tree without an environment.

    Raises:
        UsageError: it is not listed, is the last one, or another says that it is compared with it.
        ScaffoldError: a file cannot be edited.
    """
    blueprint = read_yaml(tree, BLUEPRINT)
    own = listed_environment("ENVIRONMENT", name, blueprint)
    left = [key.name for key in environments(blueprint) if key.name != name]
    if not left:
        raise UsageError(f"ENVIRONMENT={name} is the last environment", "make another one first")
    without = blueprint.cut(own)
    if name in names_in(without.text, "compared_with"):
        remedy = "let that be compared with another one first (compared_with, and its parity.yaml)"
        raise UsageError(f"{BLUEPRINT}: another environment is compared with {name}", remedy)
    was_first = environments(blueprint)[0].name == name
    # The first environment is compared with nothing.
    idle = (ROOTS / left[0] / PARITY,) if was_first and not _compares(without, left[0]) else ()
    gone = (ROOTS / name, INVENTORIES / f"{name}.yaml", *idle)
    accepted = without_survivors(tree, re.compile(rf"envs/{name}/"))
    others = [one for one in left[1:] if was_first and not _compares(without, one)]
    spoken = {place: renamed(read_text(tree, place), name, left[0]) for place in _parities(tree, others)}
    present = tuple(place for place in gone if (tree / place).exists())
    return Edits(
        {BLUEPRINT: without.text, **accepted, **spoken},
        gone=present,
        decide=tuple(_decide(name, left[0], others, excepted(tree, name))),
    )


def without_survivors(tree: Path, gone: re.Pattern[str]) -> Mapping[Path, str]:
    """Return the list of accepted mutants without those whose name matches; nothing where none does."""
    if not (tree / SURVIVORS).exists():
        return {}
    before = read_text(tree, SURVIVORS)
    after = _ENTRY.sub(lambda entry: _entry(entry[0], gone), before)
    after = after if _ENTRY.search(after) else f"{after.rstrip()}\n\n[]\n"
    return {SURVIVORS: after} if after != before else {}


def _entry(text: str, gone: re.Pattern[str]) -> str:
    """Return an entry without the resources that match; nothing of it where none is left."""
    lines = re.findall(r"^ +- .*\n", text, re.MULTILINE)
    matching = [line for line in lines if gone.search(line)]
    if matching and len(matching) == len(lines):
        return ""
    return "".join(line for line in text.splitlines(keepends=True) if line not in matching)


def _parities(tree: Path, names: list[str]) -> list[Path]:
    places = (ROOTS / name / PARITY for name in names)
    return [place for place in places if (tree / place).exists()]


def _compares(blueprint: YamlText, name: str) -> bool:
    """Tell if an environment says what it is compared with."""
    own = blueprint.need("environments", name)
    return "compared_with" in "\n".join(blueprint.lines[own.start : own.end])


def _decide(name: str, first: str, others: list[str], named: tuple[Path, ...]) -> Iterator[str]:
    yield (
        f"what is deployed of {name} stays, and costs, and no verb finds it any more: where there is something, bring "
        f"the files back (git), make destroy ENV={name} (and TARGET=aws), and remove it then"
    )
    if others:
        compared = f"{', '.join(others)}: compared with {first} from now on"
        yield f"{compared}, and so says parity.yaml; make parity says what to declare beside that"
    if named:
        yield f"{', '.join(map(str, named))}: take {name} out of its entries"
    yield "what else names it: README.md, docs/, CI's roles and variables (AWS_CI_ROLES)"
    yield "then: make inventory ENV=account WRITE=1, make docs, make bootstrap where CI has roles for it"
