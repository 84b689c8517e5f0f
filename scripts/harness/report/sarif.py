"""SARIF 2.1.0 (OASIS), as GitHub code scanning reads it."""

import hashlib
import json
import re
from urllib.parse import quote

from harness.base.findings import Finding, Severity
from harness.report.characters import in_unicode
from harness.report.reported import Check, Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# GitHub, "SARIF support for code scanning": 7.0 to 8.9 is shown as high, 4.0 to 6.9 as medium.
_SCORES = {Severity.ERROR: "8.0", Severity.WARNING: "5.0", Severity.NOTE: "1.0"}
# Code scanning wants a file for every result; what concerns a whole plan is shown at its root.
_ROOT, _NOWHERE = "envs/{environment}/main.tf", "Makefile"


def sarif(report: Report) -> str:
    """Render one run; accepted findings are suppressed results with their reason."""
    report = in_unicode(report)
    rules = _rules(report)
    index = {rule["id"]: position for position, rule in enumerate(rules)}
    results = [_result(one, index) for one in report.ordered]
    for waived in report.waived:
        justification = f"{waived.reason} ({waived.owner}, until {waived.expires})"
        suppressed = _result(waived.finding, index)
        suppressed["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
        results.append(suppressed)
    driver = {"name": report.name, "rules": rules} | ({"version": report.version} if report.version else {})
    run = {"tool": {"driver": driver}, "columnKind": "utf16CodeUnits", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rules(report: Report) -> list[dict[str, object]]:
    found = [*report.findings, *(waived.finding for waived in report.waived)]
    worst: dict[str, Finding] = {}
    for finding in sorted(found, key=lambda one: _SCORES[one.severity]):
        worst[finding.check] = finding
    known = {check.id: check for check in report.checks}
    return [_rule(known.get(name) or Check(name), worst.get(name)) for name in sorted(known.keys() | worst.keys())]


def _rule(check: Check, finding: Finding | None) -> dict[str, object]:
    severity = finding.severity if finding else Severity.ERROR
    guideline = check.guideline or (finding.guideline if finding else "")
    rule: dict[str, object] = {
        "id": check.id,
        "shortDescription": {"text": check.title or (finding.message if finding else check.id)},
        "defaultConfiguration": {"level": str(severity)},
        "properties": {"tags": ["security"], "security-severity": _SCORES[severity]},
    }
    if guideline:
        rule["help"] = {"text": guideline}
    # Words after the address make it none.
    if re.fullmatch(r"https://[\w.-]+(?::\d+)?(?:[/?#][\w./?#&=%~+,;:@!$'()*-]*)?", guideline, re.ASCII):
        rule["helpUri"] = guideline
    return rule


def _result(finding: Finding, index: dict[object, int]) -> dict[str, object]:
    environment = f" in {finding.environment}" if finding.environment else ""
    location: dict[str, object] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(_file(finding))},
            "region": {"startLine": max(finding.line, 1)},
        }
    }
    if finding.address:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.address, "kind": "resource"}]
    # Without the line, so that a finding stays the same one when code above it moves.
    identity = "\0".join((finding.check, finding.environment, finding.address, finding.file, finding.message))
    return {
        "ruleId": finding.check,
        "ruleIndex": index[finding.check],
        "level": str(finding.severity),
        "message": {"text": f"{finding.address}{environment}: {finding.message}".removeprefix(": ")},
        "locations": [location],
        "partialFingerprints": {"finding/v1": hashlib.sha256(identity.encode()).hexdigest()[:32]},
    }


def _file(finding: Finding) -> str:
    if finding.file:
        return finding.file
    return _ROOT.format(environment=finding.environment) if finding.environment else _NOWHERE
