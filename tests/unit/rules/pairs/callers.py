"""Routes behind another service's function; queues and streams that their function may not read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.support.builder import Res
from tests.support.pairs import GRANTS, SOURCES, Pair
from tests.unit.rules.pairs.blocks import API, BOTH, PLACE, QUEUE, ROUTES, calls, function, pair

from harness.facts import Action, Grant
from harness.plan import UNKNOWN

QUEUE_ARN = f"arn:aws:sqs:{PLACE}:api-outbox-copy"
STREAM_ARN = f"arn:aws:dynamodb:{PLACE}:table/api-letters-copy/stream/2026-01-31T00:00:00.000"
LIVE = f"arn:aws:lambda:{PLACE}:function:api-mail-copy:live"
READ_QUEUE = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
READ_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
READ_KINESIS = (
    "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"
)  # fmt: skip


def mapping(refs: dict[str, list[str]] | None = None, **values: Any) -> Res:
    known = {"function_name": LIVE, "event_source_arn": QUEUE_ARN, **values}
    return Res('aws_lambda_event_source_mapping.this["jobs"]', known, refs=refs or {})


def granted(resource: str, *actions: str) -> Grant:
    return Grant("Read", resource, "r", tuple(Action(name, "w", True, "d") for name in actions))


def reading(
    way: str, says: str, grants: tuple[Grant, ...], enough: tuple[Grant, ...], *resources: Res, of: str = "mail"
) -> list[Pair]:
    """Make a pair of the same plan with grants that are not enough; the rights are what is mended."""

    def judged(more: tuple[Grant, ...]) -> dict[str, Any]:
        return {"sources": replace(SOURCES, grants={**GRANTS, of: (*GRANTS[of], *more)})}

    whole = (*BOTH, *resources)
    return [
        pair("event-sources", way, says, whole, (*BOTH,), **judged(grants)),
        pair("event-sources", f"{way}-granted", "no function of this plan",
             (*BOTH, mapping(function_name="api-other")), whole, **judged(enough)),
    ]  # fmt: skip


RIGHTS = granted("queue:outbox", *READ_QUEUE)
BY_ALIAS = mapping({"function_name": ['aws_lambda_alias.this["mail"].arn']}, function_name=UNKNOWN)
BY_FUNCTION = mapping({"function_name": ['aws_lambda_function.this["mail"].arn']}, function_name=UNKNOWN)
BY_QUEUE = mapping({"event_source_arn": ["aws_sqs_queue.this.arn"]}, event_source_arn=UNKNOWN)
TABLE = Res("aws_dynamodb_table.this", {"name": "api-letters-copy"})
BY_TABLE = mapping({"event_source_arn": ["aws_dynamodb_table.this.stream_arn"]}, event_source_arn=UNKNOWN)
WORKER = replace(SOURCES, routes={**SOURCES.routes, "mail": frozenset()})
LACKS = "reads api-outbox-copy for mail, whose permissions.yaml lacks sqs:"

PAIRS = (
    pair("route-owner", "swapped", "calls the function of mail, whose contract has no GET /carts; shop has it",
         (API, *BOTH, calls("mail", "GET /carts"), calls("shop", "GET /letters")), ROUTES),
    # A function without a folder, and calls that are no routes of a contract, are other rules'.
    pair("route-owner", "only-routes", "calls the function of mail, whose contract has no GET /carts",
         (API, *BOTH, calls("mail", "GET /carts")),
         (API, *BOTH, function("post"), calls("post", "GET /carts"), calls("mail", "own"),
          Res("aws_api_gateway_integration.own", calls("mail", "x").after))),
    pair("route-owner", "of-no-contract", "calls the function of shop, whose contract has no GET /x; no service has it",
         (API, *BOTH, calls("shop", "GET /x")), (API, *BOTH, calls("shop", "GET /carts"))),
    pair("route-owner", "of-a-worker", "whose contract has no GET /letters; no service has it", ROUTES,
         (API, *BOTH, calls("shop", "GET /carts")), sources=WORKER),
    *reading("no-rights", f"{LACKS}DeleteMessage, sqs:GetQueueAttributes, sqs:ReceiveMessage on it", (), (RIGHTS,),
             mapping()),
    *reading("one-right-missing", f"{LACKS}DeleteMessage on it", (granted("queue:outbox", *READ_QUEUE[1:]),), (RIGHTS,),
             mapping(function_name="api-mail-copy")),
    *reading("of-another-queue", f"{LACKS}DeleteMessage", (granted("queue:inbox", *READ_QUEUE),), (RIGHTS,), BY_ALIAS),
    *reading("queue-by-reference", f"{LACKS}DeleteMessage", (), (RIGHTS,), QUEUE, BY_QUEUE),
    *reading("function-by-reference", f"{LACKS}DeleteMessage", (), (RIGHTS,), BY_FUNCTION),
    *reading("table-stream", "reads a stream for mail, whose permissions.yaml lacks dynamodb:DescribeStream, dynamodb:",
             (RIGHTS,), (granted("stream:letters", *READ_STREAM),), mapping(event_source_arn=STREAM_ARN)),
    *reading("table-stream-by-reference", "reads a stream for mail, whose permissions.yaml lacks dynamodb:Describe",
             (), (granted("stream:letters", *READ_STREAM),), TABLE, BY_TABLE),
    *reading("data-stream", "lacks kinesis:DescribeStreamSummary, kinesis:GetRecords, kinesis:GetShardIterator, kin",
             (), (granted("stream:clicks", *READ_KINESIS),),
             mapping(event_source_arn=f"arn:aws:kinesis:{PLACE}:stream/clicks")),
    pair("event-sources", "rights-of-another-function", f"{LACKS}DeleteMessage", (*BOTH, mapping()), BOTH,
         sources=replace(SOURCES, grants={**GRANTS, "shop": (*GRANTS["shop"], RIGHTS)})),
    pair("event-sources", "no-function", "calls api-other, which is no function of this plan",
         (*BOTH, mapping(function_name="api-other")), BOTH),
    pair("event-sources", "unknown-function", "calls <unknown until apply>, which is no function",
         (*BOTH, mapping(function_name=UNKNOWN)), BOTH),
    pair("event-sources", "unknown-kind", "nothing is known of the rights that this kind takes",
         (*BOTH, mapping(event_source_arn=f"arn:aws:kafka:{PLACE}:cluster/x")), BOTH),
    pair("event-sources", "unknown-source", "reads <unknown until apply>: nothing is known",
         (*BOTH, mapping(event_source_arn=UNKNOWN)), BOTH),
)  # fmt: skip
