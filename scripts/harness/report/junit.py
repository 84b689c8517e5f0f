"""JUnit XML: one test case a finding, and one for every check that found nothing."""

# Only written here, never read: what xml.etree does with hostile input does not matter.
from xml.etree import ElementTree as ET

from harness.base.findings import Finding, Severity
from harness.report.reported import Report, place


def junit(report: Report) -> str:
    """Render findings as failures (notes are none) and accepted ones as skipped with their reason."""
    suite = ET.Element("testsuite", name=report.name, errors="0")
    silent = {check.id for check in report.checks}
    failures = 0
    for finding in report.ordered:
        silent.discard(finding.check)
        case = _case(suite, report, finding)
        text = "\n".join(filter(None, (place(finding), finding.address, finding.message, finding.guideline)))
        if finding.severity is Severity.NOTE:
            ET.SubElement(case, "system-out").text = _printable(text)
        else:
            failures += 1
            failure = ET.SubElement(case, "failure", type=finding.severity, message=_printable(finding.message))
            failure.text = _printable(text)
    for waived in report.waived:
        silent.discard(waived.finding.check)
        reason = f"accepted by {waived.owner} until {waived.expires}: {waived.reason}"
        ET.SubElement(_case(suite, report, waived.finding), "skipped", message=_printable(reason))
    for check in sorted(silent):
        ET.SubElement(suite, "testcase", classname=report.name, name=check)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    suite.set("skipped", str(len(report.waived)))
    ET.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"


def _case(suite: ET.Element, report: Report, finding: Finding) -> ET.Element:
    name = " ".join(filter(None, (finding.check, finding.environment, finding.address or place(finding))))
    return ET.SubElement(suite, "testcase", classname=report.name, name=_printable(name), file=finding.file)


def _printable(text: str) -> str:
    """Take out of ``text`` the control characters that XML cannot hold."""
    return "".join(letter for letter in text if letter in "\n\t" or letter >= " ")
