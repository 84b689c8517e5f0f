"""The scanners' process, seen from the harness: a job goes in, Findings come out."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from harness.base.errors import PlanFormatError, ToolError
from harness.base.findings import Finding, Severity
from harness.base.paths import CHECKOV_VENV, REPO
from harness.base.process import last_line, run
from harness.plan import Plan, read_plan
from harness.plan.addresses import plain_address
from harness.scan.documents import documents
from harness.scan.exceptions import HCL
from harness.scan.locate import Locator, Place
from harness.typed.records import read_as

SECONDS = 300.0
"""A scan takes a few seconds; what takes this long hangs."""

_SECRETS = "secrets"
_PROVIDERS = ("hashicorp/aws", "builtin/terraform")
"""Whose resources are looked at: no checks of others are loaded (:mod:`harness.scan.lean`)."""
_MADE = {"build", ".terraform", "__pycache__"}


class _Result(msgspec.Struct, frozen=True):
    """One failed check, as :mod:`harness.scan.scanners` writes it."""

    source: str
    check: str
    title: str
    resource: str
    file: str
    line: int
    attribute: str
    guideline: str


class HousePolicy(msgspec.Struct, frozen=True):
    """A house policy that was applied; see :class:`harness.scan.policies.Policy`."""

    id: str
    title: str
    guideline: str
    frameworks: tuple[str, ...]


class _Answer(msgspec.Struct, frozen=True):
    """The scanners' whole answer."""

    results: tuple[_Result, ...] = ()
    evaluated: dict[str, int] = {}
    passed: tuple[tuple[str, str, str], ...] = ()
    policies: dict[str, HousePolicy] = {}
    version: str = ""
    seconds: dict[str, float] = {}
    error: str = ""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan's outcome.

    Attributes:
        findings: everything found, before exceptions; see :func:`once`.
        passed: what house policies found in order: source, policy, address.
        evaluated: check -> how many resources it looked at.
        seconds: what took how long.
    """

    findings: tuple[Finding, ...]
    passed: tuple[tuple[str, str, str], ...]
    evaluated: Mapping[str, int]
    policies: Mapping[str, HousePolicy]
    version: str
    seconds: Mapping[str, float]


class Scanner:
    """The scanners' process, started early so that its start-up runs beside the planning. Use in ``with``."""

    def __init__(self, venv: Path = CHECKOV_VENV) -> None:
        """Start it.

        Raises:
            ToolError: the scanners are not installed.
        """
        python = venv / "bin" / "python"
        if not python.exists():
            raise ToolError("the scanners are not installed (build/venv-checkov)", "run make setup")
        # No proxy, credential or checkov setting of the user: a scan says the same for everybody.
        env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPYCACHEPREFIX") if name in os.environ}
        self._process = subprocess.Popen(
            [str(python), "-m", "harness.scan.driver"],
            cwd=REPO,
            # checkov names the first of a set of attributes: without a fixed seed another one in every run.
            env={**env, "PYTHONPATH": str(REPO / "scripts"), "PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def scan(
        self,
        plans: Mapping[str, bytes],
        scratch: Path,
        *,
        tree: Path,
        suffixes: Mapping[str, str],
        policies: Path = REPO / "scripts" / "policies",
        archives: Iterable[Path] = (),
        files: Iterable[str] | None = None,
    ) -> Scanned:
        """Scan plans, the HCL below ``scratch`` and the files of ``tree``. Once for each Scanner.

        Args:
            plans: environment -> plan JSON.
            scratch: the copy that :func:`harness.scan.plans.copy_tree` made; the plans are written there.
            archives: zips to search for secrets.
            files: paths below ``tree`` to search for secrets; by default all that git knows.

        Raises:
            PlanFormatError: a plan is malformed.
            ToolError: the scanners failed; says at what. A plan has resources of a provider without checks.
        """
        typed = {name: _typed(name, data) for name, data in plans.items()}
        for name, plan in typed.items():
            _require_checks(name, plan)
        for name, data in plans.items():
            (scratch / f"{name}.json").write_bytes(data)
        job = {
            "plans": {name: str(scratch / f"{name}.json") for name in plans},
            "suffixes": dict(suffixes),
            "hcl": [str(scratch / "envs")],
            "policies": str(policies),
            "documents": [document for name, plan in typed.items() for document in documents(name, plan)],
            "secrets": {
                "root": str(tree),
                "files": _tracked(tree) if files is None else list(files),
                "archives": [str(path) for path in archives],
            },
        }
        return _scanned(self._ask(job), Locator(tree), scratch, tree)

    def _ask(self, job: Mapping[str, object]) -> _Answer:
        remedy = "correct what it names; if nothing is named, delete build/venv-checkov and run make setup"
        try:
            output, errors = self._process.communicate(json.dumps(job), timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ToolError(f"the scan took more than {SECONDS:.0f} s", "try again") from error
        try:
            answer = read_as(output.encode(), _Answer)
        except ValueError as error:
            raise ToolError(f"the scanners did not answer: {last_line(errors)}", remedy) from error
        if answer.error:
            raise ToolError(f"the scan could not run: {answer.error}", remedy)
        return answer


def _typed(name: str, data: bytes) -> Plan:
    try:
        return read_plan(data)
    except PlanFormatError as error:
        raise PlanFormatError(f"the plan of {name} is malformed: {error.tried}", error.remedy) from error


def _require_checks(name: str, plan: Plan) -> None:
    for change in plan.resources.values():
        if not change.provider.endswith(_PROVIDERS):
            remedy = "load its checks: harness.scan.lean, harness.scan.scanners, harness.scan.launch"
            raise ToolError(f"no checks for {change.address} ({change.provider}) in the plan of {name}", remedy)


def _scanned(answer: _Answer, locator: Locator, scratch: Path, tree: Path) -> Scanned:
    found = {_finding(result, locator, scratch, tree) for result in answer.results}
    return Scanned(
        findings=tuple(sorted(found)),
        passed=answer.passed,
        evaluated=answer.evaluated,
        policies=answer.policies,
        version=answer.version,
        seconds=answer.seconds,
    )


def _tracked(tree: Path) -> list[str]:
    """List what git knows or would take; in a tree without git, everything but what is made. Links are left out."""
    if (tree / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = run(command, cwd=tree, remedy="install git").stdout.split("\0")
        return [name for name in listed if name and _is_text_of_its_own(tree / name)]
    files = (path.relative_to(tree) for path in tree.rglob("*") if _is_text_of_its_own(path))
    return sorted(str(path) for path in files if not _MADE & set(path.parts))


def _is_text_of_its_own(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _finding(result: _Result, locator: Locator, scratch: Path, tree: Path) -> Finding:
    place = Place(result.file, result.line)
    if result.source == HCL:
        scanned = Path(result.file).resolve().relative_to(scratch.resolve())
        # A file that roots share was scanned in each root: resolved, it is one place.
        place = Place(str((tree / scanned).resolve().relative_to(tree.resolve())), result.line)
    elif result.source != _SECRETS:
        place = locator.find(result.source, result.resource, result.attribute)
    return Finding(
        check=result.check,
        severity=Severity.ERROR,
        address=result.resource,
        message=result.title,
        environment="" if result.source in (HCL, _SECRETS) else result.source,
        file=place.file,
        line=place.line,
        guideline=result.guideline,
    )


def once(findings: Iterable[Finding]) -> list[Finding]:
    """Drop what the HCL scan says again: a plan's finding on the same block is the more exact one."""
    every = list(findings)
    planned = {(one.check, plain_address(one.address)) for one in every if one.environment}
    return [one for one in every if one.environment or (one.check, plain_address(one.address)) not in planned]
