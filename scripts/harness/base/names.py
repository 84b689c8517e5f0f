"""Rules of the names that a product gives: its own, its environments', its services'. Standard library only."""

import keyword
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.base.paths import ACCOUNT, SHARED, SUFFIX_PATTERN

_PACKAGE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Rule:
    """Form of a name, for a program and in words."""

    form: re.Pattern[str]
    words: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Reason why a name cannot be taken, and what to do."""

    said: str
    remedy: str


PRODUCT: Mapping[str, Rule] = {
    # Names that begin with it: S3 takes lower-case letters, digits and hyphens (the state bucket), and every name has
    # room for a thing and a suffix of 20 characters within Lambda's 64.
    "prefix": Rule(
        re.compile(r"[a-z][a-z0-9-]{0,18}[a-z0-9]"),
        "2 to 20 lower-case letters, digits and inner hyphens, a letter first",
    ),
    "project": Rule(re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"), "1 to 128 letters, digits and ._-"),
    "region": Rule(re.compile(r"[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}"), "a region's name, as us-east-1"),
}
"""Fields of blueprint.yaml that are names."""


def product_fault(field: str, value: str) -> Fault | None:
    """Find what is wrong with the product's ``prefix``, ``project`` or ``region``."""
    rule = PRODUCT[field]
    return None if rule.form.fullmatch(value) else Fault(f"{value!r} is no {field}", f"use {rule.words}")


def environment_fault(name: str, names: Iterable[str]) -> Fault | None:
    """Find what is wrong with an environment's name, by itself or beside the others."""
    names = tuple(names)
    if not SUFFIX_PATTERN.fullmatch(name):
        rule = "use 3 to 20 lower-case letters, digits or hyphens, no hyphen first or last"
        return Fault(f"{name!r} cannot end a name", rule)
    if name in (ACCOUNT, SHARED):
        return Fault(f"envs/{name} is no environment", "choose another name")
    copied = next((one for one in names if f"-{name}-restore-" in f"-{one}"), None)
    if copied is not None:
        return Fault(
            f"{copied!r} names its tables as a restored copy of those of {name!r}",
            "rename one: who may touch an environment's tables may touch their copies",
        )
    longer = next((one for one in names if one.endswith(f"-{name}")), None)
    if longer is not None:
        return Fault(
            f"{longer!r} ends with another environment's name, {name!r}",
            "rename one: what may touch an environment's things is told by the end of their names",
        )
    return None


def package_fault(name: str, kind: str) -> Fault | None:
    """Find what is wrong with the name of a folder below ``lambda/``: Python imports it by that name.

    Args:
        kind: what it is, in a word: ``service`` or ``package``.
    """
    if not _PACKAGE.fullmatch(name):
        return Fault(f" is no name of a {kind}", "use a-z, then a-z, 0-9 and _")
    if name in sys.stdlib_module_names or keyword.iskeyword(name):
        had = "module" if name in sys.stdlib_module_names else "word"
        return Fault(f": Python itself has a {had} {name}", f"call the {kind} otherwise")
    return None
