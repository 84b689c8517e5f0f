"""Encryption, retention, logging, tags and names."""

from __future__ import annotations

from dataclasses import replace

from tests.support.builder import Res, plan
from tests.support.pairs import LAX, STRICT, Pair

from harness.plan import UNKNOWN

KEY = Res("aws_kms_key.this", {"enable_key_rotation": True, "arn": UNKNOWN})
OWN_KEY = ["aws_kms_key.this.arn", "aws_kms_key.this"]
TABLE = Res(
    "aws_dynamodb_table.this",
    {
        "name": "api-carts-copy",
        "deletion_protection_enabled": True,
        "point_in_time_recovery": [{"enabled": True}],
        "server_side_encryption": [{"enabled": True, "kms_key_arn": UNKNOWN}],
    },
    written={"server_side_encryption": [{"kms_key_arn": {"references": OWN_KEY}}]},
)
FUNCTION = Res(
    "aws_lambda_function.this",
    {
        "function_name": "api-shop-copy",
        "kms_key_arn": UNKNOWN,
        "logging_config": [{"log_group": "/aws/lambda/api-shop-copy"}],
    },
    refs={"kms_key_arn": OWN_KEY},
)
LOGS = Res(
    "aws_cloudwatch_log_group.this",
    {"name": "/aws/lambda/api-shop-copy", "retention_in_days": 30, "kms_key_id": UNKNOWN},
    refs={"kms_key_id": OWN_KEY},
)
TOPIC = Res("aws_sns_topic.this", {"name": "x-copy", "kms_master_key_id": UNKNOWN}, refs={"kms_master_key_id": OWN_KEY})
KNOWN_KEY = KEY.but(arn="arn:aws:kms:r:123456789012:key/a", key_id="a")
FOREIGN_KEY = "arn:aws:kms:r:999999999999:key/a"
KEY_ALIAS = Res("aws_kms_alias.this", {"name": "alias/x-copy", "target_key_id": "a"})
PLACED = "arn:aws:sns:r:123456789012:x"
READ_KEY = ["data.aws_kms_key.foreign.arn", "data.aws_kms_key.foreign"]
API = Res("aws_api_gateway_rest_api.this", {"name": "api-copy"})
OF_API = {"rest_api_id": ["aws_api_gateway_rest_api.this.id", "aws_api_gateway_rest_api.this"]}
STAGE = Res(
    "aws_api_gateway_stage.this",
    {"stage_name": "v1", "access_log_settings": [{"format": "x"}], "rest_api_id": UNKNOWN},
    refs=OF_API,
)
EXECUTION = Res(
    "aws_cloudwatch_log_group.execution",
    {"name": UNKNOWN, "retention_in_days": 30},
    refs={"name": ["aws_api_gateway_rest_api.this.id", "aws_api_gateway_rest_api.this"]},
)
SETTINGS = {"metrics_enabled": True, "logging_level": "INFO", "data_trace_enabled": False}
METHOD_SETTINGS = Res("aws_api_gateway_method_settings.all", {"settings": [SETTINGS]})
TAGS = {"Environment": STRICT, "ManagedBy": "terraform", "Owner": "o", "Project": "p"}
TAGGED = TOPIC.but(tags_all=TAGS)


def pair(rule: str, way: str, says: str, broken: tuple[Res, ...], mended: tuple[Res, ...]) -> Pair:
    return Pair(rule, way, plan(*broken), plan(*mended), says)


def keyed(way: str, says: str, broken: Res, mended: Res = LOGS, *keys: Res) -> Pair:
    return pair("encryption", f"key-{way}", says, (*(keys or (KEY,)), broken), (*(keys or (KEY,)), mended))


def keyless(way: str, says: str, broken: Res) -> Pair:
    """A stack without a key of its own: AWS's for tables, as the provider plans it and reads it back, are none."""
    mended = (LOGS.but(kms_key_id="alias/aws/x"), TABLE, FUNCTION.but(kms_key_arn="arn:aws:kms:r:123456789012:key/b"))
    whole = (mended[1], FUNCTION.but(kms_key_arn=""), Res("aws_sns_topic_policy.x", {"arn": PLACED, "policy": None}))
    return Pair("encryption", f"keyless-{way}", plan(*whole, broken),
                plan(*mended, whole[-1]), says, environment=LAX)  # fmt: skip


def logging(way: str, says: str, **changes: object) -> Pair:
    broken = METHOD_SETTINGS.but(settings=[{**SETTINGS, **changes}])
    return pair("gateway-logging", way, says, (broken,), (METHOD_SETTINGS,))


def tag(way: str, says: str, tags: object) -> Pair:
    return pair("tags", way, says, (TAGGED.but(tags_all=tags),), (TAGGED,))


