"""Drift: what changed outside Terraform, attribute by attribute, and what nobody's state knows."""

from harness.operate.drift.compare import Changed, Difference, Live, drifted
from harness.operate.drift.extras import known_arns, unknown_extras
from harness.operate.drift.listing import Drift, as_content, as_text

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
