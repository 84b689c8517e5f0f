"""Calls past the alias, permissions too wide, deployments that never happen."""

from __future__ import annotations

from tests.support.builder import Res, plan
from tests.support.pairs import Pair

from harness.plan import UNKNOWN

FUNCTION = Res(
    "aws_lambda_function.this",
    {
        "function_name": "f-prod",
        "publish": True,
        "environment": [{"variables": {"TABLE_NAME": "t-prod", "ENVIRONMENT": "prod"}}],
    },
)
TABLE = Res("aws_dynamodb_table.this", {"name": "t-prod"})
ALIAS = Res(
    "aws_lambda_alias.live",
    {"name": "live", "function_version": UNKNOWN},
    refs={"function_version": ["aws_lambda_function.this.version", "aws_lambda_function.this"]},
)
URI = "arn:aws:apigateway:r:lambda:path/2015-03-31/functions/arn:aws:lambda:r:1:function:f-prod:live/invocations"
PROXY = Res('aws_api_gateway_integration.this["GET /items/{id}"]', {"type": "AWS_PROXY", "uri": URI})
PERMISSION = Res(
    "aws_lambda_permission.this",
    {
        "function_name": "f-prod",
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
    {"stage_name": "v1", "deployment_id": UNKNOWN},
    refs={"deployment_id": ["aws_api_gateway_deployment.this.id", "aws_api_gateway_deployment.this"]},
    depends_on=["aws_cloudwatch_log_group.execution"],
)
EARLY_STAGE = Res(STAGE.address, STAGE.after, refs=STAGE.refs)
OTHER_STAGE = Res(STAGE.address, STAGE.after, refs={"deployment_id": ["var.x"]}, depends_on=STAGE.depends_on)
DEPLOYMENT = Res(
    "aws_api_gateway_deployment.this",
    {"triggers": {"content": "hash"}},
    depends_on=["aws_api_gateway_integration.this"],
)
HASTY = Res(DEPLOYMENT.address, DEPLOYMENT.after)
EXECUTE = "arn:aws:execute-api:r:1:abc"
METHOD = Res('aws_api_gateway_method.this["GET /items"]', {"http_method": "GET", "api_key_required": True})
HEALTH = Res('aws_api_gateway_method.this["GET /health"]', {"http_method": "GET", "api_key_required": False})
USAGE = Res("aws_api_gateway_usage_plan.this", {})
USAGE_KEY = Res("aws_api_gateway_usage_plan_key.this", {})
API = Res("aws_api_gateway_rest_api.this", {})
KNOWN = API.but(id="abc")
ANY = METHOD.but(http_method="ANY")
PATH = Res('aws_api_gateway_resource.level_1["/items"]', {"path_part": "items"})
SCOPED = PERMISSION.but(source_arn=f"{EXECUTE}/v1/*/*")


def pair(rule: str, way: str, says: str, broken: tuple[Res, ...], mended: tuple[Res, ...], where: str = "prod") -> Pair:
    return Pair(rule, way, plan(*broken), plan(*mended), says, environment=where)


def scope(way: str, source: object) -> Pair:
    return pair("permission-scope", way, "wider, narrower or other than this API's v1/*/*",
                (STAGE, KNOWN, PROXY, PERMISSION.but(source_arn=source)), (STAGE, KNOWN, PROXY, SCOPED))  # fmt: skip


LIVE = (FUNCTION, ALIAS, PROXY, PERMISSION)
LIMITED = (METHOD, HEALTH, USAGE, USAGE_KEY)
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
    pair("alias-wiring", "no-qualifier", "qualifier is no alias",
         (FUNCTION, ALIAS, PROXY, PERMISSION.but(qualifier=None)), LIVE),
    pair("alias-wiring", "other-function", "function_name is no function",
         (FUNCTION, ALIAS, PROXY, PERMISSION.but(function_name="g")), LIVE),
    pair("permission-scope", "none", "no Lambda permission for f-prod with qualifier live", (PROXY,),
         (PROXY, PERMISSION)),
    pair("permission-scope", "no-qualifier", "no Lambda permission for f-prod with qualifier live",
         (PROXY, PERMISSION.but(qualifier=None)), (PROXY, PERMISSION)),
    pair("permission-scope", "other-qualifier", "no Lambda permission for f-prod with qualifier live",
         (PROXY, PERMISSION.but(qualifier="old")), (PROXY, PERMISSION)),
    pair("permission-scope", "unknown-qualifier", "no Lambda permission for f-prod with qualifier live",
         (PROXY, PERMISSION.but(qualifier=UNKNOWN)), (PROXY, PERMISSION)),
    pair("permission-scope", "other-function", "no Lambda permission for f-prod with qualifier live",
         (PROXY, PERMISSION.but(function_name="g-prod")), (PROXY, PERMISSION)),
    pair("permission-scope", "unreadable-call", "no Lambda permission for None",
         (PROXY.but(uri=UNKNOWN), PERMISSION.but(function_name=None, qualifier=None)), (PROXY, PERMISSION)),
    pair("permission-scope", "principal", "lets events.amazonaws.com call",
         (PROXY, PERMISSION.but(principal="events.amazonaws.com")), (PROXY, PERMISSION)),
    pair("permission-scope", "unknown-principal", "lets <unknown until apply> call",
         (PROXY, PERMISSION.but(principal=UNKNOWN)), (PROXY, PERMISSION)),
    pair("permission-scope", "one-more-principal", "lets * call",
         (PROXY, PERMISSION, Res("aws_lambda_permission.more", {**(PERMISSION.after or {}), "principal": "*"})),
         (PROXY, PERMISSION)),
    *(pair("permission-scope", f"action-{action}", f"permits {action}, not lambda:InvokeFunction alone",
           (PROXY, PERMISSION.but(action=action)), (PROXY, PERMISSION))
      for action in ("lambda:*", "lambda:Invoke*", "lambda:InvokeFunctionUrl", "lambda:InvokeFunctio?", None)),
    pair("permission-scope", "unknown-action", "not lambda:InvokeFunction alone",
         (PROXY, PERMISSION.but(action=UNKNOWN)), (PROXY, PERMISSION)),
    pair("permission-scope", "other-source", "not made from this API's execution_arn", (PROXY, UNSCOPED),
         (PROXY, PERMISSION)),
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
         (STAGE, PROXY, PERMISSION.but(source_arn="arn:aws:execute-api:r:1:*/v1/*/*")), (STAGE, PROXY, SCOPED)),
    pair("redeploy", "no-trigger", "triggers are not set", (PROXY, DEPLOYMENT.but(triggers=None)), (PROXY, DEPLOYMENT)),
    pair("redeploy", "unknown-trigger", "triggers are not set or unknown",
         (PROXY, DEPLOYMENT.but(triggers={"content": UNKNOWN})), (PROXY, DEPLOYMENT)),
    pair("redeploy", "too-early", "does not depend on aws_api_gateway_integration", (PROXY, HASTY),
         (PROXY, DEPLOYMENT)),
    pair("redeploy", "other-deployment", "is not this plan's deployment", (OTHER_STAGE,), (STAGE,)),
    pair("redeploy", "stage-before-logs", "does not depend on the execution log group", (EARLY_STAGE,), (STAGE,)),
    pair("key-required", "no-plan-in-prod", "prod has no usage plan", (API,), (API, USAGE, USAGE_KEY)),
    pair("key-required", "no-key", "the usage plan has no key", (METHOD, USAGE), LIMITED),
    pair("key-required", "open", "api_key_required is false", (METHOD.but(api_key_required=False), USAGE, USAGE_KEY),
         LIMITED),
    pair("key-required", "health-closed", "api_key_required is true", (HEALTH.but(api_key_required=True), USAGE,
         USAGE_KEY), LIMITED),
    pair("key-required", "asked-without-plan", "usage plan: False", (METHOD,), (METHOD.but(api_key_required=False),),
         "dev"),
    pair("table-wiring", "other-table", "TABLE_NAME is t-prod; the plan's table is u-prod",
         (FUNCTION, TABLE.but(name="u-prod")), (FUNCTION, TABLE)),
    pair("table-wiring", "other-environment", "ENVIRONMENT is dev, not prod", (TABLE, FUNCTION.but(
         environment=[{"variables": {"TABLE_NAME": "t-prod", "ENVIRONMENT": "dev"}}])), (FUNCTION, TABLE)),
)  # fmt: skip
