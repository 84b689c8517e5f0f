"""Exceptions to policies: ``scripts/policies/exceptions.yaml``, read strictly and applied to Findings.

Each is about named resources, has a reason and an owner, and expires. One that expired, matches nothing or is not
complete is itself a finding, so that the list cannot rot.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from harness.base.errors import HarnessError
from harness.base.findings import Finding, Severity

EXPIRED, UNUSED, INCOMPLETE = "exception-expired", "exception-unused", "exception-incomplete"
HCL = "hcl"
"""Environment name of findings that concern the code, not a plan."""

_FIELDS = ("check", "environments", "resources", "reason", "owner", "expires")
_REASON_MINIMUM = 20
_GUIDELINE = "An exception that nobody looks at again hides the next fault behind the one that was accepted."


@dataclass(frozen=True, slots=True)
class Waiver:
    """One exception.

    Attributes:
        check: id of the check.
        environments: where it holds: environments, or ``hcl``.
        resources: full addresses; no patterns.
        expires: the last day it holds.
        line: where it stands in the file.
    """

    check: str
    environments: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str
    owner: str
    expires: datetime.date
    line: int

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is what this exception is about."""
        environment = finding.environment or HCL
        return finding.check == self.check and environment in self.environments and finding.address in self.resources


@dataclass(frozen=True, slots=True)
class Applied:
    """What is left of findings after exceptions.

    Attributes:
        findings: those that stand, faults of the exceptions included.
        waived: those that an exception covers, with it.
    """

    findings: tuple[Finding, ...]
    waived: tuple[tuple[Finding, Waiver], ...]


def read_waivers(file: Path, shown: str) -> tuple[list[Waiver], list[Finding]]:
    """Read the file.

    Args:
        file: the YAML file: a list of mappings.
        shown: how findings name it.

    Returns:
        the complete exceptions, and a finding for each that is not.

    Raises:
        HarnessError: the file cannot be read, or is not a list.
    """
    try:
        node = yaml.compose(file.read_text())
        entries = yaml.safe_load(file.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise HarnessError(f"{shown} cannot be read: {' '.join(str(error).split())}", "correct the file") from error
    if entries is None:
        return [], []
    if not isinstance(entries, list) or not isinstance(node, yaml.SequenceNode):
        raise HarnessError(f"{shown} is not a list of exceptions", "see the comment at its top")
    waivers: list[Waiver] = []
    faults: list[Finding] = []
    for entry, place in zip(entries, node.value, strict=True):
        line = place.start_mark.line + 1
        problem = _problem(entry)
        if problem:
            faults.append(_fault(INCOMPLETE, f"exception {_name(entry)}: {problem}", shown, line))
        else:
            waivers.append(_waiver(entry, line))
    return waivers, faults


def apply(findings: Iterable[Finding], waivers: Iterable[Waiver], today: datetime.date, shown: str) -> Applied:
    """Take out what exceptions cover. An expired exception covers nothing and is a finding."""
    waivers = list(waivers)
    valid = [waiver for waiver in waivers if waiver.expires >= today]
    standing: list[Finding] = []
    waived: list[tuple[Finding, Waiver]] = []
    for finding in findings:
        covering = next((waiver for waiver in valid if waiver.covers(finding)), None)
        if covering is None:
            standing.append(finding)
        else:
            waived.append((finding, covering))
    for waiver in waivers:
        if waiver.expires < today:
            message = f"exception {waiver.check} of {waiver.owner} expired on {waiver.expires}: mend it or decide anew"
            standing.append(_fault(EXPIRED, message, shown, waiver.line))
    used = {(waiver.line, finding.environment or HCL, finding.address) for finding, waiver in waived}
    for waiver in valid:
        standing += _unused(waiver, used, shown)
    return Applied(tuple(standing), tuple(waived))


def _unused(waiver: Waiver, used: set[tuple[int, str, str]], shown: str) -> list[Finding]:
    idle = [
        f"{address} in {environment}"
        for environment in waiver.environments
        for address in waiver.resources
        if (waiver.line, environment, address) not in used
    ]
    return [
        _fault(UNUSED, f"exception {waiver.check} matches nothing for {one}: remove it", shown, waiver.line)
        for one in idle
    ]


def _problem(entry: object) -> str:
    if not isinstance(entry, dict):
        return "it is no mapping"
    missing = [field for field in _FIELDS if not entry.get(field)]
    unknown = sorted(str(field) for field in entry if field not in _FIELDS)
    if missing or unknown:
        return f"missing {', '.join(missing)}" if missing else f"unknown field {', '.join(unknown)}"
    for field in ("environments", "resources"):
        if not isinstance(entry[field], list) or any("*" in str(one) or "?" in str(one) for one in entry[field]):
            return f"{field} must be a list without patterns: an exception is about named resources"
    if len(str(entry["reason"]).strip()) < _REASON_MINIMUM:
        return "the reason says nothing"
    return "" if type(entry["expires"]) is datetime.date else "expires must be a day such as 2030-01-31"


def _waiver(entry: dict[str, object], line: int) -> Waiver:
    environments, resources, expires = entry["environments"], entry["resources"], entry["expires"]
    assert isinstance(environments, list)  # noqa: S101 - _problem has seen to it
    assert isinstance(resources, list)  # noqa: S101
    assert isinstance(expires, datetime.date)  # noqa: S101
    return Waiver(
        check=str(entry["check"]),
        environments=tuple(map(str, environments)),
        resources=tuple(map(str, resources)),
        reason=" ".join(str(entry["reason"]).split()),
        owner=str(entry["owner"]),
        expires=expires,
        line=line,
    )


def _fault(check: str, message: str, file: str, line: int) -> Finding:
    return Finding(check, Severity.ERROR, "", message, "", file, line, _GUIDELINE)


def _name(entry: object) -> str:
    return str(entry.get("check", "without check")) if isinstance(entry, dict) else "without check"
