"""What every check yields: a ``Finding``. Rules, parity, inventories and policy scans all speak this type."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is. Only ``ERROR`` and ``WARNING`` make a command exit 1; ``NOTE`` informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


RANK = {severity: place for place, severity in enumerate(Severity)}
"""Severity -> its place in a report, worst first."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One promise that does not hold.

    Attributes:
        check: id of the rule, policy or inventory line that found it, e.g. ``alarm-liveness``.
        address: Terraform address it concerns, or ``""`` when it concerns the whole plan.
        message: what is wrong and what was expected, with the arithmetic where there is any; no secret values.
        environment: whose plan it was found in, or ``""``.
        file: repository-relative source file, or ``""``.
        line: 1-based line in ``file``, 0 when unknown.
        guideline: why the check exists, or where it is documented.
    """

    check: str
    severity: Severity
    address: str
    message: str
    environment: str = ""
    file: str = ""
    line: int = 0
    guideline: str = ""


def failing(findings: Iterable[Finding]) -> bool:
    """Tell whether findings make a command exit 1: one of them is more than a note."""
    return any(one.severity is not Severity.NOTE for one in findings)


def counted(findings: Sequence[Finding]) -> list[str]:
    """Count findings by severity, the worst first: ``2 errors``, ``1 note``."""
    numbers = {severity: sum(one.severity is severity for one in findings) for severity in Severity}
    return [f"{number} {severity}{'s' if number != 1 else ''}" for severity, number in numbers.items() if number]
