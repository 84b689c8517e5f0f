"""Requests of CI's roles: what an apply asks for, and beside it what an attacker who has the role would try."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from tests.support.rights import ACCOUNT, REGION, Values, tagged

from harness.facts import read_blueprint

PRODUCT = read_blueprint()
PLACE = f"{REGION}:{ACCOUNT}"
STATES = f"arn:aws:s3:::{PRODUCT.state_bucket(ACCOUNT)}"
KEY = f"arn:aws:kms:{PLACE}:key/0"
API = f"arn:aws:apigateway:{REGION}::"
IAM = f"arn:aws:iam::{ACCOUNT}"
ADMIN = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
"""A policy that allows everything."""


@dataclass(frozen=True)
class Names:
    """Things of an environment by their ARNs."""

    environment: str

    @property
    def tags(self) -> Mapping[str, str]:
        """Return the tags of everything of it that decide who may touch it."""
        return {"Environment": self.environment, "Project": PRODUCT.project}

    @property
    def boundary(self) -> str:
        """Return the policy that bounds its functions' roles."""
        return f"{IAM}:policy/{PRODUCT.name('boundary', self.environment)}"

    def named(self, service: str, kind: str = "") -> str:
        """Return the ARN of a thing of a service that names things."""
        return f"arn:aws:{service}:{PLACE}:{kind}{PRODUCT.name('thing', self.environment)}"

    @property
    def role(self) -> str:
        """Return a function's role."""
        return f"{IAM}:role/{PRODUCT.name('thing', self.environment)}"

    def ci_role(self, purpose: str) -> str:
        """Return the name of a role of CI."""
        return f"ci-{PRODUCT.name('', self.environment)}-{purpose}"

    def state(self, file: str = "terraform.tfstate") -> str:
        """Return an object beside its state."""
        return f"{STATES}/{self.environment}/{self.environment}/{file}"


@dataclass(frozen=True)
class Ask:
    """A request: an action on a resource, with condition keys."""

    action: str
    resource: str = "*"
    keys: Values = field(default_factory=dict)


def of_tags(path: str) -> str:
    """Return what API Gateway is asked for to tag a thing."""
    return f"{API}/tags/{quote(f'{API}{path}', safe='*')}"


def granted(own: Names) -> dict[str, Ask]:
    """List what an apply of an environment asks for; each is the honest twin of what is refused below."""
    ours, asked = tagged("Resource", **own.tags), tagged("Request", **own.tags)
    bound = {"iam:PermissionsBoundary": own.boundary}
    return {
        "a role with the boundary": Ask("iam:CreateRole", own.role, bound),
        "a policy of a bound role": Ask("iam:PutRolePolicy", own.role, bound),
        "a role for Lambda": Ask("iam:PassRole", own.role, {"iam:PassedToService": "lambda.amazonaws.com"}),
        "the state": Ask("s3:PutObject", own.state()),
        "the release's record": Ask("s3:DeleteObject", own.state("release.json")),
        "tags of a key that is there": Ask("kms:TagResource", KEY, ours | asked),
        "another owner of a key": Ask("kms:TagResource", KEY, {**ours, "aws:RequestTag/Owner": "somebody"}),
        "the end of a key": Ask("kms:ScheduleKeyDeletion", KEY, ours),
        "a key for a table": Ask("kms:CreateGrant", KEY, ours | _via("dynamodb")),
        "an API": Ask("apigateway:POST", f"{API}/restapis", asked),
        "tags of an API that is made": Ask("apigateway:PUT", of_tags("/restapis/*"), asked),
        "tags of a stage that is made": Ask("apigateway:PUT", of_tags("/restapis/abc/stages/*"), asked),
        "tags of an API key that is there": Ask("apigateway:PUT", of_tags("/apikeys/abc"), ours | asked),
        "a stage": Ask("apigateway:PATCH", f"{API}/restapis/abc/stages/v1", ours),
        "a composite alarm": Ask("cloudwatch:PutCompositeAlarm"),
        "an alarm": Ask("cloudwatch:PutMetricAlarm", own.named("cloudwatch", "alarm:")),
        "an alarm that tells": Ask(
            "cloudwatch:PutMetricAlarm", own.named("cloudwatch", "alarm:"), _acting(own.named("sns"))
        ),
        "code of a function": Ask("lambda:UpdateFunctionCode", own.named("lambda", "function:")),
        "a version that nobody needs": Ask("lambda:DeleteFunction", f"{own.named('lambda', 'function:')}:7"),
        "a table": Ask("dynamodb:CreateTable", own.named("dynamodb", "table/")),
        "items that come back": Ask("dynamodb:PutItem", own.named("dynamodb", "table/")),
        "a copy of a table": Ask("dynamodb:RestoreTableFromBackup", f"{own.named('dynamodb', 'table/')}-restore-2026"),
        "an execution log": Ask("logs:CreateLogGroup", _execution_log(), asked),
        "an execution log that goes": Ask("logs:DeleteLogGroup", _execution_log(), ours),
    }


