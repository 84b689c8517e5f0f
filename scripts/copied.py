"""Make a product of a fresh copy: the task of copier.yml, after copying and in each update. Standard library only.

An update copies three times: the earlier version and the new one into empty folders, and the new one over the product;
then the changes of the team are merged into the last. Nothing of theirs may be in the way of what is made here: files
that the blueprint has not are moved aside, and those that were not made anew are brought back.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

BLUEPRINT, ANSWERS = Path("blueprint.yaml"), Path(".copier-answers.yml")
HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE / "scripts"))

from harness.base.verb_list import VERBS  # noqa: E402 - of this version, which nothing has installed

# Where the verbs make, change and remove.
PLACES = ("envs", "lambda", "tests/envs", "tests/lambda")
# Names that stand in for the blueprint's first environment and for its last; as long as they are, and without a hyphen,
# no environment's name can clash with them.
PASSING = ("passingasfirstoftwo0", "passingaslatteroftwo")
# A name below environments, and all below it that stands further to the right.
_ENVIRONMENT = re.compile(r"^  ([a-z0-9-]+):.*\n(?:(?:    .*)?\n)*", re.MULTILINE)


def main(example: str, answers: Mapping[str, str]) -> None:
    """Name the product, give it its environments and its service, and write down the answers.

    Args:
        example: the service that the blueprint brings; it goes where the answers name another.
        answers: as copier keeps them; its own begin with ``_``.
    """
    wanted = answers["environments"].split()
    refuse_relative(answers["_src_path"])
    with aside():
        rename({name: answers[name] for name in ("project", "prefix", "region")})
        choose_environments(wanted)
        if "service" in answers:
            blueprint("new", SERVICE=answers["service"])
            blueprint("remove", SERVICE=example)
        for file in Path("envs").glob("*/aws.tfvars"):
            file.write_text(f'{file.read_text()}\n# The tag Owner of everything.\nowner = "{answers["owner"]}"\n')
    words = json.dumps(answers, indent=2)
    ANSWERS.write_text(f"# Written by copier, for its next update: leave it as it is.\n{words}\n")


def refuse_relative(source: str) -> None:
    """Refuse a blueprint at a relative path: an update starts in another folder, and would not find it.

    Raises:
        SystemExit: it is neither a URL nor an absolute path.
    """
    if ":" not in source and not Path(source).expanduser().is_absolute():
        raise SystemExit(f"the blueprint is at a relative path ({source}): give copier its absolute path, or a URL")


def rename(names: Mapping[str, str]) -> None:
    """Give the product its names, where one is another than the blueprint's: the verb refuses to change nothing."""
    text = BLUEPRINT.read_text()
    if not all(re.search(rf"^{name}: {re.escape(value)}(?!\S)", text, re.MULTILINE) for name, value in names.items()):
        blueprint("rename", **{name.upper(): value for name, value in names.items()})


def choose_environments(wanted: Sequence[str]) -> None:
    """Make the wanted environments, the first like the blueprint's first, the others like its last; remove others.

    The blueprint's own go before others come: a name may clash with one of theirs, or be one of theirs in another role.
    """
    there = list(environments())
    kept = [name for name in wanted if name in there and (name == wanted[0]) == (name == there[0])]
    if kept != wanted or set(there) != set(wanted):
        for name, like in zip(PASSING, (there[0], there[-1]), strict=True):
            blueprint("new", ENVIRONMENT=name, FROM=like)
        for name in there:
            if name not in kept:
                blueprint("remove", ENVIRONMENT=name)
        for name in wanted:
            if name not in kept:
                blueprint("new", ENVIRONMENT=name, FROM=PASSING[name != wanted[0]])
        for name in PASSING:
            blueprint("remove", ENVIRONMENT=name)
    # The first is the one that the others are compared with.
    listed = environments()
    head, heading, _ = BLUEPRINT.read_text().partition("\nenvironments:\n")
    BLUEPRINT.write_text(head + heading + "".join(listed[name] for name in wanted))


def environments() -> dict[str, str]:
    """Read the lines of each environment in blueprint.yaml, by its name."""
    _, _, below = BLUEPRINT.read_text().partition("\nenvironments:\n")
    return {match[1]: match[0] for match in _ENVIRONMENT.finditer(below)}


def blueprint(verb: str, **options: str) -> None:
    """Run a verb of the copy's own program, without git: in an update, copier holds the team's changes already.

    Raises:
        CalledProcessError: the verb refused.
    """
    # What the caller's shell has under the name of an option is no answer.
    kept = {name: value for name, value in os.environ.items() if name not in VERBS[verb].takes}
    given = {**kept, "GIT_DIR": os.devnull, **options}
    subprocess.run([sys.executable, "scripts/blueprint", verb], env=given, check=True)


@contextmanager
def aside() -> Iterator[None]:
    """Move away what the blueprint has not, and bring back in the end what was not made anew."""
    with tempfile.TemporaryDirectory() as kept:
        for file in [file for place in PLACES for file in files_below(Path(place))]:
            if not os.path.lexists(HERE / file):
                move(file, Path(kept, file))
        try:
            yield
        finally:
            for file in files_below(Path(kept)):
                target = file.relative_to(kept)
                if not os.path.lexists(target):
                    move(file, target)


def files_below(folder: Path) -> list[Path]:
    """List files and links below a folder."""
    return [one for one in folder.rglob("*") if one.is_symlink() or not one.is_dir()]


def move(file: Path, target: Path) -> None:
    """Move a file or link, and remove the folders that it leaves empty."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(file, target)
    for folder in file.parents:
        if any(folder.iterdir()):
            break
        folder.rmdir()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
