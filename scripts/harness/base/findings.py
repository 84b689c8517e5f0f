"""What every check yields: a ``Finding``. Rules, parity, inventories and policy scans all speak this type."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is. Only ``ERROR`` and ``WARNING`` make a command exit 1; ``NOTE`` informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


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
