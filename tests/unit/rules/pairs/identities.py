"""Roles that no function uses, users, groups and managed policies that may do too much, or let too many in."""

from __future__ import annotations

from typing import Any

from tests.support.builder import Res, plan, policy
from tests.support.pairs import Pair
from tests.unit.rules.pairs.privilege import FUNCTION, GOOD, ROLE, TABLE

from harness.plan import UNKNOWN

STACK = (FUNCTION, TABLE, ROLE, GOOD)
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ISSUER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
SUB = "token.actions.githubusercontent.com:sub"


def trusting(principal: Any, **more: Any) -> Res:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return Res("aws_iam_role.other", {"name": "other-copy", "assume_role_policy": policy(statement)})


STATES = trusting({"Service": "states.amazonaws.com"})


def stack(way: str, says: str, broken: tuple[Res, ...], mended: tuple[Res, ...] = (STATES,)) -> Pair:
    return Pair("least-privilege", way, plan(*STACK, *broken), plan(*STACK, *mended), says)


def trusted(way: str, says: str, broken: Res, mended: Res = STATES) -> Pair:
    return stack(f"idle-trust-{way}", says, (broken,), (mended,))


def permits(**changes: Any) -> str:
    statement = {"Sid": "One", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/y", **changes}
    return policy(statement)


def held(way: str, says: str, kind: str, text: Any) -> Pair:
    """A policy of somebody who is no function."""
    return stack(f"{kind}-{way}", says, (STATES, Res(f"{kind}.x", {"role": "other-copy", "policy": text})))


def attached(way: str, says: str, kind: str, arn: object) -> Pair:
    return stack(f"{kind}-{way}", says, (STATES, Res(f"{kind}.x", {"role": "other-copy", "policy_arn": arn})))


def itself(way: str, says: str, **values: object) -> Pair:
    return stack(f"idle-{way}", says, (STATES.but(**values),))


def subject(value: str) -> Res:
    return trusting({"Federated": ISSUER}, Condition={"StringLike": {SUB: value}})


def opened(way: str, says: str, kind: str, broken: dict[str, Any], mended: dict[str, Any]) -> Pair:
    """Pairs of plans for resources that let somebody in with an attribute of their own."""
    wrong, right = (plan(*STACK, Res(f"{kind}.x", values)) for values in (broken, mended))
    return Pair("resource-policies", f"{kind}-{way}", wrong, right, says)


FOREIGN = "arn:aws:iam::999999999999:root"
PAIRS = (
    trusted("foreign", f"{FOREIGN} of another account may assume it", trusting({"AWS": FOREIGN}),
            trusting({"AWS": FOREIGN.replace("9" * 12, "123456789012")})),
    trusted("foreign-account", "999999999999 of another account may assume it", trusting({"AWS": ["9" * 12]})),
    trusted("strange", "its trust is no plain Allow: NotAction",
            trusting({"Service": "states.amazonaws.com"}, NotAction="x")),
    trusted("everybody-of-a-provider", f"every user of {ISSUER} may assume it", trusting({"Federated": ISSUER}),
            subject("repo:owner/name:*")),
    trusted("any-repository", f"every user of {ISSUER} may assume it", subject("repo:*/name:main"),
            subject("repo:owner/name:main")),
    trusted("web-identity", "every user of accounts.google.com", trusting({"Federated": "accounts.google.com"})),
    held("everything", "statement One allows *; name", "aws_iam_policy", permits(Action="*")),
    held("service", "statement One allows s3:*; name", "aws_iam_user_policy", permits(Action="s3:*")),
    held("short", "statement One allows s3:**; name", "aws_iam_group_policy", permits(Action="s3:**")),
    held("not-action", "is no plain Allow: NotAction", "aws_iam_policy", permits(NotAction="s3:x")),
    held("escalates", "allows iam:PassRole on everything", "aws_iam_role_policy",
         permits(Action="iam:PassRole", Resource="*")),
    held("of-every-service", "allows *:Get*; name", "aws_iam_policy", permits(Action="*:Get*", Resource="*")),
    held("foreign", "of another account", "aws_iam_policy", permits(Resource="arn:aws:sqs:r:999999999999:x")),
    held("unread", "nothing shows what its policy permits", "aws_iam_role_policy", UNKNOWN),
    held("to-review", "whoever reviews this plan must judge", "aws_iam_policy", permits()),
    held("of-role-to-review", "no function uses it, and", "aws_iam_role_policy", permits()),
    attached("almighty", f"attaches {ADMIN}, which permits everything", "aws_iam_role_policy_attachment", ADMIN),
    attached("full", "which permits everything", "aws_iam_user_policy_attachment",
             "arn:aws:iam::aws:policy/IAMFullAccess"),
    attached("unread", "attaches a policy that is unknown", "aws_iam_group_policy_attachment", UNKNOWN),
    attached("to-review", "attaches arn:aws:iam::aws:policy/x: no", "aws_iam_role_policy_attachment",
             "arn:aws:iam::aws:policy/x"),
    itself("managed", f"attaches {ADMIN}, which permits everything", managed_policy_arns=[ADMIN]),
    itself("managed-unread", "attaches a policy that is unknown", managed_policy_arns=UNKNOWN),
    itself("inline", "statement One allows *; name", inline_policy=[{"name": "x", "policy": permits(Action="*")}]),
    itself("inline-unread", "its policy permits: it is unknown", inline_policy=[{"name": "x", "policy": UNKNOWN}]),
    itself("inlines-unread", "its inline_policy is unknown", inline_policy=UNKNOWN),
    opened("anybody", "lets anybody in", "aws_lambda_layer_version_permission", {"principal": "*"},
           {"principal": "*", "organization_id": "o-abc"}),
    opened("unread", "lets <unknown until apply> in", "aws_lambda_layer_version_permission", {"principal": UNKNOWN},
           {"principal": "123456789012"}),
    opened("foreign", "lets 999999999999 of another account in", "aws_lambda_layer_version_permission",
           {"principal": "9" * 12}, {"principal": "123456789012"}),
    opened("anybody", "lets anybody in", "aws_cloudwatch_event_permission", {"principal": "*"},
           {"principal": "*", "condition": [{"key": "aws:PrincipalOrgID", "value": "o-abc"}]}),
    opened("foreign", "of another account in", "aws_kms_grant", {"grantee_principal": FOREIGN},
           {"grantee_principal": FOREIGN.replace("9" * 12, "123456789012")}),
    opened("nobody-checked", "authorization_type is NONE", "aws_lambda_function_url", {"authorization_type": "NONE"},
           {"authorization_type": "AWS_IAM"}),
    opened("unread", "authorization_type is <unknown until apply>", "aws_lambda_function_url",
           {"authorization_type": UNKNOWN}, {"authorization_type": "AWS_IAM"}),
)  # fmt: skip
