"""A plan that breaks a rule, and the same plan mended; facts of a made-up product that both are judged by."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.facts import Action, Blueprint, Environment, Grant, Index, Key, Service, Table, Units
from harness.facts.service import Metric, Seconds
from harness.plan import Plan
from harness.rules import Sources

STRICT = "strict"
"""An environment of which the blueprint says nothing."""
LAX = "lax"
"""One that needs none of what can be left out."""
SUFFIX = "copy"
BLUEPRINT = Blueprint(
    project="webshop",
    prefix="api",
    region="eu-west-1",
    environments={LAX: Environment(guarded=False, requires=frozenset()), STRICT: Environment()},
)
SHOP = Service(
    description="Sells.",
    handler="shop.handler",
    seconds=Seconds(typical=0.05, call_at_worst=7.2, margin=2.5),
    environment={"TABLE_NAME": "table:carts"},
    open_routes=("GET /health",),
    tables={
        "carts": Table(
            hash_key=Key("id"),
            per_request={"GET /carts": Units(read=2, write=13)},
            indexes={
                "by-x": Index(hash_key=Key("x"), per_request={"GET /carts": Units(read=14, write=5)}, key_values=5)
            },
        )
    },
    metrics={"Refused": Metric(("environment", "service"))},
)
MAIL = Service(
    description="Writes.",
    handler="mail.handler",
    seconds=Seconds(typical=0.5, call_at_worst=3, margin=1),
    environment={"OUTBOX": "queue:outbox", "LETTERS": "table:letters"},
    tables={"letters": Table(hash_key=Key("id"), per_request={"GET /letters": Units(read=1, write=2)})},
)


def grant(sid: str, resource: str, action: str, **rest: str) -> Grant:
    """Build a statement of one action."""
    return Grant(sid, resource, "r", (Action(action, "w", True, "d"),), **rest)  # type: ignore[arg-type]


GRANTS = {
    "shop": (grant("Items", "table:carts", "dynamodb:GetItem"), grant("List", "index:carts/by-x", "dynamodb:Query")),
    "mail": (grant("Send", "queue:outbox", "sqs:SendMessage"), grant("Keep", "table:letters", "dynamodb:PutItem")),
}
BASE_GRANTS = (
    grant("Trace", "any", "xray:PutTraceSegments", when="tracing"),
    grant("Decrypt", "key", "kms:Decrypt", when="customer_key"),
    grant("Logs", "log_group", "logs:PutLogEvents"),
)
ROUTES = {"shop": frozenset({"GET /carts", "GET /health"}), "mail": frozenset({"GET /letters"})}
SOURCES = Sources(BLUEPRINT, {"mail": MAIL, "shop": SHOP}, GRANTS, BASE_GRANTS, ROUTES)


@dataclass(frozen=True)
class Pair:
    """The smallest plan that breaks a rule in one way, and the same plan mended.

    Attributes:
        rule: id of the rule.
        way: how it is broken, for the test's name.
        says: what the finding must say.
        acknowledged: addresses acknowledged when the mended plan is judged.
        sources: facts that both plans are judged by.
        mended_sources: facts that the mended plan is judged by, where they are what was mended.
    """

    rule: str
    way: str
    broken: Plan
    mended: Plan
    says: str
    environment: str = STRICT
    acknowledged: tuple[str, ...] = ()
    sources: Sources = field(default=SOURCES)
    mended_sources: Sources | None = None
