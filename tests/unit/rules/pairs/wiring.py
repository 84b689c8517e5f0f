"""Calls past the alias, permissions too wide, deployments that never happen."""

from __future__ import annotations

from dataclasses import replace

from tests.support.builder import Res, plan
from tests.support.pairs import LAX, STRICT, Pair

from harness.plan import UNKNOWN

API = Res("aws_api_gateway_rest_api.this", {})
VARIABLES = {"TABLE_NAME": "api-carts-copy", "ENVIRONMENT": STRICT, "POWERTOOLS_METRICS_NAMESPACE": "webshop"}
FUNCTION = Res(
    "aws_lambda_function.this",
    {
        "function_name": "api-shop-copy",
        "filename": "./../../build/bundle/shop.zip",
        "handler": "shop.handler",
        "publish": True,
        "environment": [{"variables": VARIABLES}],
    },
)
TABLE = Res("aws_dynamodb_table.this", {"name": "api-carts-copy"})
ALIAS = Res(
    "aws_lambda_alias.live",
    {"name": "live", "function_name": "api-shop-copy", "function_version": UNKNOWN},
    refs={"function_version": ["aws_lambda_function.this.version", "aws_lambda_function.this"]},
)
URI = "arn:aws:apigateway:r:lambda:path/2015-03-31/functions/arn:aws:lambda:r:1:function:api-shop-copy:live/invocations"
OF_API = {"rest_api_id": ["aws_api_gateway_rest_api.this.id", "aws_api_gateway_rest_api.this"]}
IN_API = {"rest_api_id": UNKNOWN}
PROXY = Res(
    'aws_api_gateway_integration.this["GET /items/{id}"]', {"type": "AWS_PROXY", "uri": URI, **IN_API}, refs=OF_API
)
PERMISSION = Res(
    "aws_lambda_permission.this",
    {
        "function_name": "api-shop-copy",
        "action": "lambda:InvokeFunction",
        "qualifier": "live",
        "principal": "apigateway.amazonaws.com",
        "source_arn": UNKNOWN,
    },
    refs={"source_arn": ["aws_api_gateway_rest_api.this.execution_arn", "aws_api_gateway_rest_api.this"]},
)
UNSCOPED = Res(PERMISSION.address, PERMISSION.after, refs={"source_arn": ["aws_api_gateway_stage.this.execution_arn"]})
STAGE = Res(
    "aws_api_gateway_stage.this",
    {"stage_name": "v1", "deployment_id": UNKNOWN, **IN_API},
    refs={**OF_API, "deployment_id": ["aws_api_gateway_deployment.this.id", "aws_api_gateway_deployment.this"]},
    depends_on=["aws_cloudwatch_log_group.execution"],
)
NAMED_STAGE = replace(STAGE, refs={**STAGE.refs, "stage_name": ["local.stage"]})


def made_from(*parts: str) -> Res:
    return replace(PERMISSION, refs={"source_arn": [*PERMISSION.refs["source_arn"], *parts]})


OF_VARIABLE = made_from("local.stage")
OF_STAGE = made_from("aws_api_gateway_stage.this.stage_name", "aws_api_gateway_stage.this")
EARLY_STAGE = Res(STAGE.address, STAGE.after, refs=STAGE.refs)
OTHER_STAGE = Res(STAGE.address, STAGE.after, refs={**OF_API, "deployment_id": ["var.x"]}, depends_on=STAGE.depends_on)
DEPLOYMENT = Res(
    "aws_api_gateway_deployment.this",
    {"triggers": {"content": "hash"}, **IN_API},
    refs=OF_API,
    depends_on=["aws_api_gateway_integration.this"],
)
HASTY = Res(DEPLOYMENT.address, DEPLOYMENT.after, refs=OF_API)
EXECUTE = "arn:aws:execute-api:r:1:abc"
METHOD = Res(
    'aws_api_gateway_method.this["GET /items"]', {"http_method": "GET", "api_key_required": True, **IN_API}, refs=OF_API
)
HEALTH = Res(
    'aws_api_gateway_method.this["GET /health"]',
    {"http_method": "GET", "api_key_required": False, **IN_API},
    refs=OF_API,
)
LIVES = Res('aws_api_gateway_integration.this["GET /health"]', PROXY.after, refs=OF_API)
USAGE = Res(
    "aws_api_gateway_usage_plan.this[0]",
    {"api_stages": [{"api_id": UNKNOWN, "stage": "v1"}]},
    refs={"api_stages": [*OF_API["rest_api_id"], "aws_api_gateway_stage.this.stage_name"]},
)
USAGE_KEY = Res(
    "aws_api_gateway_usage_plan_key.this",
    {"usage_plan_id": UNKNOWN},
    refs={"usage_plan_id": ["aws_api_gateway_usage_plan.this[0].id", "aws_api_gateway_usage_plan.this"]},
)
KNOWN = API.but(id="abc")
ANY = METHOD.but(http_method="ANY")
PATH = Res('aws_api_gateway_resource.level_1["/items"]', {"path_part": "items"})
SCOPED = PERMISSION.but(source_arn=f"{EXECUTE}/v1/*/*")