def _acting(*actions: str) -> Values:
    return {"cloudwatch:AlarmActions": list(actions)}


def _via(service: str) -> dict[str, str]:
    return {"kms:ViaService": f"{service}.{REGION}.amazonaws.com"}


def _execution_log() -> str:
    return f"arn:aws:logs:{PLACE}:log-group:API-Gateway-Execution-Logs_abc/v1"


def escalations(own: Names, other: Names) -> dict[str, Ask]:
    """List what neither role of an environment may do."""
    theirs, ours = tagged("Resource", **other.tags), tagged("Resource", **own.tags)
    asked = tagged("Request", **own.tags)
    bound = {"iam:PermissionsBoundary": own.boundary}
    foreign = tagged("Resource", Environment=own.environment, Project="another-project")
    return {
        "a role without a boundary": Ask("iam:CreateRole", own.role),
        "a role with another's boundary": Ask("iam:CreateRole", own.role, {"iam:PermissionsBoundary": other.boundary}),
        "an administrator's boundary": Ask(
            "iam:PutRolePermissionsBoundary",
            own.role,
            {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
        "no boundary any more": Ask("iam:DeleteRolePermissionsBoundary", own.role, bound),
        "a policy of a role without a boundary": Ask("iam:PutRolePolicy", own.role),
        "an administrator's policy": Ask("iam:AttachRolePolicy", own.role, bound),
        "whoever may assume a role": Ask("iam:UpdateAssumeRolePolicy", own.role, bound),
        "another environment's role": Ask("iam:PutRolePolicy", other.role, bound),
        "its own policy": Ask("iam:PutRolePolicy", f"{IAM}:role/{own.ci_role('apply')}", bound),
        "its own rights": Ask("iam:CreatePolicyVersion", f"{IAM}:policy/{own.ci_role('write')}"),
        "a wider boundary": Ask("iam:CreatePolicyVersion", own.boundary),
        "the end of the boundary": Ask("iam:DeletePolicy", own.boundary),
        "an administrator's role for Lambda": Ask(
            "iam:PassRole", f"{IAM}:role/admin", {"iam:PassedToService": "lambda.amazonaws.com"}
        ),
        "a role for a machine": Ask("iam:PassRole", own.role, {"iam:PassedToService": "ec2.amazonaws.com"}),
        "another role": Ask("sts:AssumeRole", f"{IAM}:role/{other.ci_role('apply')}"),
        "a user": Ask("iam:CreateUser", f"{IAM}:user/me"),
        "who CI is": Ask("iam:UpdateOpenIDConnectProviderThumbprint", f"{IAM}:oidc-provider/x"),
        "another's state": Ask("s3:GetObject", other.state()),
        "the account's state": Ask("s3:GetObject", f"{STATES}/account/account/terraform.tfstate"),
        "a state of others": Ask("s3:PutObject", other.state()),
        "who may read states": Ask("s3:PutBucketPolicy", STATES),
        "policy of a key": Ask("kms:PutKeyPolicy", KEY, ours),
        "a key": Ask("kms:CreateKey", "*", asked | {"kms:BypassPolicyLockoutSafetyCheck": "false"}),
        "a key that locks out": Ask("kms:CreateKey", "*", asked | {"kms:BypassPolicyLockoutSafetyCheck": "true"}),
        "rotation of a key": Ask("kms:EnableKeyRotation", KEY, ours),
        "a name for a key": Ask("kms:CreateAlias", KEY, ours),
        "a key for a table, of which no tags count": Ask("kms:CreateGrant", KEY, _via("dynamodb")),
        "tags of a key that is made": Ask("kms:TagResource", "*", asked),
        "our tags on a key without any": Ask("kms:TagResource", KEY, asked),
        "our tags on another environment's key": Ask("kms:TagResource", KEY, theirs | asked),
        "our tags on another project's key": Ask("kms:TagResource", KEY, foreign | asked),
        "their tags on our key": Ask("kms:TagResource", KEY, ours | tagged("Request", **other.tags)),
        "the end of a key without tags": Ask("kms:ScheduleKeyDeletion", KEY),
        "the end of another environment's key": Ask("kms:ScheduleKeyDeletion", KEY, theirs),
        "the end of another project's key": Ask("kms:ScheduleKeyDeletion", KEY, foreign),
        "another environment's key through a service": Ask("kms:CreateGrant", KEY, theirs | _via("dynamodb")),
        "a text of the key": Ask("kms:Decrypt", KEY, ours),
        "a grant of the key": Ask("kms:CreateGrant", KEY, ours),
        "every API key": Ask("apigateway:GET", f"{API}/apikeys"),
        "another's API key": Ask("apigateway:GET", f"{API}/apikeys/abc", theirs),
        "an API key without tags": Ask("apigateway:GET", f"{API}/apikeys/abc"),
        "another's key through its plan": Ask("apigateway:GET", f"{API}/usageplans/abc/keys", theirs),
        "our tags on another's API key": Ask("apigateway:PUT", of_tags("/apikeys/abc"), theirs | asked),
        "our tags on a key that shows none": Ask("apigateway:PUT", of_tags("/apikeys/abc"), asked),
        "our tags on another's stage": Ask("apigateway:PUT", of_tags("/restapis/abc/stages/v1"), theirs | asked),
        "another's stage": Ask("apigateway:PATCH", f"{API}/restapis/abc/stages/v1", theirs),
        "an API of nobody": Ask("apigateway:POST", f"{API}/restapis"),
        "the account's log role": Ask("apigateway:PATCH", f"{API}/account"),
        "another's function": Ask("lambda:GetFunction", other.named("lambda", "function:")),
        "another's code": Ask("lambda:UpdateFunctionCode", other.named("lambda", "function:")),
        "another's table": Ask("dynamodb:DeleteTable", other.named("dynamodb", "table/")),
        "another's items": Ask("dynamodb:GetItem", other.named("dynamodb", "table/")),
        "another's alarm": Ask("cloudwatch:DeleteAlarms", other.named("cloudwatch", "alarm:")),
        "an alarm that ends a machine": Ask(
            "cloudwatch:PutMetricAlarm",
            own.named("cloudwatch", "alarm:"),
            _acting(f"arn:aws:automate:{REGION}:ec2:terminate"),
        ),
        "an alarm that tells another's": Ask(
            "cloudwatch:PutMetricAlarm",
            own.named("cloudwatch", "alarm:"),
            _acting(own.named("sns"), other.named("sns")),
        ),
        "a composite alarm that runs a function": Ask(
            "cloudwatch:PutCompositeAlarm", "*", _acting(other.named("lambda", "function:"))
        ),
        "what was logged": Ask("logs:FilterLogEvents", own.named("logs", "log-group:/aws/lambda/")),
        "another's execution log": Ask("logs:DeleteLogGroup", _execution_log(), theirs),
    }
