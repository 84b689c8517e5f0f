"""Roles and resource policies that allow more, or other things, than there is a reason for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.support.builder import Res, plan, policy
from tests.support.pairs import BASE_GRANTS, SOURCES, Pair

from harness.facts import Action, Grant
from harness.plan import UNKNOWN, Plan

PLACE = "eu-west-1:123456789012"
TABLE_ARN = f"arn:aws:dynamodb:{PLACE}:table/api-carts-copy"
FUNCTION = Res(
    "aws_lambda_function.this",
    {"function_name": "api-shop-copy", "filename": "build/bundle/shop.zip", "role": UNKNOWN},
    refs={"role": ["aws_iam_role.this.arn", "aws_iam_role.this"]},
)
TRACED = FUNCTION.but(tracing_config=[{"mode": "Active"}])
TABLE = Res("aws_dynamodb_table.this", {"name": "api-carts-copy", "global_secondary_index": [{"name": "by-x"}]})
ITEMS = {"Sid": "Items", "Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": TABLE_ARN}
LIST = {"Sid": "List", "Effect": "Allow", "Action": "dynamodb:Query", "Resource": f"{TABLE_ARN}/index/by-x"}
LOGS = {
    "Sid": "Logs",
    "Effect": "Allow",
    "Action": "logs:PutLogEvents",
    "Resource": f"arn:aws:logs:{PLACE}:log-group:/aws/lambda/api-shop-copy:*",
}
TRACE = {"Sid": "Trace", "Effect": "Allow", "Action": "xray:PutTraceSegments", "Resource": "*"}


def role_policy(*statements: Any) -> Res:
    return Res("aws_iam_role_policy.this", {"role": "api-shop-copy", "name": "this", "policy": policy(*statements)})


GOOD = role_policy(ITEMS, LIST, LOGS)
KEY_POLICY = Res("aws_iam_role_policy.key", {"role": "api-shop-copy", "name": "key", "policy": UNKNOWN})
KEY = Res("aws_kms_key.this", {"policy": policy(), "arn": UNKNOWN})
DECRYPT = {"sid": "Decrypt", "effect": None, "actions": ["kms:Decrypt"], "resources": [UNKNOWN], "condition": []}
# A plan's configuration has nothing of dynamic blocks.
KEY_DOCUMENT = Res("data.aws_iam_policy_document.key", {"statement": [DECRYPT], "json": UNKNOWN}, action="read",
                   written={"statement": ...})  # fmt: skip
KEY_READ = Res(KEY_POLICY.address, KEY_POLICY.after, refs={
    "policy": ["data.aws_iam_policy_document.key.json", "data.aws_iam_policy_document.key"]})  # fmt: skip
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
ROLE = Res("aws_iam_role.this", {"name": "api-shop-copy", "assume_role_policy": policy(TRUST)})


def _standing(*resources: Res) -> Plan:
    """A plan of them, the function and its table; the function's role unless it is given."""
    role = () if any(one.address == ROLE.address for one in resources) else (ROLE,)
    return plan(FUNCTION, TABLE, *role, *resources)


def privilege(way: str, says: str, *broken: Res, mended: tuple[Res, ...] = (GOOD,)) -> Pair:
    return Pair("least-privilege", way, _standing(*broken), _standing(*mended), says)


def items(way: str, says: str, **changes: Any) -> Pair:
    return privilege(way, says, role_policy({**ITEMS, **changes}, LIST, LOGS))


