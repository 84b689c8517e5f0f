"""One character, statement or resource more than AWS takes, and exactly as much as it takes."""

from __future__ import annotations

import json
from typing import Any

from tests.support.builder import Res, plan
from tests.support.pairs import Pair

from harness.plan import UNKNOWN

FUNCTION = Res("aws_lambda_function.this", {"function_name": "api-shop-copy"})
STAGE = Res("aws_api_gateway_stage.this", {"stage_name": "v1"})
OF_API = {"rest_api_id": ["aws_api_gateway_rest_api.this.id", "aws_api_gateway_rest_api.this"]}
OF_ROLE = {"role": ["aws_iam_role.this.id", "aws_iam_role.this"]}
SOURCE = "arn:aws:execute-api:eu-west-1:000000000000:abcdefghij/v1"


def pair(way: str, says: str, broken: tuple[Res, ...], mended: tuple[Res, ...]) -> Pair:
    return Pair("aws-limits", way, plan(*broken), plan(*mended), says)


def text(way: str, address: str, attribute: str, most: int, counted: str, letter: str = "x") -> Pair:
    """A text of one letter more than the most, and of the most."""
    broken, mended = (Res(address, {attribute: letter * length}) for length in (most + 1, most))
    return pair(way, f"{most + 1:,} {counted}, and AWS takes {most:,} (", (broken,), (mended,))


def logging(text: str) -> Res:
    return STAGE.but(access_log_settings=[{"format": text}])


def routes(count: int, name: str = "this", **changes: Any) -> tuple[Res, ...]:
    """A permission a route."""
    return tuple(
        Res(
            f'aws_lambda_permission.{name}["GET /things/{number}"]',
            {
                "statement_id": f"getThing{number}",
                "action": "lambda:InvokeFunction",
                "principal": "apigateway.amazonaws.com",
                "function_name": "api-things-copy",
                "qualifier": "live",
                "source_arn": f"{SOURCE}/GET/things/{number}",
                **changes,
            },
        )
        for number in range(count)
    )


def paths(count: int, **owner: Any) -> tuple[Res, ...]:
    """Resources of an API that is not made yet, or of the one that is named."""
    refs = {} if owner else OF_API
    return tuple(
        Res(f'aws_api_gateway_resource.level_1["/{number}"]', {"rest_api_id": UNKNOWN, **owner}, refs=refs)
        for number in range(count)
    )


def grants(*sizes: int, role: object = "r-copy") -> tuple[Res, ...]:
    """Inline policies of these sizes, with white space that does not count."""
    refs = OF_ROLE if role is UNKNOWN else {}
    return tuple(
        Res(f"aws_iam_role_policy.number_{number}", {"role": role, "policy": " x\n" * size}, refs=refs)
        for number, size in enumerate(sizes)
    )


def environment(length: int, **more: object) -> Res:
    """Variables that are as long as this when written as JSON: {"A":"..."}."""
    return FUNCTION.but(environment=[{"variables": {"A": "x" * (length - 8), **more}}])


def stage(**variables: object) -> Res:
    return STAGE.but(variables=variables)


def widgets(count: int) -> Res:
    return Res("aws_cloudwatch_dashboard.this", {"dashboard_body": json.dumps({"widgets": [{}] * count})})


ROLES = (Res('aws_iam_role.this["a"]', {"name": UNKNOWN}), Res('aws_iam_role.this["b"]', {"name": UNKNOWN}))
KB = 1024
PAIRS = (
    text("trust-policy", "aws_iam_role.this", "assume_role_policy", 2048, "characters of a trust policy"),
    text("managed-policy", "aws_iam_policy.this", "policy", 6144, "characters of a managed policy"),
    text("topic", "aws_sns_topic.this", "policy", 30 * KB, "bytes of a topic's policy"),
    text("topic-policy", "aws_sns_topic_policy.this", "policy", 30 * KB, "bytes of a topic's policy"),
    text("key", "aws_kms_key.this", "policy", 32 * KB, "bytes of a key's policy"),
    text("key-policy", "aws_kms_key_policy.this", "policy", 32 * KB, "bytes of a key's policy"),
    text("bucket-policy", "aws_s3_bucket_policy.this", "policy", 20 * KB, "bytes of a bucket's policy"),
    text("api", "aws_api_gateway_rest_api.this", "policy", 8192, "characters of an API's policy", "é"),
    text("api-policy", "aws_api_gateway_rest_api_policy.this", "policy", 8192, "characters of an API's policy"),
    pair("access-log", "3,073 bytes of an access log's format", (logging("x" * 3073),), (logging("x" * 3072),)),
    pair("bytes-not-characters", "3,074 bytes of an access log's format", (logging("é" * 1537),),
         (logging("é" * 1536),)),
    pair("widgets", "501 widgets of a dashboard", (widgets(501),), (widgets(500),)),
    pair("a-permission-a-route", "bytes of a function's policy (80 permissions), and AWS takes 20,480 (Lambda quotas)",
         routes(80), routes(1, source_arn=f"{SOURCE}/*/*")),
    pair("a-permission-a-route-of-a-new-api", "(80 permissions)", routes(80, source_arn=UNKNOWN),
         routes(40, source_arn=UNKNOWN)),
    pair("of-two-aliases", "(80 permissions)", routes(80),
         (*routes(40), *routes(40, name="old", qualifier="old"))),
    pair("resources", "301 resources of a REST API (300 and the root), and AWS takes 300", paths(300, rest_api_id="a"),
         paths(299, rest_api_id="a")),
    pair("resources-of-a-new-api", "301 resources of a REST API (300 and the root)", paths(300), paths(299)),
    pair("inline-policies", "10,241 characters of a role's inline policies (10,000 + 241), and AWS takes 10,240",
         grants(10_000, 241), grants(10_000, 240)),
    pair("inline-policies-of-a-new-role", "(10,000 + 241)", grants(10_000, 241, role=UNKNOWN),
         (*grants(10_000, 241, role=UNKNOWN), *ROLES)),
    pair("environment", "4,097 bytes of a function's environment variables (1 variables)", (environment(4097),),
         (environment(4096),)),
    pair("environment-with-an-unknown", "4,097 bytes of a function's environment variables (2 variables)",
         (environment(4097 - 7, B=UNKNOWN),), (environment(4096 - 7, B=UNKNOWN),)),
    pair("stage-variables", "101 stage variables, and AWS takes 100", (stage(**{f"v{n}": "" for n in range(101)}),),
         (stage(**{f"v{n}": "" for n in range(100)}),)),
    pair("stage-variable-name", "65 characters of a stage variable's name", (stage(**{"x" * 65: "y"}),),
         (stage(**{"x" * 64: "y"}),)),
    pair("stage-variable-value", "513 characters of a stage variable's value, a_name, and AWS takes 512",
         (stage(a_name="y" * 513),), (stage(a_name="y" * 512, b=UNKNOWN),)),
)  # fmt: skip
