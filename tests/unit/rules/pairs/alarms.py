"""Alarms that cannot fire, reach nobody, or help nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.support.builder import Res, plan, policy
from tests.support.pairs import LAX, Pair

from harness.plan import SENSITIVE, UNKNOWN

PLACE = "arn:aws:cloudwatch:eu-west-1:123456789012"
TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:api-alarms-copy"
FUNCTION = Res(
    "aws_lambda_function.this",
    {"function_name": "api-shop-copy", "timeout": 10, "reserved_concurrent_executions": 100},
)
API = Res("aws_api_gateway_rest_api.this", {"name": "api-copy"})
STAGE = Res(
    "aws_api_gateway_stage.this",
    {"stage_name": "v1", "rest_api_id": UNKNOWN},
    refs={"rest_api_id": ["aws_api_gateway_rest_api.this.id", "aws_api_gateway_rest_api.this"]},
)
TABLE = Res("aws_dynamodb_table.this", {"name": "api-carts-copy", "global_secondary_index": [{"name": "by-x"}]})
ALARM = Res(
    "aws_cloudwatch_metric_alarm.this",
    {
        "alarm_name": "errors-copy",
        "alarm_description": "Fails. Runbook: docs/runbooks/errors.md",
        "namespace": "AWS/Lambda",
        "metric_name": "Errors",
        "dimensions": {"FunctionName": "api-shop-copy"},
        "statistic": "Sum",
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 5,
        "period": 300,
        "evaluation_periods": 2,
        "alarm_actions": [TOPIC_ARN],
        "treat_missing_data": "notBreaching",
    },
)


def publishing(**changes: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": TOPIC_ARN,
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"{PLACE}:alarm:*-copy"},
            "StringEquals": {"aws:SourceAccount": "123456789012"},
        },
        **changes,
    }


TOPIC = Res("aws_sns_topic.this", {"name": "api-alarms-copy", "policy": policy(publishing())})
COMPOSITE = Res(
    "aws_cloudwatch_composite_alarm.this",
    {"alarm_name": "service-copy", "alarm_rule": 'ALARM("errors-copy")', "alarm_actions": [TOPIC_ARN]},
)
KEY = Res(
    "aws_kms_key.this",
    {"policy": policy(publishing(Action=["kms:Decrypt", "kms:GenerateDataKey*"], Resource="*"))},
)
KEYED_TOPIC = TOPIC.but(kms_master_key_id=UNKNOWN)
GOOD = plan(FUNCTION, TOPIC, ALARM)


def liveness(way: str, says: str, *broken: Res, mended: Any = GOOD) -> Pair:
    return Pair("alarm-liveness", way, plan(*broken), mended, says)


def alarm(way: str, says: str, **changes: Any) -> Pair:
    return liveness(way, says, FUNCTION, TOPIC, ALARM.but(**changes))


def on_api(**changes: Any) -> Res:
    return ALARM.but(
        namespace="AWS/ApiGateway",
        metric_name="4XXError",
        statistic="Average",
        threshold=0.1,
        dimensions={"ApiName": "api-copy", "Stage": "v1"},
    ).but(**changes)


GOOD_API = plan(API, STAGE, TOPIC, on_api())
ON_TABLE = ALARM.but(
    namespace="AWS/DynamoDB",
    metric_name="SystemErrors",
    threshold=0,
    dimensions={"TableName": "api-carts-copy", "Operation": "GetItem"},
)
KEYED = plan(FUNCTION, ALARM, KEYED_TOPIC, KEY)
KEY_SHUT = KEY.but(policy=policy(publishing(Action="kms:Decrypt", Resource="*")))
SUBSCRIPTION = Res(
    "aws_sns_topic_subscription.this",
    {"topic_arn": UNKNOWN, "protocol": "email", "endpoint": SENSITIVE},
    refs={"topic_arn": ["aws_sns_topic.this.arn", "aws_sns_topic.this"]},
)
OTHER_TOPIC = Res("aws_sns_topic.other", {"name": "api-other-copy"})
LOCALLY = TOPIC_ARN.replace("123456789012", "000000000000")


def unheard(way: str, *broken: Res, mended: tuple[Res, ...] = (TOPIC, ALARM, SUBSCRIPTION), **rest: Any) -> Pair:
    says = "nobody subscribes to it, and 1 alarm(s) publish to it"
    return Pair("alarm-subscribers", way, plan(FUNCTION, *broken), plan(FUNCTION, *mended), says, **rest)


PAIRS = (
    unheard("none", TOPIC, ALARM),
    unheard("of-another-topic", TOPIC, ALARM, OTHER_TOPIC,
            replace(SUBSCRIPTION, refs={"topic_arn": ["aws_sns_topic.other.arn", "aws_sns_topic.other"]})),
    unheard("known-arn", TOPIC.but(arn=TOPIC_ARN), ALARM, SUBSCRIPTION.but(topic_arn=TOPIC_ARN + "x"),
            mended=(TOPIC.but(arn=TOPIC_ARN), ALARM, SUBSCRIPTION.but(topic_arn=TOPIC_ARN))),
    unheard("nobody-publishes", TOPIC, ALARM, mended=(TOPIC, ALARM.but(alarm_actions=[]))),
    # The local AWS, whose account is all zeros, sends no mail.
    unheard("locally", TOPIC.but(policy=...), ALARM,
            mended=(TOPIC.but(policy=...), ALARM.but(alarm_actions=[LOCALLY]))),
    unheard("account-that-no-arn-tells", TOPIC.but(policy=...), ALARM.but(alarm_actions=["api-alarms-copy"]),
            mended=(TOPIC.but(policy=...), ALARM.but(alarm_actions=["api-alarms-copy"]), SUBSCRIPTION)),
    alarm("misspelt-metric", "AWS/Lambda Erors is no metric", metric_name="Erors"),
    alarm("foreign-namespace", "is no metric", namespace="AWS/EC2"),
    alarm("statistic", "statistic Average says nothing about Errors", statistic="Average"),
    alarm("percentile", "statistic p99 says nothing", statistic=None, extended_statistic="p99"),
    alarm("misspelt-dimension-value", "dimension FunctionName is f-prd", dimensions={"FunctionName": "f-prd"}),
    alarm("misspelt-dimension", "not emitted with dimensions Function;", dimensions={"Function": "api-shop-copy"}),
    alarm("no-dimensions", "not emitted with dimensions none", dimensions={}),
    alarm("unknown-dimensions", "dimensions are unknown", dimensions=UNKNOWN),
    alarm("unknown-dimension", "which is not in this plan", dimensions={"FunctionName": UNKNOWN}),
    alarm("threshold", "threshold is not a number", threshold=None),
    alarm("m-of-n", "3 of 2 data points", datapoints_to_alarm=3),
    alarm("window", "CloudWatch takes up to 86400 s", evaluation_periods=300),
    alarm("switched-off", "actions_enabled is false", actions_enabled=False),
    alarm("no-action", "no alarm_actions, and no composite", alarm_actions=[]),
    alarm("unknown-actions", "alarm_actions are unknown", alarm_actions=UNKNOWN),
    alarm("foreign-topic", "is no topic of this plan", alarm_actions=[TOPIC_ARN + "x"]),
    liveness("no-topic-where-one-is-required", "no alarm_actions", FUNCTION, ALARM.but(alarm_actions=[])),
    alarm("duration-beyond-timeout", "is never passed: the function's timeout in ms is 10000", metric_name="Duration",
          statistic="Maximum", threshold=10000),
    alarm("concurrency-beyond-reservation", "reserved concurrency is 100", metric_name="ConcurrentExecutions",
          statistic="Maximum", threshold=100),
    liveness("api-id-for-name", "dimension ApiName is abc123", API, STAGE, TOPIC,
             on_api(dimensions={"ApiName": "abc123", "Stage": "v1"}), mended=GOOD_API),
    liveness("stage", "dimension Stage is v2", API, STAGE, TOPIC,
             on_api(dimensions={"ApiName": "api-copy", "Stage": "v2"}), mended=GOOD_API),
    liveness("rate-above-one", "is never passed", API, STAGE, TOPIC, on_api(threshold=10), mended=GOOD_API),
    liveness("no-operation", "not emitted with dimensions TableName", TABLE, TOPIC,
             ON_TABLE.but(dimensions={"TableName": "api-carts-copy"}), mended=plan(TABLE, TOPIC, ON_TABLE)),
    liveness("operation", "Operation is Get,", TABLE, TOPIC,
             ON_TABLE.but(dimensions={"TableName": "api-carts-copy", "Operation": "Get"}),
             mended=plan(TABLE, TOPIC, ON_TABLE)),
    liveness("composite-of-nothing", "names 'error-copy', which is no other alarm", FUNCTION, TOPIC, ALARM,
             COMPOSITE.but(alarm_rule='ALARM("error-copy")'), mended=plan(FUNCTION, TOPIC, ALARM, COMPOSITE)),
    liveness("composite-of-itself", "is no other alarm", FUNCTION, TOPIC, ALARM,
             COMPOSITE.but(alarm_rule='ALARM("service-copy")'), mended=plan(FUNCTION, TOPIC, ALARM, COMPOSITE)),
    liveness("composite-silent", "no alarm_actions", FUNCTION, TOPIC, ALARM.but(alarm_actions=[]),
             COMPOSITE.but(alarm_actions=[]), mended=plan(FUNCTION, TOPIC, ALARM.but(alarm_actions=[]), COMPOSITE)),
    liveness("composite-unknown", "names no alarm", FUNCTION, TOPIC, ALARM, COMPOSITE.but(alarm_rule=UNKNOWN),
             mended=plan(FUNCTION, TOPIC, ALARM, COMPOSITE)),
    liveness("topic-policy", "does not let cloudwatch.amazonaws.com do sns:Publish", FUNCTION, ALARM,
             TOPIC.but(policy=policy(publishing(Principal={"Service": "events.amazonaws.com"})))),
    liveness("topic-policy-resource", "does not let", FUNCTION, ALARM,
             TOPIC.but(policy=policy(publishing(Resource=TOPIC_ARN + "x")))),
    liveness("topic-policy-condition", "conditions keep the alarm errors-copy", FUNCTION, ALARM,
             TOPIC.but(policy=policy(publishing(Condition={"ArnLike": {"aws:SourceArn": f"{PLACE}:alarm:*-other"}})))),
    liveness("aws-managed-key", "CloudWatch may not use alias/aws/sns", FUNCTION, ALARM,
             TOPIC.but(kms_master_key_id="alias/aws/sns")),
    liveness("foreign-key", "its key is none of this plan's", FUNCTION, ALARM, KEYED_TOPIC, mended=KEYED),
    liveness("key-policy", "does not let cloudwatch.amazonaws.com do kms:GenerateDataKey", FUNCTION, ALARM,
             KEYED_TOPIC, KEY_SHUT, mended=KEYED),
    liveness("key-policy-unknown", "the key's policy is unknown", FUNCTION, ALARM, KEYED_TOPIC,
             KEY.but(policy=UNKNOWN), mended=KEYED),
    Pair("alarm-guidance", "no-runbook", plan(ALARM.but(alarm_description="Fails.")), plan(ALARM), "no runbook"),
    Pair("alarm-guidance", "missing-data", plan(ALARM.but(treat_missing_data=...)), plan(ALARM), "treat_missing_data"),
    Pair("alarm-presence", "none", plan(FUNCTION), plan(FUNCTION, ALARM),
         "no alarm lambda-errors: nothing watches Errors of api-shop-copy", environment=LAX),
    Pair("alarm-presence", "another-metric", plan(FUNCTION, ALARM.but(metric_name="Throttles")), plan(FUNCTION, ALARM),
         "no alarm lambda-errors", environment=LAX),
)  # fmt: skip
