"""Runs the scanners' process and turns its answer into Findings."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import msgspec

from harness.errors import PlanFormatError, ToolError
from harness.findings import Finding, Severity
from harness.paths import CHECKOV_VENV, REPO
from harness.plan import UNKNOWN, Plan, read_plan
from harness.process import last_line, run
from harness.scan.exceptions import HCL
from harness.scan.locate import Locator, Place, plain_address

SECONDS = 300.0
"""A scan takes a few seconds; what takes this long hangs."""

_SECRETS = "secrets"
_MADE = {"build", ".terraform", "__pycache__", ".hypothesis"}
_IDENTITY = re.compile(r"aws_(iam_(role|user|group)_policy|iam_policy)$")
_DOCUMENT_NAMES = ("policy", "assume_role_policy")


class _Result(msgspec.Struct, frozen=True):
    """One failed check, as :mod:`harness.scan.engine` writes it."""

    source: str
    check: str
    title: str
    resource: str
    file: str
    line: int
    attribute: str
    severity: str
    guideline: str


class HousePolicy(msgspec.Struct, frozen=True):
    """A house policy that was applied; see :class:`harness.scan.policies.Policy`."""

    id: str
    title: str
    severity: str
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
        policies: house policies by id.
        version: checkov's.
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
            env={**env, "PYTHONPATH": str(REPO / "scripts")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Scanner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
            tree: what findings name: the repository.
            suffixes: environment -> suffix.
            policies: folder of the house policies.
            archives: zips to search for secrets.
            files: paths below ``tree`` to search for secrets; by default all that git knows.

        Raises:
            PlanFormatError: a plan is malformed.
            ToolError: the scanners failed; says at what.
        """
        typed = {name: _typed(name, data) for name, data in plans.items()}
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
                "files": list(_tracked(tree) if files is None else files),
                "archives": [str(path) for path in archives],
            },
        }
        answer = self._ask(job)
        locator = Locator(tree)
        found = (_finding(result, locator, scratch) for result in answer.results)
        return Scanned(
            findings=tuple(sorted(set(found))),
            passed=answer.passed,
            evaluated=answer.evaluated,
            policies=answer.policies,
            version=answer.version,
            seconds=answer.seconds,
        )

    def _ask(self, job: Mapping[str, object]) -> _Answer:
        remedy = "correct what it names; if nothing is named, delete build/venv-checkov and run make setup"
        try:
            output, errors = self._process.communicate(json.dumps(job), timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ToolError(f"the scan took more than {SECONDS:.0f} s", "try again") from error
        try:
            answer = msgspec.json.decode(output, type=_Answer)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise ToolError(f"the scanners did not answer: {last_line(errors)}", remedy) from error
        if answer.error:
            raise ToolError(f"the scan could not run: {answer.error}", remedy)
        return answer


def documents(environment: str, plan: Plan) -> list[dict[str, str]]:
    """Every policy document of a plan, for :mod:`harness.scan.iam`; unknown ones with an empty text."""
    found = []
    for change in plan.resources.values():
        after = change.after if change.stays and change.mode == "managed" else None
        if not isinstance(after, dict):
            continue
        for name, value in after.items():
            known = isinstance(value, str) and '"Statement"' in value
            if known or (name in _DOCUMENT_NAMES and value is UNKNOWN and _is_set(plan, change.address, name)):
                found.append(
                    {
                        "source": environment,
                        "resource": change.address,
                        "attribute": name,
                        "kind": _kind(change.type, name),
                        "text": value if known else "",
                    }
                )
    return found


def _is_set(plan: Plan, address: str, attribute: str) -> bool:
    change = plan.resource(address)
    return attribute in plan.configuration.attributes(change.module, change.type, change.name)


def _kind(resource_type: str, attribute: str) -> str:
    if attribute == "assume_role_policy":
        return "trust"
    return "identity" if _IDENTITY.match(resource_type) else "resource"


def _typed(name: str, data: bytes) -> Plan:
    try:
        return read_plan(data)
    except PlanFormatError as error:
        raise PlanFormatError(f"the plan of {name} is malformed: {error.tried}", error.remedy) from error


def _tracked(tree: Path) -> list[str]:
    """What git knows or would take; in a tree without git, everything but what is made."""
    if (tree / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = run(command, cwd=tree, remedy="install git").stdout.split("\0")
        return [name for name in listed if name and (tree / name).is_file()]
    files = (path.relative_to(tree) for path in tree.rglob("*") if path.is_file())
    return sorted(str(path) for path in files if not _MADE & set(path.parts))


def _finding(result: _Result, locator: Locator, scratch: Path) -> Finding:
    place = Place(result.file, result.line)
    if result.source == HCL:
        place = Place(str(Path(result.file).resolve().relative_to(scratch.resolve())), result.line)
    elif result.source != _SECRETS:
        place = locator.find(result.source, result.resource, result.attribute)
    return Finding(
        check=result.check,
        severity=Severity.WARNING if result.severity == "WARNING" else Severity.ERROR,
        address=result.resource,
        message=result.title,
        environment="" if result.source in (HCL, _SECRETS) else result.source,
        file=place.file,
        line=place.line,
        guideline=result.guideline,
    )


def once(findings: Iterable[Finding]) -> list[Finding]:
    """Without what the HCL scan says again: a plan's finding on the same block is the more exact one."""
    every = list(findings)
    planned = {(one.check, plain_address(one.address)) for one in every if one.environment}
    return [one for one in every if one.environment or (one.check, plain_address(one.address)) not in planned]
