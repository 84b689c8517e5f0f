"""Known vulnerabilities of pinned packages: pip-audit asks a list about them, and what it could not ask is told."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.base.errors import ToolError
from harness.base.findings import Finding, Severity
from harness.base.paths import AUDIT_VENV, REPO
from harness.base.pins import Pin, canonical, pin_files, placed_pins
from harness.base.process import last_line, run
from harness.typed.records import read_as

UNCHECKED = "not-checked"
_LONGEST = 200
_REMEDY = "run it where the list can be reached, or name another one: make audit ARGS='--vulnerability-service osv'"


class _Vulnerability(msgspec.Struct, frozen=True):
    id: str
    fix_versions: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    description: str = ""


class _Package(msgspec.Struct, frozen=True):
    name: str
    version: str = ""
    vulns: tuple[_Vulnerability, ...] = ()
    skip_reason: str = ""


class _Answer(msgspec.Struct, frozen=True):
    dependencies: tuple[_Package, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Answer of a list of vulnerabilities.

    Attributes:
        packages: how many were asked about.
        unchecked: those that it knows nothing of, as ``NAME==VERSION``.
        reason: why not, of the first.
    """

    findings: tuple[Finding, ...]
    packages: int
    unchecked: tuple[str, ...]
    reason: str


def read_all(tree: Path = REPO) -> dict[Pin, tuple[tuple[str, int], ...]]:
    """Return all packages that a tree pins, for whatever system they are, with the files and lines that they stand in.

    Raises:
        ToolError: as :func:`placed_pins`.
    """
    found: dict[Pin, tuple[tuple[str, int], ...]] = {}
    for file in pin_files(tree):
        for pin, line in placed_pins(file).items():
            known = Pin(canonical(pin.name), pin.version, "", ())
            place = file.relative_to(tree).as_posix(), line
            found[known] = (*found.get(known, ()), place)
    return found


def ask(pins: Mapping[Pin, tuple[tuple[str, int], ...]], words: Sequence[str] = (), venv: Path = AUDIT_VENV) -> Asked:
    """Ask a list about packages.

    Args:
        words: further options of pip-audit.

    Raises:
        ToolError: the list cannot be reached, or did not answer: nothing is known.
    """
    answers = [told(_asked(venv, one, words)) for one in rounds(pins)]
    packages = [package for answer in answers for package in answer.dependencies]
    return judged(packages, pins)


def rounds(pins: Iterable[Pin]) -> list[list[Pin]]:
    """Sort pins into lists that hold each package once: pip-audit takes no second version of one."""
    versions: dict[str, list[Pin]] = {}
    for pin in pins:
        versions.setdefault(pin.name, []).append(pin)
    most = max(map(len, versions.values()), default=0)
    return [[each[place] for each in versions.values() if len(each) > place] for place in range(most)]


def told(printed: str) -> _Answer:
    """Read what pip-audit printed.

    Raises:
        ToolError: it is no answer.
    """
    try:
        return read_as(printed.encode(), _Answer)
    except ValueError as error:
        raise ToolError(f"pip-audit's answer cannot be read: {error}", "run make setup, then try again") from error


def judged(packages: Iterable[_Package], pins: Mapping[Pin, tuple[tuple[str, int], ...]]) -> Asked:
    """Compare a list's answers with what was asked; a package without an answer was not checked."""
    places = {pin.title: where for pin, where in pins.items()}
    answered = {f"{canonical(one.name)}=={one.version}": one for one in packages if not one.skip_reason}
    reason = next((one.skip_reason for one in packages if one.skip_reason), "the list did not answer")
    findings = [
        finding for title, package in answered.items() for finding in _findings(title, package, places.get(title, ()))
    ]
    missing = tuple(title for title in places if title not in answered)
    return Asked(tuple(findings), len(places), missing, reason)


def _findings(title: str, package: _Package, places: Iterable[tuple[str, int]]) -> Iterator[Finding]:
    for one in package.vulns:
        fixed = f"fixed in {', '.join(one.fix_versions)}" if one.fix_versions else "no version mends it yet"
        names = f" ({', '.join(one.aliases)})" if one.aliases else ""
        text = " ".join(one.description.split())[:_LONGEST]
        for file, line in places:
            yield Finding(
                one.id, Severity.ERROR, canonical(package.name), f"{title}{names}: {fixed}. {text}", "", file, line
            )


def _asked(venv: Path, pins: Iterable[Pin], words: Sequence[str]) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as asked:
        asked.write("".join(f"{pin.title}\n" for pin in pins))
        asked.flush()
        shape: list[str | Path] = ["--format", "json", "--desc", "on", "--aliases", "on", "--progress-spinner", "off"]
        command = [venv / "bin" / "pip-audit", "--disable-pip", "--no-deps", *shape, *words, "-r", asked.name]
        # It ends with 1 for a vulnerability and for a list that cannot be reached alike: only an answer tells.
        done = run(command, accept=(0, 1), remedy=_REMEDY)
    if not done.stdout.strip():
        why = last_line(done.stderr)[:_LONGEST]
        raise ToolError(f"no package was checked, the list of vulnerabilities did not answer: {why}", _REMEDY)
    return done.stdout
