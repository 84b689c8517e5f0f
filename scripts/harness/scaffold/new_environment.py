"""Make an environment like another one: its folder, its line in blueprint.yaml, what its plan must show."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.base.errors import UsageError
from harness.base.names import environment_fault
from harness.base.paths import PARITY
from harness.scaffold.product import BLUEPRINT, environments, listed_environment, read_yaml
from harness.scaffold.tree_edits import Edits, read_text, refuse_existing
from harness.scaffold.yaml_text import scalar

ROOTS = Path("envs")
INVENTORIES = Path("tests/envs")
_ACCOUNT_VALUES = "aws.tfvars"
# What Terraform leaves in a root that was run by hand, and no part of it.
_LEFT_OUT = re.compile(r"\.terraform|.*\.tfstate.*|.*_override\.tf")
_NO_ACCOUNT = '["000000000000"]'
# Files whose comments and reasons speak of the environment.
_SPEAKING = (PARITY, "exceptions.yaml")
_EXAMPLE = '# subscribers = { on-call = "on-call@YOUR-DOMAIN" }'


def new_environment(tree: Path, name: str, like: str) -> Edits:
    """Compute the files of an environment that is like another one.

    Args:
        like: environment whose files and values it gets.

    Raises:
        UsageError: the name cannot be taken, or ``like`` is not listed.
        ScaffoldError: something of this name is there, or a file cannot be edited.
    """
    blueprint = read_yaml(tree, BLUEPRINT)
    known = [key.name for key in environments(blueprint)]
    if not like:
        raise UsageError(
            "FROM is not set", f"say which environment {name} is to be like: FROM={' or FROM='.join(known)}"
        )
    model = listed_environment("FROM", like, blueprint)
    _refuse_name(name, known)
    refuse_existing(tree, ROOTS / name, INVENTORIES / f"{name}.yaml")
    lines = blueprint.lines[model.start : model.end]
    lines[0] = re.sub(r"""^( *)["']?[\w-]+["']?""", rf"\g<1>{scalar(name)}", lines[0])
    # Right behind the other: where that is removed then, this one has its place, also as the first.
    texts = {BLUEPRINT: blueprint.replace(model.end, model.end, lines).text}
    texts |= {ROOTS / name / file: text for file, text in _files(tree, name, like, first=known[0]).items()}
    links = {ROOTS / name / file.name: str(file.readlink()) for file in _own(tree, like) if file.is_symlink()}
    return Edits(
        {**texts, **_inventory(tree, name, like)}, links, decide=tuple(_decide(name, like, excepted(tree, like)))
    )


def _refuse_name(name: str, known: list[str]) -> None:
    if name in known:
        raise UsageError(f"ENVIRONMENT={name}: {BLUEPRINT} lists it", "choose another name")
    for one in (name, *known):
        if fault := environment_fault(one, (*known, name)):
            raise UsageError(f"ENVIRONMENT={name}: {fault.said}", fault.remedy)


def excepted(tree: Path, name: str) -> tuple[Path, ...]:
    """List files of accepted exceptions, the product's and its services', with entries for an environment by name."""
    files = sorted((*(tree / ROOTS).glob("exceptions.yaml"), *(tree / "lambda").glob("*/exceptions.yaml")))
    named = re.compile(rf"\benvironments: \[(?:[^\]]*[\s,])?{name}[\s,\]]")
    return tuple(file.relative_to(tree) for file in files if named.search(file.read_text(encoding="utf-8")))


def _own(tree: Path, name: str) -> list[Path]:
    return sorted(file for file in (tree / ROOTS / name).iterdir() if not _LEFT_OUT.fullmatch(file.name))


def _files(tree: Path, name: str, like: str, first: str) -> Mapping[str, str]:
    """Return the files of the new root that are no links."""
    texts = {
        file.name: read_text(tree, file.relative_to(tree))
        for file in _own(tree, like)
        if file.is_file() and not file.is_symlink()
    }
    if _ACCOUNT_VALUES in texts:
        texts[_ACCOUNT_VALUES] = _undecided(texts[_ACCOUNT_VALUES])
    texts |= {file: renamed(texts[file], like, name) for file in _SPEAKING if file in texts}
    if like == first:
        head = f"# What {name} has that {first} has not, and why: nothing yet. Read by make parity."
        texts[PARITY] = f"{head}\ndifferences: []\n"
    return texts


def _undecided(text: str) -> str:
    """Return values for AWS without the account and without who hears its alarms: the new environment has its own."""
    text = re.sub(r"^(allowed_account_ids\s*=\s*)\[[^\]]*\]", rf"\g<1>{_NO_ACCOUNT}", text, flags=re.MULTILINE)
    return re.sub(r"^subscribers\s*=\s*\{[^}]*\}", _EXAMPLE, text, flags=re.MULTILINE)


def renamed(text: str, old: str, new: str) -> str:
    """Return declarations or exceptions with another environment in ``only_in``, comments and reasons."""
    named = re.sub(rf"""(\bonly_in:\s*)(["']?){old}\2(?=[\s,}}]|$)""", rf"\g<1>{scalar(new)}", text)
    return re.sub(rf"(?:(?<=envs/)|(?<![\w./-])){old}(?![\w-])", new, named)


def _inventory(tree: Path, name: str, like: str) -> Mapping[Path, str]:
    """Return what the new plan must show: as for the other, under its own name; nothing where that has none."""
    place = INVENTORIES / f"{like}.yaml"
    if not (tree / place).exists():
        return {}
    places = r"[Ee]nvironment: |ENVIRONMENT: |\bboundary-|\benvs/|\bENV="
    text = re.sub(rf"((?:{places})){like}(?![\w-])", rf"\g<1>{name}", read_text(tree, place))
    return {INVENTORIES / f"{name}.yaml": text}


def _decide(name: str, like: str, named: tuple[Path, ...]) -> Iterator[str]:
    yield f"envs/{name}/locals.tf: its values are those of {like}"
    yield f"envs/{name}/{_ACCOUNT_VALUES}: allowed_account_ids, and subscribers where it is guarded, before TARGET=aws"
    yield f"envs/{name}/backend.hcl: the state bucket of its account"
    yield f"{BLUEPRINT}: how {name} is guarded, released, compared and used (load), as {like} is now"
    if named:
        yield f"{', '.join(map(str, named))}: exceptions for {like} by its name do not hold in {name}"
    yield f"then: make inventory ENV=account WRITE=1, make docs, make plan-offline ENV={name}"
