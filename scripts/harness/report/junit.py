"""JUnit XML: one test case a finding, and one for every check that found nothing."""

# Only written here, never read: what xml.etree does with hostile input does not matter.
from xml.etree import ElementTree as ET

from harness.base.findings import Finding, Severity
from harness.report.characters import xml_text
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
            ET.SubElement(case, "system-out").text = text
        else:
            failures += 1
            failure = ET.SubElement(case, "failure", type=finding.severity, message=finding.message)
            failure.text = text
    for waived in report.waived:
        silent.discard(waived.finding.check)
        reason = f"accepted by {waived.owner} until {waived.expires}: {waived.reason}"
        ET.SubElement(_case(suite, report, waived.finding), "skipped", message=reason)
    for check in sorted(silent):
        ET.SubElement(suite, "testcase", classname=report.name, name=check)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    suite.set("skipped", str(len(report.waived)))
    _printable(suite)
    ET.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"


def _case(suite: ET.Element, report: Report, finding: Finding) -> ET.Element:
    name = " ".join(filter(None, (finding.check, finding.environment, finding.address or place(finding))))
    return ET.SubElement(suite, "testcase", classname=report.name, name=name, file=finding.file)


def _printable(element: ET.Element) -> None:
    """Leave nothing in an element and below it that XML cannot hold."""
    for one in element.iter():
        one.attrib.update({name: xml_text(value) for name, value in one.attrib.items()})
        one.text = None if one.text is None else xml_text(one.text)
