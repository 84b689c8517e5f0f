"""A YAML file into a typed value, or one error that names file, place and remedy."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from harness.base.errors import HarnessError
from harness.base.texts import text_of
from harness.contract.yaml12 import load
from harness.facts.locating import located
from harness.typed.known_types import known

Fact = TypeVar("Fact")
_YES_OR_NO = ("y", "n")


class FactError(HarnessError):
    """A file that states facts is missing or says something that means nothing."""


def plain_yaml(text: str, name: str, error: type[HarnessError] = FactError) -> Any:
    """Parse YAML 1.1, as Terraform and most tools do.

    Args:
        name: how messages name the file.
        error: class of what is raised.

    Raises:
        HarnessError: it is no YAML, or holds a date or number that there is not, for which PyYAML has other errors.
    """
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as cause:
        raise error(f"{name} cannot be read: {' '.join(str(cause).split())}", "correct the file") from cause


def read_fact(tree: Path, place: Path, kind: type[Fact]) -> Fact:
    """Read a YAML file as a value of ``kind``.

    Args:
        place: the file, relative to ``tree``, as messages show it.
        kind: a msgspec structure; keys that it does not know are refused.

    Raises:
        FactError: the file is missing, no YAML 1.2, or not of this structure.
    """
    text = text_of(tree / place, str(place), FactError)
    loaded = load(text)
    if loaded.problems:
        first = loaded.problems[0]
        raise FactError(f"{place}:{first.line}: {first.wrong}", f"write it as the file's head says ({first.instead})")
    if odd := next(_read_otherwise(loaded.document, plain_yaml(text, str(place))), ""):
        raise FactError(f"{place}: Terraform reads {odd} as something else", "put it in quotes, or use another word")
    try:
        return msgspec.convert(loaded.document, known(kind))
    except msgspec.ValidationError as error:
        said, where, allowed = located(loaded.document, kind, error)
        remedy = f"use one of: {', '.join(allowed)}" if allowed else "write it as the file's head says"
        remedy = "add it" if "missing required" in said else remedy
        raise FactError(f"{place}{f' ({where})' if where else ''}: {said}", remedy) from error


def _read_otherwise(ours: object, theirs: object) -> Iterator[str]:
    """Find what YAML 1.1 reads otherwise than 1.2: Terraform reads these files, too, and takes ``y`` for true.

    Args:
        ours: a value by YAML 1.2.
        theirs: the same by PyYAML's 1.1, which leaves ``y`` and ``n`` alone.
    """
    if isinstance(ours, dict) and isinstance(theirs, dict):
        yield from (repr(key) for key in ours if key not in theirs or str(key).lower() in _YES_OR_NO)
        for key in ours.keys() & theirs.keys():
            yield from _read_otherwise(ours[key], theirs[key])
    elif isinstance(ours, list) and isinstance(theirs, list):
        for one, other in zip(ours, theirs, strict=True):
            yield from _read_otherwise(one, other)
    elif ours != theirs or isinstance(ours, bool) is not isinstance(theirs, bool) or str(ours).lower() in _YES_OR_NO:
        yield repr(ours)
