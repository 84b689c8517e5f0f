"""No text cites what is not there: files that documents, docstrings and comments name exist, and so do modules."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from tests.example import places_lacking

from harness.base.paths import REPO
from harness.base.process import run
from harness.facts import service_names

# Where comments and docstrings are read; documents are read wherever they stand.
MAKING = ("scripts/", "tests/support/")
COMMENTED = ("envs/", "lambda/", "modules/", "scripts/", "tests/support/")
# Look like files and are none.
PACKAGES = ("ruamel.yaml",)
_TOPS = r"(?:docs|envs|lambda|modules|requirements|scripts|tests|\.ci|\.github)"
_PATH = re.compile(rf"(?<![\w./<-]){_TOPS}/[\w./*<>${{}}-]*")
_FILE = re.compile(r"(?<![\w./*<>$-])[\w-]+(?:\.[\w-]+)*\.(?:bin|hcl|in|json|md|py|tf|tfvars|toml|txt|yaml|yml|zip)\b")
_LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
_MODULE = re.compile(r"(?<![\w.])harness(?:\.\w+)+")
# Stands for any name: <service>, $ENV, {name}, SERVICE, *.
_PLACEHOLDER = re.compile(r"<[^>]*>|\$\{?\w+\}?|\{[^}]*\}|\b[A-Z][A-Z_]*\b(?!\.md)")
# Files that a service may have or not.
_MAY_BE = re.compile(r"(?:lambda/[^/]+/)?(?:exceptions\.yaml|requirements\.txt|upgrade\.md)")
# Speaks of the product that it makes; its blocks are followed in tests/adoption.
_OF_A_PRODUCT = "docs/adopt.md"
# The numbers of decision records stand for them: docs/adr/0021.
_RECORD = re.compile(r"docs/adr/\d{4}")


@cache
def files() -> frozenset[str]:
    """Every file of the tree, without what is made."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = run(command, cwd=REPO, remedy="install git").stdout.split("\0")
    return frozenset(name for name in listed if name and (REPO / name).exists())


@cache
def folders() -> frozenset[str]:
    return frozenset(str(parent) for name in files() for parent in Path(name).parents)


@cache
def made_names() -> str:
    """The text of the code's own strings: a file that code makes is named in one."""
    return "\n".join(text for name in files() if name.startswith(MAKING) for text in strings(name))


def strings(name: str) -> Iterator[str]:
    """String literals of a Python file that are no docstrings."""
    if not name.endswith(".py"):
        return
    tree = ast.parse((REPO / name).read_text())
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def prose(name: str, text: str) -> Iterator[str]:
    """What a file says to its readers."""
    if name.endswith(".md"):
        yield text
    elif name.endswith(".py"):
        tree = ast.parse(text)
        for node in ast.walk(tree):
            value = node.value if isinstance(node, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.string
    else:
        yield from re.findall(r"(?:^|\s)(#.*)$", text, re.MULTILINE)


def texts() -> list[str]:
    kinds = (".py", ".tf", ".yaml", ".hcl", ".tfvars")
    commented = [name for name in files() if name.startswith(COMMENTED) and name.endswith(kinds)]
    documents = [name for name in files() if name.endswith(".md") and name != _OF_A_PRODUCT]
    return sorted({*documents, *commented, "Makefile", "blueprint.yaml", "pyproject.toml", "tests/survivors.yaml"})


def exists(reference: str) -> bool:
    """Tell if a path names a file or folder, placeholders standing for any name; or one of the worked example's."""
    reference = reference.rstrip("./").removesuffix(":")
    if _MAY_BE.fullmatch(reference) or f"{reference}/".startswith(places_lacking()):
        return True
    if _RECORD.fullmatch(reference):
        reference += "-*"
    parts = [re.escape(part) for part in re.split(r"\*+", _PLACEHOLDER.sub("*", reference))]
    wanted = re.compile("[^/]*".join(parts))
    return any(wanted.fullmatch(one) for one in (*files(), *folders()))


def known_module(reference: str) -> bool:
    """Tell if a dotted name is a module, or a name that its module speaks of."""
    parts = reference.split(".")
    for end in range(len(parts), 0, -1):
        place = Path("scripts", *parts[:end])
        file = next((one for one in (f"{place}.py", f"{place}/__init__.py") if one in files()), None)
        if file is not None:
            return end == len(parts) or re.search(rf"\b{parts[end]}\b", (REPO / file).read_text()) is not None
    return False


def known_file(name: str) -> bool:
    """Tell if a name without a folder is one of a file of the tree, or of one that code makes."""
    if (
        name in PACKAGES
        or _MAY_BE.fullmatch(name)
        or (_PLACEHOLDER.fullmatch(name.partition(".")[0]) and not name.endswith(".md"))
    ):
        return True
    bundled = {f"{service}.{ending}" for service in service_names() for ending in ("json", "zip")}
    return name in bundled or any(file.rpartition("/")[2] == name for file in files()) or name in made_names()


def leads_somewhere(document: Path, link: str) -> bool:
    """Tell if a link of a document names what is there, or what is the worked example's."""
    target = (document.parent / link).resolve()
    place = target.relative_to(REPO).as_posix() if target.is_relative_to(REPO) else ""
    return target.exists() or place.startswith(places_lacking())


def dead(name: str, said: Iterable[str]) -> list[str]:
    """References of a file's prose that lead nowhere."""
    found = []
    for text in said:
        found += [one for one in _PATH.findall(text) if not exists(one)]
        found += [one for one in _MODULE.findall(text) if not _FILE.fullmatch(one) and not known_module(one)]
        found += [one for one in _FILE.findall(text) if not known_file(one)]
        for one in _LINK.findall(text) if name.endswith(".md") else ():
            if "://" not in one and not leads_somewhere(REPO / name, one):
                found.append(one)
    return found


@pytest.mark.parametrize("name", texts())
def test_what_is_cited_exists(name: str) -> None:
    assert dead(name, prose(name, (REPO / name).read_text())) == []


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("see docs/adr/9999-gone.md.", ["docs/adr/9999-gone.md."]),
        ("see docs/adr/9999", ["docs/adr/9999"]),
        ("as envs/<environment>/gone.yaml says", ["envs/<environment>/gone.yaml"]),
        ("`scripts/harness/verbs/gone_*.py`", ["scripts/harness/verbs/gone_*.py"]),
        (
            ":mod:`harness.gone.show` and :func:`harness.base.paths.gone`",
            ["harness.gone.show", "harness.base.paths.gone"],
        ),
        ("as GONE.md has it; conditions.toml", ["GONE.md", "conditions.toml"]),
        ("[a page](gone.md)", ["gone.md", "gone.md"]),
        ("docs/adr/0021, envs/$ENV/locals.tf, scripts/harness/verbs/<verb>.py, modules/*/main.tf, plan.json", []),
        ("[a page](docs/pitfalls.md), :class:`harness.base.paths.Stack`, tests/, https://example.com/docs/gone.md", []),
    ],
)
def test_what_is_not_there_is_found(said: str, gone: list[str]) -> None:
    assert dead("README.md", [said]) == gone