PAIRS = (
    pair("encryption", "no-key-where-one-is-required", "no customer-managed key, and strict requires one", (TABLE,),
         (TABLE, KEY)),
    pair("encryption", "rotation", "enable_key_rotation", (KEY.but(enable_key_rotation=False),), (KEY,)),
    pair("encryption", "table-off", "server_side_encryption is not enabled",
         (KEY, TABLE.but(server_side_encryption=[{"enabled": False, "kms_key_arn": UNKNOWN}])), (KEY, TABLE)),
    pair("encryption", "table-unset", "server_side_encryption is not enabled",
         (KEY, TABLE.but(server_side_encryption=[])), (KEY, TABLE)),
    pair("encryption", "table-other-key", "server_side_encryption[0].kms_key_arn is not set",
         (KEY, TABLE.but(server_side_encryption=[{"enabled": True, "kms_key_arn": None}])), (KEY, TABLE)),
    pair("encryption", "table-not-to-be-restored", "point_in_time_recovery[0].enabled is not true, and strict requires",
         (KEY, TABLE.but(point_in_time_recovery=[{"enabled": False}])), (KEY, TABLE)),
    pair("encryption", "table-not-kept", "deletion_protection_enabled is not true, and strict requires table-recovery",
         (KEY, TABLE.but(deletion_protection_enabled=False)), (KEY, TABLE)),
    pair("encryption", "logs", "kms_key_id is not set", (KEY, LOGS.but(kms_key_id=None)), (KEY, LOGS)),
    pair("encryption", "topic", "kms_master_key_id is not set", (KEY, TOPIC.but(kms_master_key_id="")), (KEY, TOPIC)),
    pair("encryption", "function", "kms_key_arn is not set", (KEY, FUNCTION.but(kms_key_arn=...)), (KEY, FUNCTION)),
    pair("encryption", "disabled", "is_enabled is not true", (KEY.but(is_enabled=False),), (KEY.but(is_enabled=True),)),
    keyed("of-others", "kms_key_id is arn:aws:kms:r:9", LOGS.but(kms_key_id=FOREIGN_KEY),
          LOGS.but(kms_key_id="arn:aws:kms:r:123456789012:key/a"), KNOWN_KEY),
    keyed("of-others-table", "kms_key_arn is arn:aws:kms:r:9",
          TABLE.but(server_side_encryption=[{"enabled": True, "kms_key_arn": FOREIGN_KEY}]), TABLE),
    keyed("of-others-function", "kms_key_arn is arn:aws:kms:r:9", FUNCTION.but(kms_key_arn=FOREIGN_KEY), FUNCTION),
    keyed("of-aws", "kms_master_key_id is alias/aws/sns", TOPIC.but(kms_master_key_id="alias/aws/sns"), TOPIC),
    keyed("alias", "kms_master_key_id is alias/y-copy", TOPIC.but(kms_master_key_id="alias/y-copy"),
          TOPIC.but(kms_master_key_id="alias/x-copy"), KNOWN_KEY, KEY_ALIAS),
    keyed("alias-of-others", "kms_master_key_id is alias/x-copy", TOPIC.but(kms_master_key_id="alias/x-copy"),
          TOPIC.but(kms_master_key_id="a"), KNOWN_KEY, KEY_ALIAS.but(target_key_id="b")),
    keyed("read", "nothing shows that it is a key of this plan", replace(LOGS, refs={"kms_key_id": READ_KEY}),
          replace(LOGS, refs={"kms_key_id": ["local.key"]})),
    keyed("unwritten", "nothing shows that it is a key of this plan", replace(LOGS, refs={}),
          replace(LOGS, refs={"kms_key_id": ["each.value"]})),
    keyed("unknown-beside-a-known", "nothing shows that it is a key of this plan", LOGS,
          LOGS.but(kms_key_id="a"), KNOWN_KEY),
    keyless("read", "kms_key_id is made from data.aws_kms_key.foreign", replace(LOGS, refs={"kms_key_id": READ_KEY})),
    keyless("of-others", "which is no key of this plan", LOGS.but(kms_key_id=FOREIGN_KEY)),
    keyless("alias", "alias/y, which is no key of this plan", LOGS.but(kms_key_id="alias/y")),
    pair("retention", "for-ever", "kept for ever", (LOGS.but(retention_in_days=0),), (LOGS,)),
    pair("retention", "unset", "kept for ever", (LOGS.but(retention_in_days=...),), (LOGS,)),
    pair("retention", "function-without-group", "no log group /aws/lambda/api-shop-copy", (FUNCTION,),
         (FUNCTION, LOGS)),
    pair("retention", "stage-without-group", "no log group API-Gateway-Execution-Logs", (API, STAGE),
         (API, STAGE, EXECUTION)),
    pair("retention", "group-of-another-name", "no log group API-Gateway-Execution-Logs",
         (API, STAGE, EXECUTION.but(name="/other-copy")), (API, STAGE, EXECUTION)),
    pair("retention", "no-access-log", "no access_log_settings", (API, STAGE.but(access_log_settings=[]), EXECUTION),
         (API, STAGE, EXECUTION)),
    logging("no-metrics", "metrics_enabled is not true", metrics_enabled=False),
    logging("level", "neither ERROR nor INFO", logging_level="OFF"),
    logging("data-trace", "bodies and keys would be logged", data_trace_enabled=True),
    tag("missing", "has no tag Owner", {name: TAGS[name] for name in TAGS if name != "Owner"}),
    tag("empty", "has no tag Owner", {**TAGS, "Owner": ""}),
    tag("environment", "tag Environment is lax, not strict", {**TAGS, "Environment": LAX}),
    tag("unknown", "tags_all is unknown", UNKNOWN),
    pair("suffix", "missing", "does not end in -copy", (TOPIC.but(name="topic"),), (TOPIC,)),
    pair("suffix", "other", "does not end in -copy", (TOPIC.but(name="topic-other"),), (TOPIC,)),
    pair("suffix", "unknown", "unknown until apply", (TOPIC.but(name=UNKNOWN),), (TOPIC,)),
)  # fmt: skip
