"""Numbers of shards that hide items from a version of the function."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from tests.support.builder import Res, plan
from tests.support.pairs import SOURCES, Pair

from harness.facts import Shards
from harness.plan import UNKNOWN

VARIABLES = {"READS": "shards:carts/read", "WRITES": "shards:carts/write"}
SHOP = SOURCES.services["shop"]
CARTS = msgspec.structs.replace(SHOP.tables["carts"], shards=Shards(read=8, write=8))
SHARDED = msgspec.structs.replace(SHOP, environment=VARIABLES, tables={"carts": CARTS})


def sources(**changes: Any) -> Any:
    return replace(SOURCES, services={**SOURCES.services, "shop": msgspec.structs.replace(SHARDED, **changes)})


def shop(read: Any, write: Any, before: tuple[str, str] | None = None) -> Res:
    def environment(reads: Any, writes: Any) -> dict[str, Any]:
        variables = {
            "ENVIRONMENT": "strict",
            "POWERTOOLS_METRICS_NAMESPACE": "webshop",
            "READS": reads,
            "WRITES": writes,
        }
        return {"filename": "../shop.zip", "handler": "shop.handler", "environment": [{"variables": variables}]}

    action = "create" if before is None else "update"
    return Res(
        "aws_lambda_function.this", environment(read, write), action=action, before=before and environment(*before)
    )


def pair(way: str, says: str, broken: Res, mended: Res, **rest: Any) -> Pair:
    return Pair("shards", way, plan(broken), plan(mended), says, **({"sources": sources()} | rest))


PAIRS = (
    pair("written-before-it-is-read", "would write to 8 shards of carts beside a version that reads 4, whose lists "
         "would lack items; raise READS alone to 8, release that, and then raise WRITES",
         shop("8", "8", ("4", "4")), shop("8", "4", ("4", "4"))),
    pair("written-a-step-too-far", "would write to 9 shards of carts beside a version that reads 8",
         shop("9", "9", ("8", "4")), shop("8", "8", ("8", "4"))),
    pair("no-longer-read", "would read 4 shards of carts, and items are in 8: lists would lack them; keep READS at 8",
         shop("4", "4", ("8", "8")), shop("8", "4", ("8", "8"))),
    pair("written-and-not-read", "writes to 8 shards of carts and reads 4", shop("4", "8"), shop("8", "4")),
    pair("unknown", "READS, WRITES: no whole numbers at plan", shop(UNKNOWN, "8"), shop("8", "8")),
    pair("not-told", "no variable tells it shards:carts/write: add one to service.yaml", shop("8", "8"), shop("8", "8"),
         sources=sources(environment={"READS": "shards:carts/read"}), mended_sources=sources()),
    Pair("table-wiring", "other-shards", plan(shop("8", "4")), plan(shop("8", "8")),
         "WRITES is 4, and shards:carts/write is 8", sources=sources()),
)  # fmt: skip
