"""Drift: what changed outside Terraform, attribute by attribute, and what nobody's state knows."""

from harness.drift.compare import Changed, Difference, Live, drifted
from harness.drift.extras import known_arns, unknown_extras
from harness.drift.report import Drift, as_content, as_text

__all__ = [
    "Changed",
    "Difference",
    "Drift",
    "Live",
    "as_content",
    "as_text",
    "drifted",
    "known_arns",
    "unknown_extras",
]