PUBLISH = {"Effect": "Allow", "Principal": {"Service": "s.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*"}
SCOPED = {**PUBLISH, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}


def resource_policy(way: str, says: str, **changes: Any) -> Pair:
    broken = plan(KEY.but(policy=policy({**SCOPED, **changes})))
    return Pair("resource-policies", way, broken, plan(KEY.but(policy=policy(SCOPED))), says)


HOST = "eu-west-1.amazonaws.com"
VIA = {"StringEquals": {"kms:ViaService": [f"lambda.{HOST}", f"dynamodb.{HOST}"]}}
VIA_KEY = (*BASE_GRANTS, Grant("Open", "any", "r", (Action("kms:Decrypt", "w", True, "d"),),
                               through=("dynamodb", "lambda")))  # fmt: skip


def through(way: str, conditions: dict[str, Any]) -> Pair:
    """A grant that holds only by way of some services."""
    opens = {"Sid": "Open", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    wrong, right = (_standing(role_policy(ITEMS, LIST, LOGS, {**opens, "Condition": one})) for one in (conditions, VIA))
    return Pair("least-privilege", f"through-{way}", wrong, right,
                "Open: permissions.yaml grants it with kms:ViaService of dynamodb, lambda alone",
                sources=replace(SOURCES, base_grants=VIA_KEY))  # fmt: skip


def trust(way: str, says: str, *statements: dict[str, Any]) -> Pair:
    return privilege(way, says, GOOD, ROLE.but(assume_role_policy=policy(*statements)), mended=(GOOD, ROLE))


FOREIGN = "arn:aws:iam::999999999999:root"


def foreign(way: str, says: str, **changes: Any) -> Pair:
    """A key's policy in a stack whose account the table's role shows."""
    wrong, right = (_standing(GOOD, KEY.but(policy=policy(one))) for one in ({**SCOPED, **changes}, OURS))
    return Pair("resource-policies", f"foreign-{way}", wrong, right, says)


OURS = {**SCOPED, "Principal": {"AWS": "123456789012"},
        "Condition": {"StringNotEquals": {"aws:SourceAccount": "9" * 12}}}  # fmt: skip


def document(way: str, says: str, text: str) -> Pair:
    return Pair("resource-policies", f"document-{way}", plan(KEY.but(policy=text)), plan(KEY), says)


PAIRS = (
    items("wildcard", "dynamodb:* is a wildcard: name the actions in lambda/shop/permissions.yaml",
          Action=["dynamodb:GetItem", "dynamodb:*"]),
    privilege("base-wildcard", "logs:* is a wildcard: name the actions in modules/function/permissions.yaml",
              role_policy(ITEMS, LIST, {**LOGS, "Action": "logs:*"})),
    items("question-mark", "dynamodb:?etItem is a wildcard", Action=["dynamodb:GetItem", "dynamodb:?etItem"]),
    items("scan", "reads the whole table, and is never granted: take it out of lambda/shop/permissions.yaml",
          Action=["dynamodb:GetItem", "dynamodb:Scan"]),
    items("widened", "dynamodb:PutItem has no reason", Action=["dynamodb:GetItem", "dynamodb:PutItem"]),
    items("narrowed", "dynamodb:GetItem is in permissions.yaml only", Action=[]),
    items("any-resource", "* is no table:carts of this plan", Resource="*"),
    items("foreign-table", "is no table:carts of this plan", Resource=f"{TABLE_ARN}x"),
    items("table-wildcard", "is no table:carts of this plan", Resource=f"{TABLE_ARN}*"),
    items("no-resource", "nothing is no table:carts", Resource=[]),
    items("not-action", "is no plain Allow: NotAction", NotAction="x"),
    items("deny", "is no plain Allow", Effect="Deny"),
    privilege("no-reason", "statement More has no reason", role_policy(ITEMS, LIST, LOGS, {**ITEMS, "Sid": "More"})),
    privilege("no-sid", "(without Sid) has no reason",
              role_policy(ITEMS, LIST, LOGS, {name: ITEMS[name] for name in ("Effect", "Action", "Resource")})),
    privilege("not-granted", "permissions.yaml grants List", role_policy(ITEMS, LOGS)),
    privilege("other-logs", "is no log_group of this plan",
              role_policy(ITEMS, LIST, {**LOGS, "Resource": f"arn:aws:logs:{PLACE}:log-group:*"})),
    privilege("traces-without-tracing", "statement Trace has no reason", role_policy(ITEMS, LIST, LOGS, TRACE)),
    Pair("least-privilege", "tracing", plan(TRACED, TABLE, ROLE, GOOD),
         plan(TRACED, TABLE, ROLE, role_policy(ITEMS, LIST, LOGS, TRACE)), "permissions.yaml grants Trace"),
    privilege("key", "permissions.yaml grants Decrypt", GOOD, KEY, mended=(GOOD, KEY, KEY_DOCUMENT, KEY_READ)),
    privilege("unreadable", "cannot be read", GOOD, KEY_POLICY),
    privilege("no-policy", "cannot be read", GOOD,
              Res("aws_iam_role_policy.other", {"role": "api-shop-copy", "policy": "x"})),
    privilege("managed", "managed policies grant more", GOOD,
              Res("aws_iam_role_policy_attachment.a", {"role": "api-shop-copy", "policy_arn": "arn:aws:iam::aws:x"})),
    privilege("inline", "has the inline policy x", GOOD, ROLE.but(inline_policy=[{"name": "x"}]), mended=(GOOD, ROLE)),
    privilege("inline-name-unread", "has the inline policy <unknown until apply>", GOOD,
              ROLE.but(inline_policy=[{"name": UNKNOWN}]), mended=(GOOD, ROLE)),
    items("foreign-account", "of another account", Resource=TABLE_ARN.replace("123456789012", "999999999999")),
    items("condition", "Items: permissions.yaml grants it with no condition",
          Condition={"StringEquals": {"aws:PrincipalTag/x": "y"}}),
    through("any-service", {}),
    through("other-service", {"StringEquals": {"kms:ViaService": [f"sqs.{HOST}", f"lambda.{HOST}"]}}),
    through("two-regions", {"StringEquals": {"kms:ViaService": [f"dynamodb.{HOST}", "lambda.r-x-1.amazonaws.com"]}}),
    through("no-host", {"StringEquals": {"kms:ViaService": ["dynamodb.x", "lambda.x"]}}),
    through("like", {"StringLike": VIA["StringEquals"]}),
    trust("trust-denied", "is no plain Allow: nothing shows that Lambda", {**TRUST, "Effect": "Deny"}),
    trust("trust-with-a-condition", "is no plain Allow: nothing shows that Lambda",
          {**TRUST, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}),
    trust("trust-of-nobody", "permits no sts:AssumeRole"),
    trust("trust-of-another-action", "permits no sts:AssumeRole", {**TRUST, "Action": "sts:TagSession"}),
    privilege("managed-by-itself", "has arn:aws:iam::aws:policy/All: managed policies grant more", GOOD,
              ROLE.but(managed_policy_arns=["arn:aws:iam::aws:policy/All"]),
              mended=(GOOD, ROLE.but(managed_policy_arns=[]))),
    privilege("managed-by-itself-unread", "its managed_policy_arns is <unknown until apply>", GOOD,
              ROLE.but(managed_policy_arns=UNKNOWN),
              mended=(GOOD, replace(ROLE.but(managed_policy_arns=UNKNOWN), written={"managed_policy_arns": ...}))),
    privilege("managed-of-one-unread", "has <unknown until apply>: managed policies", GOOD,
              ROLE.but(managed_policy_arns=[UNKNOWN]), mended=(GOOD, ROLE)),
    privilege("managed-exclusively", "attaches policies for the whole account", GOOD,
              Res("aws_iam_role_policy_attachments_exclusive.x", {"role_name": "api-shop-copy"})),
    privilege("trust", "ec2.amazonaws.com may assume", GOOD, ROLE.but(assume_role_policy=policy(
              {**TRUST, "Principal": {"Service": "ec2.amazonaws.com"}})), mended=(GOOD, ROLE)),
    privilege("trust-anybody", "* may assume", GOOD,
              ROLE.but(assume_role_policy=policy({**TRUST, "Principal": "*"})), mended=(GOOD, ROLE)),
    resource_policy("anybody", "lets anybody in", Principal="*"),
    resource_policy("any-aws", "lets anybody in", Principal={"AWS": "*"}),
    resource_policy("unconditional", "for any account", Condition={}),
    *(resource_policy(f"everything-{action}", f"allows {action}; name the actions", Action=action)
      for action in ("kms:*", "**", "kms:**", "k*", "kms:?*", "*:Decrypt")),
    resource_policy("variable", "for any account", Condition={"StringEquals": {
        "aws:SourceAccount": ["${aws:SourceAccount}"]}}),
    resource_policy("pattern-like-a-mark", "for any account", Condition={"StringLike": {"aws:SourceAccount": "<*"}}),
    resource_policy("open-mark", "for any account", Condition={"StringLike": {"aws:SourceAccount": "<*>"}}),
    foreign("principal", f"lets in {FOREIGN} of another account", Principal={"AWS": FOREIGN}),
    foreign("source", f"lets in {'9' * 12} of another", Condition={"StringEquals": {"AWS:SourceAccount": "9" * 12}}),
    document("twice", "is no policy document", policy(SCOPED).replace('"Effect"', '"Effect": "Deny", "Effect"')),
    document("escaped", "lets anybody in",
             policy({**SCOPED, "Principal": "*"}).replace("Statement", "St\\u0061tement")),
)  # fmt: skip
