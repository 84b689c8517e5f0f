"""Destruction, a dying key, and checks of the plan itself."""

from __future__ import annotations

from dataclasses import replace

from tests.support.builder import Res, plan
from tests.support.pairs import Pair

from harness.plan import UNKNOWN
from harness.rules.destruction import PROTECTED

KEPT = Res("aws_dynamodb_table.this", {"name": "t"}, action="update", before={"name": "t"})
TYPES_OF_REQUIREMENT = {
    "aws_api_gateway_api_key",
    "aws_api_gateway_rest_api",
    "aws_api_gateway_stage",
    "aws_api_gateway_usage_plan",
    "aws_cloudwatch_log_group",
    "aws_dynamodb_table",
    "aws_kms_key",
}
assert set(PROTECTED) == TYPES_OF_REQUIREMENT


def gate(kind: str, action: str) -> Pair:
    address = f"{kind}.this"
    after = None if action == "delete" else {"name": "n-copy", "retention_in_days": 1}
    broken = plan(Res(address, after, action=action, before={"name": "n-copy"}))
    return Pair("destruction-gate", f"{kind}-{action}", broken, broken, f"ALLOW_DESTROY={address}",
                acknowledged=(address,))  # fmt: skip


def remade(kind: str, name: object, action: str = "replace-create-first", attribute: str = "name") -> Res:
    """Replace a resource that was called ``n-copy``."""
    return Res(f"{kind}.this", {attribute: name}, action=action, before={attribute: "n-copy"})


def beside(kind: str, says: str, attribute: str = "name") -> Pair:
    broken, mended = (plan(remade(kind, name, attribute=attribute)) for name in ("n-copy", "m-copy"))
    return Pair("same-name", kind, broken, mended, says)


UNTOLD = remade("aws_dynamodb_table", UNKNOWN)
DEPOSED = Res("aws_dynamodb_table.this", None, action="delete", before={"name": "t"}, deposed="0badcafe")
KEY_ARN = "arn:aws:kms:r:1:key/k"
DYING = Res("aws_kms_key.this", None, action="delete", before={"arn": KEY_ARN})
KEY = Res("aws_kms_key.this", {"arn": KEY_ARN, "enable_key_rotation": True}, action="no-op", before={"arn": KEY_ARN})


def table(arn: str | None) -> Res:
    return KEPT.but(server_side_encryption=[{"enabled": True, "kms_key_arn": arn}])


def check(status: str) -> dict[str, object]:
    problems = [{"message": "too small"}] if status == "fail" else []
    instance = {"address": {"to_display": "check.c"}, "status": status, "problems": problems}
    return {"address": {"kind": "check", "to_display": "check.c"}, "status": status, "instances": [instance]}


PAIRS = (
    *(gate(kind, action) for kind in PROTECTED for action in ("delete", "replace", "replace-create-first")),
    Pair("destruction-gate", "other-address", plan(Res("aws_dynamodb_table.this", None, action="delete", before={})),
         plan(KEPT), "ALLOW_DESTROY=aws_dynamodb_table.this"),
    Pair("destruction-gate", "deposed", plan(KEPT, DEPOSED), plan(KEPT), "would be destroyed, and its items are lost"),
    Pair("destruction-gate", "in-words", plan(remade("aws_dynamodb_table", "n")), plan(KEPT),
         "would be replaced, and its items are lost; if that is meant, plan again with ALLOW_DESTROY="),
    Pair("destruction-gate", "pasteable", plan(Res('aws_kms_key.this["a"]', None, action="delete", before={})),
         plan(KEPT), """ALLOW_DESTROY='aws_kms_key.this["a"]'"""),
    beside("aws_dynamodb_table", "its items are lost with the old one: add a table of another name"),
    beside("aws_iam_role", "give it another name in the same change"),
    beside("aws_lambda_function", "made beside the old one, which has the same name n-copy", "function_name"),
    Pair("same-name", "unknown", plan(UNTOLD), plan(replace(UNTOLD, written={"name": ...})), "a name that is unknown"),
    Pair("same-name", "delete-first", plan(remade("aws_iam_role", "n-copy")),
         plan(remade("aws_iam_role", "n-copy", "replace")), "another name"),
    Pair("same-name", "put", plan(remade("aws_kms_alias", "n-copy")),
         plan(remade("aws_cloudwatch_metric_alarm", "n-copy", attribute="alarm_name")), "another name"),
    Pair("same-name", "twins", plan(remade("aws_kms_alias", "n-copy")),
         plan(remade("aws_api_gateway_rest_api", "n-copy")), "another name"),
    Pair("dying-key", "kept-by-the-table", plan(DYING, table(KEY_ARN)), plan(KEY, table(KEY_ARN)),
         "stays encrypted with aws_kms_key.this"),
    Pair("plan-checks", "failed", plan(KEPT, checks=[check("fail")]), plan(KEPT, checks=[check("pass")]),
         "check fail: too small"),
    Pair("plan-checks", "error", plan(KEPT, checks=[check("error")]), plan(KEPT, checks=[check("unknown")]),
         "check error: no message"),
    Pair("plan-checks", "incomplete", plan(KEPT, complete=False), plan(KEPT), "not complete"),
)  # fmt: skip
