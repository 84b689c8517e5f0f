"""``make audit``: known vulnerabilities of every pinned package. Needs a list of them that can be reached."""

import datetime
import shlex

from harness.base.errors import ToolError
from harness.base.findings import Finding, Severity
from harness.base.options import Options
from harness.base.paths import AUDIT_VENV, EXCEPTIONS, REPO
from harness.base.pins import REQUIREMENTS
from harness.base.progress import phase
from harness.base.toolset import install_pins
from harness.report import Check, Report, Waived
from harness.scan.exceptions import apply, read_waivers
from harness.scan.vulnerabilities import UNCHECKED, Asked, ask, read_all
from harness.verbs.scan import write_report

_NAMED = 5


def run(options: Options) -> int:
    """Ask, write the reports, and exit 1 when a vulnerability stands that is not accepted.

    Raises:
        ToolError: the list could not be asked, or knows nothing of a package: that one was not checked.
    """
    with phase("pip-audit (build/venv-audit)"):
        install_pins(AUDIT_VENV, REQUIREMENTS / "audit.txt")
    pins = read_all()
    with phase(f"ask about {len({pin.title for pin in pins})} packages"):
        asked = ask(pins, shlex.split(options.arguments))
    report = judged(asked, datetime.datetime.now(datetime.UTC).date())
    write_report(report)
    if asked.unchecked:
        raise ToolError(_unchecked(asked), "ask another list, too: make audit ARGS='--vulnerability-service osv'")
    return 1 if report.failed else 0


def judged(asked: Asked, today: datetime.date) -> Report:
    """Return the report after the exceptions in ``requirements/exceptions.yaml``.

    Raises:
        HarnessError: the exceptions cannot be read.
    """
    file = REQUIREMENTS / EXCEPTIONS
    waivers, faults = read_waivers(file, file.relative_to(REPO).as_posix()) if file.exists() else ([], [])
    applied = apply(asked.findings, waivers, today)
    left = [Finding(UNCHECKED, Severity.ERROR, "", _unchecked(asked))] if asked.unchecked else []
    return Report(
        name="audit",
        findings=(*applied.findings, *faults, *left),
        waived=tuple(Waived(one, by.reason, by.owner, str(by.expires)) for one, by in applied.waived),
        checks=(Check("vulnerabilities", looked_at=asked.packages - len(asked.unchecked)),),
    )


def _unchecked(asked: Asked) -> str:
    more = ", …" if len(asked.unchecked) > _NAMED else ""
    named = ", ".join(asked.unchecked[:_NAMED]) + more
    return f"{len(asked.unchecked)} of {asked.packages} packages were not checked ({named}): {asked.reason}"
