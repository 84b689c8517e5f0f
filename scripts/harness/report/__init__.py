"""Findings rendered for people and CI: pure functions from a :class:`Report` to text."""

from harness.report.junit import junit
from harness.report.markdown import markdown
from harness.report.plain import as_json, table
from harness.report.reported import Check, Report, Waived
from harness.report.sarif import sarif

__all__ = ["Check", "Report", "Waived", "as_json", "junit", "markdown", "sarif", "table"]
