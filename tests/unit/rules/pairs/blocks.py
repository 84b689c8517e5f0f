"""Parts of plans with two functions, tables, APIs, topics and keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.support.builder import Res, plan, policy
from tests.support.pairs import GRANTS, LAX, SOURCES, Pair, grant

from harness.plan import UNKNOWN

PLACE = "eu-west-1:123456789012"
LIVE = "arn:aws:apigateway:r:lambda:path/2015-03-31/functions/arn:aws:lambda:r:1:function:{}:live/invocations"


def function(service: str, **values: Any) -> Res:
    name = f"api-{service}-copy"
    known = {
        "function_name": name,
        "filename": f"./../../build/bundle/{service}.zip",
        "handler": f"{service}.handler",
        "role": UNKNOWN,
        "timeout": 10,
        "reserved_concurrent_executions": 600 if service == "mail" else 100,
        **values,
    }
    return Res(f'aws_lambda_function.this["{service}"]', known, refs={"role": ["aws_iam_role.this", "each.key"]})


def alias(service: str, name: str = "live") -> Res:
    known = {"function_name": f"api-{service}-copy", "name": name, "function_version": "3"}
    return Res(f'aws_lambda_alias.this["{service}"]', known)


def of_api(address: str, values: dict[str, Any], api: str = "aws_api_gateway_rest_api.this", **rest: Any) -> Res:
    refs = {"rest_api_id": [f"{api}.id", api], **rest.pop("refs", {})}
    return Res(address, {"rest_api_id": UNKNOWN, **values}, refs=refs, **rest)


def calls(service: str, route: str, api: str = "aws_api_gateway_rest_api.this") -> Res:
    values = {"type": "AWS_PROXY", "uri": LIVE.format(f"api-{service}-copy")}
    return of_api(f'aws_api_gateway_integration.{api.rpartition(".")[2]}["{route}"]', values, api)


def permission(service: str, api: str = "aws_api_gateway_rest_api.this", key: str = "", **values: Any) -> Res:
    known = {
        "function_name": f"api-{service}-copy",
        "qualifier": "live",
        "action": "lambda:InvokeFunction",
        "principal": "apigateway.amazonaws.com",
        "source_arn": UNKNOWN,
        **values,
    }
    stage = f"aws_api_gateway_stage.{api.rpartition('.')[2]}"
    refs = {"source_arn": [f"{api}.execution_arn", api, f"{stage}.stage_name", stage]}
    return Res(f"aws_lambda_permission.{key or service}", known, refs=refs)


def role(service: str, principal: str = "lambda.amazonaws.com") -> Res:
    trust = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}
    return Res(f'aws_iam_role.this["{service}"]', {"name": f"api-{service}-copy", "assume_role_policy": policy(trust)})


def allow(sid: str, action: str, resource: str) -> dict[str, str]:
    return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource}


def logs(service: str) -> dict[str, str]:
    return allow("Logs", "logs:PutLogEvents", f"arn:aws:logs:{PLACE}:log-group:/aws/lambda/api-{service}-copy:*")


CARTS_ARN = f"arn:aws:dynamodb:{PLACE}:table/api-carts-copy"
ITEMS = allow("Items", "dynamodb:GetItem", CARTS_ARN)
LIST = allow("List", "dynamodb:Query", f"{CARTS_ARN}/index/by-x")
SEND = allow("Send", "sqs:SendMessage", f"arn:aws:sqs:{PLACE}:api-outbox-copy")
KEEP = allow("Keep", "dynamodb:PutItem", f"arn:aws:dynamodb:{PLACE}:table/api-letters-copy")
TRACE = allow("Trace", "xray:PutTraceSegments", "*")


def grants(service: str, *statements: Any, key: str = "") -> Res:
    values = {"role": f"api-{service}-copy", "name": "execution", "policy": policy(*statements)}
    return Res(f'aws_iam_role_policy.this["{key or service}"]', values)


def table(name: str, read: float, write: float, **values: Any) -> Res:
    cap = [{"max_read_request_units": read, "max_write_request_units": write}]
    known = {"name": f"api-{name}-copy", "billing_mode": "PAY_PER_REQUEST", "on_demand_throughput": cap, **values}
    return Res(f'aws_dynamodb_table.this["{name}"]', known)


def index(read: float, write: float) -> list[dict[str, Any]]:
    cap = [{"max_read_request_units": read, "max_write_request_units": write}]
    return [{"name": "by-x", "on_demand_throughput": cap}]


def alarm(metric: str, key: str = "one", **dimensions: str) -> Res:
    namespace = {"TableName": "AWS/DynamoDB", "QueueName": "AWS/SQS", "ApiName": "AWS/ApiGateway"}
    values = {
        "alarm_name": f"{key}-copy",
        "namespace": next((namespace[name] for name in dimensions if name in namespace), "AWS/Lambda"),
        "metric_name": metric,
        "dimensions": dimensions,
        "statistic": "Sum",
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 5,
        "period": 60,
        "evaluation_periods": 3,
    }
    return Res(f'aws_cloudwatch_metric_alarm.this["{key}"]', values)


def pair(rule: str, way: str, says: str, broken: tuple[Res, ...], mended: tuple[Res, ...], **rest: Any) -> Pair:
    return Pair(rule, way, plan(*broken), plan(*mended), says, **rest)


def liveness(way: str, says: str, others: tuple[Res, ...], broken: Res, mended: Res) -> Pair:
    return pair("alarm-liveness", way, says, (*others, broken), (*others, mended), environment=LAX)


SHOP, MAIL = function("shop"), function("mail")
BOTH = (SHOP, MAIL, alias("shop"), alias("mail"))
API = Res("aws_api_gateway_rest_api.this", {"name": "api-copy"})
OTHER = Res("aws_api_gateway_rest_api.other", {"name": "api-other-copy"})
STAGES = (
    of_api("aws_api_gateway_stage.this", {"stage_name": "v1"}, depends_on=["aws_cloudwatch_log_group.x"]),
    of_api("aws_api_gateway_stage.other", {"stage_name": "v2"}, "aws_api_gateway_rest_api.other",
           depends_on=["aws_cloudwatch_log_group.x"]),
)  # fmt: skip
ROUTES = (API, *BOTH, calls("shop", "GET /carts"), calls("mail", "GET /letters"))
ALLOWED = (*ROUTES, permission("shop"), permission("mail"))
TWO_APIS = (API, OTHER, *BOTH, calls("shop", "GET /a"), calls("mail", "GET /b", "aws_api_gateway_rest_api.other"))
OF_OTHER = permission("mail", "aws_api_gateway_rest_api.other")
CARTS = table("carts", 200, 1300, global_secondary_index=index(1400, 500))
LETTERS = table("letters", 100, 200)
RIGHTS = (SHOP, MAIL, CARTS, LETTERS, role("shop"), role("mail"))
SHOPS, MAILS = grants("shop", ITEMS, LIST, logs("shop")), grants("mail", SEND, KEEP, logs("mail"))
SETTINGS = of_api("aws_api_gateway_method_settings.all", {
    "method_path": "*/*", "stage_name": "v1",
    "settings": [{"throttling_rate_limit": 100, "throttling_burst_limit": 200}],
})  # fmt: skip
OTHER_SETTINGS = of_api("aws_api_gateway_method_settings.other", {**(SETTINGS.after or {}), "stage_name": "v2"},
                        "aws_api_gateway_rest_api.other")  # fmt: skip
LOOSE_SETTINGS = of_api(OTHER_SETTINGS.address, {**(SETTINGS.after or {}), "stage_name": "v2"})
EXECUTION = Res('aws_cloudwatch_log_group.this["a"]', {"name": UNKNOWN, "retention_in_days": 1},
                refs={"name": ["aws_api_gateway_rest_api.this.id"]})  # fmt: skip
OTHERS_EXECUTION = Res("aws_cloudwatch_log_group.other", {"name": UNKNOWN, "retention_in_days": 1},
                       refs={"name": ["aws_api_gateway_rest_api.other.id"]})  # fmt: skip
LOGGED = tuple(one.but(access_log_settings=[{"format": "x"}]) for one in STAGES)
QUEUE = Res("aws_sqs_queue.this", {"name": "api-outbox-copy"})


def sent(**variables: str) -> Res:
    known = {"ENVIRONMENT": LAX, "OUTBOX": "api-outbox-copy", "LETTERS": "api-letters-copy"}
    return MAIL.but(environment=[{"variables": known | variables}])


ERRORS = (alarm("Errors", "shop", FunctionName="api-shop-copy"), alarm("Errors", "mail", FunctionName="api-mail-copy"))
SUM = Res("aws_cloudwatch_composite_alarm.service", {
    "alarm_name": "service-copy", "alarm_rule": 'ALARM("shop-copy") OR ALARM("mail-copy")'})  # fmt: skip
THROTTLES = tuple(f"{direction}{cause}ThrottleEvents" for direction in ("Read", "Write")
                  for cause in ("", "KeyRangeThroughput", "MaxOnDemandThroughput"))  # fmt: skip
WATCHED = (
    SHOP, MAIL, CARTS, LETTERS, API, SUM, *ERRORS,
    *(alarm(metric, f"{metric}-{name}", FunctionName=f"api-{name}-copy") for name in ("shop", "mail")
      for metric in ("Throttles", "Duration", "ConcurrentExecutions")),
    *(alarm(metric, f"{metric}-{name}", TableName=f"api-{name}-copy") for name in ("carts", "letters")
      for metric in THROTTLES),
    *(alarm(metric, f"{metric}-by-x", TableName="api-carts-copy", GlobalSecondaryIndexName="by-x")
      for metric in THROTTLES),
    *(alarm("SystemErrors", f"system-{name}", TableName=f"api-{name}-copy", Operation="GetItem")
      for name in ("carts", "letters")),
    *(alarm(metric, metric, ApiName="api-copy", Stage="v1") for metric in ("4XXError", "5XXError", "Latency")),
)  # fmt: skip


def unwatched(says: str, key: str) -> Pair:
    left = tuple(one for one in WATCHED if one.address != f'aws_cloudwatch_metric_alarm.this["{key}"]')
    return pair("alarm-presence", f"every-alarm-{key}", says, left, WATCHED)


def custom(**changes: Any) -> Res:
    return alarm("Refused", environment=LAX, service="api-shop-copy").but(namespace="webshop").but(**changes)


NAMED_MAIL = MAIL.but(environment=[{"variables": {"POWERTOOLS_SERVICE_NAME": "api-mail-copy"}}])
NAMED = SHOP.but(environment=[{"variables": {"POWERTOOLS_SERVICE_NAME": "api-shop-copy"}}])
KEY = Res("aws_kms_key.this", {"arn": "arn:aws:kms:r:1:key/a", "policy": policy(allow("A", "kms:Decrypt", "*"))})
OPEN = Res("aws_kms_key.open", {"arn": "arn:aws:kms:r:1:key/b", "policy": policy({
    "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"})})  # fmt: skip
TOPIC_ARN = f"arn:aws:sns:{PLACE}:api-alarms-copy"
TOPIC = Res("aws_sns_topic.this", {"name": "api-alarms-copy", "kms_master_key_id": "arn:aws:kms:r:1:key/b"})
EVENTS = Res("aws_sns_topic.events", {"name": "api-events-copy", "policy": policy(allow("P", "sns:Publish", "x"))})
TOLD = ERRORS[0].but(alarm_actions=[TOPIC_ARN])
KEYED = (SHOP, KEY, OPEN, EVENTS, TOLD)
TWICE = replace(SOURCES, grants={**GRANTS, "mail": (*GRANTS["mail"], grant("Logs", "queue:outbox", "sqs:SendMessage"))})
METHOD = of_api('aws_api_gateway_method.this["GET /health"]', {"http_method": "GET", "api_key_required": False})
KEYED_METHOD = METHOD.but(api_key_required=True)
USAGE = Res("aws_api_gateway_usage_plan.this", {"api_stages": UNKNOWN},
            refs={"api_stages": ["aws_api_gateway_rest_api.this.id"]})  # fmt: skip
USAGE_KEY = Res("aws_api_gateway_usage_plan_key.this", {"usage_plan_id": UNKNOWN},
                refs={"usage_plan_id": ["aws_api_gateway_usage_plan.this.id"]})  # fmt: skip
LIMITED = (API, SHOP, MAIL, USAGE, USAGE_KEY)
DEPLOYMENT = of_api("aws_api_gateway_deployment.this", {"triggers": {"a": "b"}})
DEPLOYED = of_api("aws_api_gateway_deployment.other", {"triggers": {"a": "b"}}, "aws_api_gateway_rest_api.other",
                  depends_on=["aws_api_gateway_integration.this"])  # fmt: skip


def deployed(name: str) -> Res:
    refs = {"deployment_id": [f"aws_api_gateway_deployment.{name}.id"]}
    return of_api("aws_api_gateway_stage.other", {"stage_name": "v2", "deployment_id": UNKNOWN},
                  "aws_api_gateway_rest_api.other", refs=refs, depends_on=["aws_cloudwatch_log_group.x"])  # fmt: skip


SERVED = (API, OTHER, calls("mail", "GET /b", "aws_api_gateway_rest_api.other"), DEPLOYMENT, DEPLOYED)
