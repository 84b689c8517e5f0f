"""A plan that breaks a rule, and the same plan mended."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.plan import Plan
from harness.rules import Action, Grant, Sources

SUFFIX = "prod"
GRANTS = (
    Grant("Items", "table", "r", "always", (Action("dynamodb:GetItem", "w", "d", True),)),
    Grant("List", "index", "r", "always", (Action("dynamodb:Query", "w", "d", True),)),
    Grant("Trace", "any", "r", "tracing", (Action("xray:PutTraceSegments", "w", "d", False),)),
    Grant("Decrypt", "key", "r", "customer_key", (Action("kms:Decrypt", "w", "d", True),)),
    Grant("Logs", "log_group", "r", "always", (Action("logs:PutLogEvents", "w", "d", True),)),
)
SOURCES = Sources(
    GRANTS,
    {"TYPICAL_DURATION_SECONDS": 0.05, "SDK_WORST_CASE_SECONDS": 7.2, "HANDLER_MARGIN_SECONDS": 2.5},
    concurrency_quota=1000,
)


@dataclass(frozen=True)
class Pair:
    """The smallest plan that breaks a rule in one way, and the same plan mended.

    Attributes:
        rule: id of the rule.
        way: how it is broken, for the test's name.
        says: what the finding must say.
        acknowledged: addresses acknowledged when the mended plan is judged.
    """

    rule: str
    way: str
    broken: Plan
    mended: Plan
    says: str
    environment: str = "prod"
    acknowledged: tuple[str, ...] = ()
    sources: Sources = field(default=SOURCES)