def pair(rule: str, way: str, says: str, broken: tuple[Res, ...], mended: tuple[Res, ...], where: str = STRICT) -> Pair:
    return Pair(rule, way, plan(*broken), plan(*mended), says, environment=where)


def scope(way: str, source: object) -> Pair:
    return pair("permission-scope", way, "wider, narrower or other than this API's v1/*/*",
                (STAGE, KNOWN, PROXY, PERMISSION.but(source_arn=source)), (STAGE, KNOWN, PROXY, SCOPED))  # fmt: skip


def variable(way: str, says: str, **changes: str) -> Pair:
    broken = FUNCTION.but(environment=[{"variables": VARIABLES | changes}])
    return pair("table-wiring", way, says, (TABLE, broken), (TABLE, FUNCTION))


LIVE = (API, FUNCTION, ALIAS, PROXY, PERMISSION)
LIMITED = (API, FUNCTION, LIVES, METHOD, HEALTH, USAGE, USAGE_KEY)
PAIRS = (
    pair("permission-scope", "any-method", "is ANY", (*LIVE, ANY), (*LIVE, METHOD)),
    pair("permission-scope", "every-path", "takes every path", (*LIVE, PATH.but(path_part="{all+}")), (*LIVE, PATH)),
    pair("alias-wiring", "unpublished", "publish is not true", (FUNCTION.but(publish=False),), (FUNCTION,)),
    pair("alias-wiring", "latest", "points at $LATEST", (FUNCTION, ALIAS.but(function_version="$LATEST")),
         (FUNCTION, ALIAS)),
    pair("alias-wiring", "other-version", "not at a version this plan publishes",
         (FUNCTION, Res(ALIAS.address, ALIAS.after, refs={"function_version": ["var.version"]})), (FUNCTION, ALIAS)),
    pair("alias-wiring", "past-the-alias", "is no alias of a function",
         (FUNCTION, ALIAS, PERMISSION, PROXY.but(uri=URI.replace(":live/", "/"))), LIVE),
    pair("alias-wiring", "other-alias", "is no alias of a function",
         (FUNCTION, ALIAS, PERMISSION, PROXY.but(uri=URI.replace(":live/", ":lve/"))), LIVE),
    pair("alias-wiring", "unknown-uri", "is no alias of a function",
         (FUNCTION, ALIAS, PERMISSION, PROXY.but(uri=UNKNOWN)), LIVE),
    pair("alias-wiring", "no-qualifier", "qualifier is no alias of api-shop-copy",
         (FUNCTION, ALIAS, PROXY, PERMISSION.but(qualifier=None)), LIVE),
    pair("alias-wiring", "other-function", "function_name is no function",
         (FUNCTION, ALIAS, PROXY, PERMISSION.but(function_name="g")), LIVE),
    pair("permission-scope", "none", "no Lambda permission for api-shop-copy with qualifier live", (API, PROXY),
         (API, PROXY, PERMISSION)),
    pair("permission-scope", "no-qualifier", "no Lambda permission for api-shop-copy with qualifier live",
         (API, PROXY, PERMISSION.but(qualifier=None)), (API, PROXY, PERMISSION)),
    pair("permission-scope", "other-qualifier", "no Lambda permission for api-shop-copy with qualifier live",
         (API, PROXY, PERMISSION.but(qualifier="old")), (API, PROXY, PERMISSION)),
    pair("permission-scope", "unknown-qualifier", "no Lambda permission for api-shop-copy with qualifier live",
         (API, PROXY, PERMISSION.but(qualifier=UNKNOWN)), (API, PROXY, PERMISSION)),
    pair("permission-scope", "other-function", "no Lambda permission for api-shop-copy with qualifier live",
         (API, PROXY, PERMISSION.but(function_name="g-copy")), (API, PROXY, PERMISSION)),
    pair("permission-scope", "unreadable-call", "no Lambda permission for None",
         (API, PROXY.but(uri=UNKNOWN), PERMISSION.but(function_name=None, qualifier=None)), (API, PROXY, PERMISSION)),
    pair("permission-scope", "principal", "lets events.amazonaws.com call",
         (API, PROXY, PERMISSION.but(principal="events.amazonaws.com")), (API, PROXY, PERMISSION)),
    pair("permission-scope", "unknown-principal", "lets <unknown until apply> call",
         (API, PROXY, PERMISSION.but(principal=UNKNOWN)), (API, PROXY, PERMISSION)),
    pair("permission-scope", "one-more-principal", "lets * call",
         (API, PROXY, PERMISSION, Res("aws_lambda_permission.more", {**(PERMISSION.after or {}), "principal": "*"})),
         (API, PROXY, PERMISSION)),
    *(pair("permission-scope", f"action-{action}", f"permits {action}, not lambda:InvokeFunction alone",
           (API, PROXY, PERMISSION.but(action=action)), (API, PROXY, PERMISSION))
      for action in ("lambda:*", "lambda:Invoke*", "lambda:InvokeFunctionUrl", "lambda:InvokeFunctio?", None)),
    pair("permission-scope", "unknown-action", "not lambda:InvokeFunction alone",
         (API, PROXY, PERMISSION.but(action=UNKNOWN)), (API, PROXY, PERMISSION)),
    pair("permission-scope", "other-source", "not made from this API's execution_arn", (API, PROXY, UNSCOPED),
         (API, PROXY, PERMISSION)),
    pair("permission-scope", "any-stage-of-a-new-api", "source_arn is not made from the name of its API's stage",
         (API, NAMED_STAGE, PROXY, PERMISSION), (API, NAMED_STAGE, PROXY, OF_VARIABLE)),
    pair("permission-scope", "any-stage-of-a-constant", "source_arn is not made from the name of its API's stage",
         (API, STAGE, PROXY, PERMISSION), (API, STAGE, PROXY, OF_STAGE)),
    pair("permission-scope", "no-stage", "wider, narrower or other", (KNOWN, PROXY, SCOPED),
         (STAGE, KNOWN, PROXY, SCOPED)),
    scope("any-source", None),
    scope("any-stage-and-route", f"{EXECUTE}/*"),
    scope("any-stage", f"{EXECUTE}/*/*/*"),
    scope("any-api", "arn:aws:execute-api:r:1:*/v1/*/*"),
    scope("any-account", "arn:aws:execute-api:r:*:abc/v1/*/*"),
    scope("other-api", "arn:aws:execute-api:r:1:abcd/v1/*/*"),
    scope("other-stage", f"{EXECUTE}/v2/*/*"),
    scope("longer-stage", f"{EXECUTE}/v1*/*/*"),
    scope("one-route", f"{EXECUTE}/v1/GET/items/*"),
    pair("permission-scope", "no-api-known", "wider, narrower or other",
         (API, STAGE, PROXY, PERMISSION.but(source_arn="arn:aws:execute-api:r:1:abc/v1/*/*")),
         (KNOWN, STAGE, PROXY, SCOPED)),
    pair("redeploy", "no-trigger", "triggers are not set", (API, PROXY, DEPLOYMENT.but(triggers=None)),
         (API, PROXY, DEPLOYMENT)),
    pair("redeploy", "unknown-trigger", "triggers are not set or unknown",
         (API, PROXY, DEPLOYMENT.but(triggers={"content": UNKNOWN})), (API, PROXY, DEPLOYMENT)),
    pair("redeploy", "too-early", "does not depend on aws_api_gateway_integration", (API, PROXY, HASTY),
         (API, PROXY, DEPLOYMENT)),
    pair("redeploy", "other-deployment", "is not this plan's deployment", (API, DEPLOYMENT, OTHER_STAGE),
         (API, DEPLOYMENT, STAGE)),
    pair("redeploy", "stage-before-logs", "does not depend on the execution log group", (API, DEPLOYMENT, EARLY_STAGE),
         (API, DEPLOYMENT, STAGE)),
    pair("key-required", "no-plan-where-one-is-required", "has no usage plan, and strict requires one", (API,),
         (API, USAGE, USAGE_KEY)),
    pair("key-required", "no-key", "the usage plan has no key", (API, METHOD, USAGE), LIMITED),
    pair("key-required", "open", "api_key_required is false", (API, METHOD.but(api_key_required=False), USAGE,
         USAGE_KEY), LIMITED),
    pair("key-required", "health-closed", "api_key_required is true", (API, FUNCTION, LIVES,
         HEALTH.but(api_key_required=True), USAGE, USAGE_KEY), LIMITED),
    pair("key-required", "asked-without-plan", "usage plan: False", (API, METHOD),
         (API, METHOD.but(api_key_required=False)),
         LAX),
    pair("table-wiring", "other-table", "TABLE_NAME is api-carts-copy, which is no table of this plan; there is u-copy",
         (FUNCTION, TABLE.but(name="u-copy")), (FUNCTION, TABLE)),
    pair("table-wiring", "handler", "its handler is mail.handler, not shop.handler",
         (TABLE, FUNCTION.but(handler="mail.handler")), (TABLE, FUNCTION)),
    variable("table", "TABLE_NAME is u-copy, not api-carts-copy, the name of table:carts", TABLE_NAME="u-copy"),
    variable("environment", "ENVIRONMENT is lax, not strict", ENVIRONMENT=LAX),
    variable("namespace", "POWERTOOLS_METRICS_NAMESPACE is shop, not the project, webshop",
             POWERTOOLS_METRICS_NAMESPACE="shop"),
)  # fmt: skip
