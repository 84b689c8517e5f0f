"""What CI's roles must not do, tried on the local AWS; beside each refusal what the same role may."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support import ci_roles
from tests.support.ci_roles import Role, claims
from tests.support.deployed import PRODUCT, STATES, Deployed, made_up_key
from tests.support.life import Ci

ACCOUNT = "000000000000"
ADMIN = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ],
    }
)
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}
# A function that calls AWS as the role it runs under; the code of the error, or "" when it was let through.
PROBE = """
import boto3, botocore.exceptions

def handler(event, context):
    try:
        getattr(boto3.client(event["service"]), event["method"])(**event["arguments"])
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return ""
"""


def code_of(call: Callable[..., Any], **arguments: Any) -> str:
    """Return the code of AWS's error; empty when the call was let through."""
    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def is_denied(call: Callable[..., Any], **arguments: Any) -> bool:
    return code_of(call, **arguments) in DENIED


@dataclass(frozen=True)
class Case:
    """One environment beside another.

    Attributes:
        other: the environment whose things are out of reach.
        execution_role: name of the role that its function runs under.
        boundary: ARN of what that role must carry.
    """

    ci: Ci
    own: Deployed
    other: Deployed
    execution_role: str
    boundary: str

    def role(self, purpose: str) -> Role:
        return self.ci.role(self.own.environment, purpose)

    def as_(self, purpose: str, service: str) -> Any:
        return self.ci.client(self.role(purpose), service)


@pytest.fixture(scope="module", params=list(PRODUCT.environments))
def case(request: pytest.FixtureRequest, ci: Ci, deployments: dict[str, Deployed]) -> Case:
    own = deployments[request.param]
    other = next(one for name, one in deployments.items() if name != request.param)
    arn = ci.aws("lambda").get_function_configuration(FunctionName=own.function)["Role"]
    role = ci.aws("iam").get_role(RoleName=arn.rpartition("/")[2])["Role"]
    return Case(ci, own, other, role["RoleName"], role["PermissionsBoundary"]["PermissionsBoundaryArn"])


@pytest.fixture(scope="module")
def foreign_keys(ci: Ci) -> list[str]:
    """Ids of a key of another project and of one without tags."""
    kms = ci.aws("kms")
    tags = [{"TagKey": "Project", "TagValue": "another"}, {"TagKey": "Environment", "TagValue": "another"}]
    return [str(kms.create_key(**more)["KeyMetadata"]["KeyId"]) for more in ({"Tags": tags}, {})]


def test_a_token_of_the_right_job_is_taken_in_both_forms(ci: Ci) -> None:
    for role in ci.roles:
        assert code_of(ci_roles.sign_in, local=ci.local, role=role) == "", role
        place = role.claims["sub"].partition(f"{ci_roles.NAME}:")[2]
        newer = {**role.claims, "sub": claims(place, immutable=True)["sub"]}
        assert code_of(ci_roles.sign_in, local=ci.local, role=role, given=newer) == "", role


def test_other_tokens_are_refused(ci: Ci) -> None:
    pull_request = claims("pull_request", ref="refs/pull/7/merge")
    branch = claims("ref:refs/heads/feature", ref="refs/heads/feature")
    for role in ci.roles:
        guarded = PRODUCT.environments[role.environment].guarded
        elsewhere = next(name for name in PRODUCT.environments if name != role.environment)
        tried = {
            "another repository of this name": {**role.claims, "repository_id": "816"},
            "another repository's name": {**role.claims, "sub": role.claims["sub"].replace("/shop", "/shop2")},
            "another branch": branch,
            "another environment": claims(f"environment:{elsewhere}", environment=elsewhere),
            "no GitHub environment": {**branch, "sub": claims(f"environment:{role.environment}-2")["sub"]},
        }
        if guarded or role.purpose == "apply":
            tried["a pull request"] = pull_request
        if role.purpose == "apply":
            tried["an environment that nobody protects"] = {**role.claims, "ref": "refs/heads/feature"}
        taken = [
            told
            for told, given in tried.items()
            if code_of(ci_roles.sign_in, local=ci.local, role=role, given=given) == ""
        ]
        assert not taken, f"{role.name} takes tokens of {taken}"


def test_another_environments_state_is_out_of_reach(case: Case) -> None:
    own, other = (f"{one.environment}/{one.environment}/terraform.tfstate" for one in (case.own, case.other))
    for purpose in ci_roles.PURPOSES:
        s3 = case.as_(purpose, "s3")
        assert code_of(s3.get_object, Bucket=STATES, Key=own) == ""
        assert is_denied(s3.get_object, Bucket=STATES, Key=other)
        assert is_denied(s3.put_object, Bucket=STATES, Key=other, Body=b"")
        assert is_denied(s3.put_object, Bucket=STATES, Key=f"{other}.tflock", Body=b"")
        assert is_denied(s3.get_object, Bucket=STATES, Key="account/account/terraform.tfstate")
    assert is_denied(case.as_("plan", "s3").put_object, Bucket=STATES, Key=own, Body=b"")


def test_the_plan_role_reads_no_data(case: Case) -> None:
    tables, logs = case.as_("plan", "dynamodb"), case.as_("plan", "logs")
    key = made_up_key(tables, case.own.table)
    assert code_of(tables.describe_table, TableName=case.own.table) == ""
    assert is_denied(tables.scan, TableName=case.own.table)
    assert is_denied(tables.get_item, TableName=case.own.table, Key=key)
    assert is_denied(tables.put_item, TableName=case.own.table, Item=key)
    assert is_denied(logs.filter_log_events, logGroupName=f"/aws/lambda/{case.own.function}")
    assert is_denied(case.as_("plan", "lambda").invoke, FunctionName=case.own.function)


def test_the_other_environments_things_are_out_of_reach(case: Case) -> None:
    tables, functions = case.as_("apply", "dynamodb"), case.as_("apply", "lambda")
    assert is_denied(tables.scan, TableName=case.other.table)
    assert is_denied(tables.delete_table, TableName=case.other.table)
    assert is_denied(functions.update_function_code, FunctionName=case.other.function, ZipFile=b"")
    alias = case.other.function_of()["alias"]
    assert is_denied(functions.update_alias, FunctionName=case.other.function, Name=alias, Description="ours")
    assert is_denied(
        case.as_("apply", "iam").put_role_policy, RoleName=case.other.function, PolicyName="x", PolicyDocument=ADMIN
    )


def test_api_keys_of_others_stay_unread(case: Case) -> None:
    keys = case.ci.aws("apigateway").get_api_keys()["items"]
    of = {
        environment: [one["id"] for one in keys if one["name"].endswith(f"-{environment}")]
        for environment in PRODUCT.environments
    }
    for purpose in ci_roles.PURPOSES:
        gateway = case.as_(purpose, "apigateway")
        assert is_denied(gateway.get_api_keys, includeValues=True)
        assert all(is_denied(gateway.get_api_key, apiKey=one, includeValue=True) for one in of[case.other.environment])
        assert all(code_of(gateway.get_api_key, apiKey=one) == "" for one in of[case.own.environment])
    assert any(of.values())


def test_a_role_is_made_with_the_boundary_or_not_at_all(case: Case) -> None:
    iam, name = case.as_("apply", "iam"), PRODUCT.name("extra", case.own.environment)
    made = {"RoleName": name, "AssumeRolePolicyDocument": TRUST}
    assert is_denied(iam.create_role, **made)
    assert is_denied(iam.create_role, **made, PermissionsBoundary=ADMINISTRATOR)
    assert is_denied(iam.create_role, **{**made, "RoleName": "extra"}, PermissionsBoundary=case.boundary)
    assert code_of(iam.create_role, **made, PermissionsBoundary=case.boundary) == ""
    assert code_of(iam.delete_role, RoleName=name) == ""


def test_the_boundary_stays_on_and_as_it_is(case: Case) -> None:
    iam, role = case.as_("apply", "iam"), case.execution_role
    assert is_denied(iam.delete_role_permissions_boundary, RoleName=role)
    assert is_denied(iam.put_role_permissions_boundary, RoleName=role, PermissionsBoundary=ADMINISTRATOR)
    assert is_denied(iam.create_policy_version, PolicyArn=case.boundary, PolicyDocument=ADMIN, SetAsDefault=True)
    assert is_denied(iam.set_default_policy_version, PolicyArn=case.boundary, VersionId="v1")
    assert is_denied(iam.delete_policy, PolicyArn=case.boundary)
    assert is_denied(iam.attach_role_policy, RoleName=role, PolicyArn=ADMINISTRATOR)
    assert is_denied(iam.update_assume_role_policy, RoleName=role, PolicyDocument=TRUST)


@pytest.fixture
def probe(case: Case) -> Iterator[Callable[..., str]]:
    """A function that the apply role made, under its environment's role with a policy for everything."""
    iam, functions, name = (
        case.as_("apply", "iam"),
        case.as_("apply", "lambda"),
        PRODUCT.name("probe", case.own.environment),
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("probe.py", PROBE)
    role = f"arn:aws:iam::{ACCOUNT}:role/{case.execution_role}"
    made = {"FunctionName": name, "Role": role, "Runtime": "python3.13", "Handler": "probe.handler", "Timeout": 20}
    assert code_of(iam.put_role_policy, RoleName=case.execution_role, PolicyName="more", PolicyDocument=ADMIN) == ""
    assert code_of(functions.create_function, **made, Code={"ZipFile": archive.getvalue()}) == ""

    def ask(service: str, method: str, **arguments: Any) -> str:
        event = json.dumps({"service": service, "method": method, "arguments": arguments}).encode()
        answer = case.ci.aws("lambda").invoke(FunctionName=name, Payload=event)
        return str(json.loads(answer["Payload"].read()))

    yield ask
    functions.delete_function(FunctionName=name)
    iam.delete_role_policy(RoleName=case.execution_role, PolicyName="more")


def test_a_policy_for_everything_gives_a_function_nothing_more(case: Case, probe: Callable[..., str]) -> None:
    key = made_up_key(case.ci.aws("dynamodb"), case.own.table)
    assert probe("dynamodb", "get_item", TableName=case.own.table, Key=key) == ""
    assert probe("iam", "list_roles") in DENIED
    assert (
        probe("iam", "put_role_policy", RoleName=case.role("apply").name, PolicyName="x", PolicyDocument=ADMIN)
        in DENIED
    )
    assert probe("sts", "assume_role", RoleArn=case.role("apply").arn, RoleSessionName="probe") in DENIED
    assert probe("dynamodb", "get_item", TableName=case.other.table, Key=key) in DENIED
    assert probe("s3", "list_objects_v2", Bucket=STATES) in DENIED
    assert probe("lambda", "list_functions") in DENIED


def test_no_other_role_is_passed(case: Case) -> None:
    functions, name = case.as_("apply", "lambda"), PRODUCT.name("taken", case.own.environment)
    roles = [one["Arn"] for one in case.ci.aws("iam").list_roles()["Roles"]]
    foreign = [arn for arn in roles if not arn.endswith(f"-{case.own.environment}")]
    assert {case.role("apply").arn, case.role("plan").arn} < set(foreign)
    made = {"FunctionName": name, "Runtime": "python3.13", "Handler": "probe.handler", "Code": {"ZipFile": b""}}
    passed = [arn for arn in foreign if not is_denied(functions.create_function, **made, Role=arn)]
    assert not passed


def test_cis_own_roles_are_not_cis_to_change(case: Case) -> None:
    iam = case.as_("apply", "iam")
    for role in case.ci.roles:
        assert is_denied(iam.put_role_policy, RoleName=role.name, PolicyName="more", PolicyDocument=ADMIN)
        assert is_denied(iam.attach_role_policy, RoleName=role.name, PolicyArn=ADMINISTRATOR)
        assert is_denied(iam.update_assume_role_policy, RoleName=role.name, PolicyDocument=TRUST)
        for attached in case.ci.aws("iam").list_attached_role_policies(RoleName=role.name)["AttachedPolicies"]:
            arn = attached["PolicyArn"]
            assert is_denied(iam.create_policy_version, PolicyArn=arn, PolicyDocument=ADMIN, SetAsDefault=True)
            assert is_denied(iam.detach_role_policy, RoleName=role.name, PolicyArn=arn)


def test_keys_of_others_and_without_tags_stay_theirs(case: Case, foreign_keys: list[str]) -> None:
    kms = case.as_("apply", "kms")
    ours = [{"TagKey": key, "TagValue": value} for key, value in _tags(case).items()]
    for key in foreign_keys:
        assert is_denied(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=ADMIN)
        assert is_denied(kms.schedule_key_deletion, KeyId=key)
        assert is_denied(kms.disable_key, KeyId=key)
        assert is_denied(kms.tag_resource, KeyId=key, Tags=ours)
        assert is_denied(kms.encrypt, KeyId=key, Plaintext=b"x")
        assert is_denied(kms.create_grant, KeyId=key, GranteePrincipal=case.role("apply").arn, Operations=["Decrypt"])
    tagged, _ = foreign_keys
    assert is_denied(kms.enable_key_rotation, KeyId=tagged)
    assert is_denied(kms.create_alias, AliasName=f"alias/{PRODUCT.name('', case.own.environment)}", TargetKeyId=tagged)
    for tags in ([], ours, [{"TagKey": "Project", "TagValue": "another"}]):
        assert is_denied(kms.create_key, Tags=tags)


def test_an_alarm_tells_the_own_topic_and_does_nothing_else(case: Case) -> None:
    watch, place = case.as_("apply", "cloudwatch"), f"{PRODUCT.region}:{ACCOUNT}"
    topic, theirs = (f"arn:aws:sns:{place}:{PRODUCT.name('extra', one.environment)}" for one in (case.own, case.other))
    name = PRODUCT.name("extra", case.own.environment)
    made = {
        "AlarmName": name, "Namespace": "Any", "MetricName": "any", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
    }  # fmt: skip
    for other in (theirs, f"arn:aws:automate:{PRODUCT.region}:ec2:terminate"):
        assert is_denied(watch.put_metric_alarm, **made, AlarmActions=[other])
        assert is_denied(watch.put_metric_alarm, **made, AlarmActions=[topic], OKActions=[other])
        assert is_denied(watch.put_composite_alarm, AlarmName=name, AlarmRule="FALSE", AlarmActions=[other])
    assert code_of(watch.put_metric_alarm, **made, AlarmActions=[topic]) == ""
    assert code_of(watch.delete_alarms, AlarmNames=[name]) == ""


def _tags(case: Case) -> dict[str, str]:
    return {"Environment": case.own.environment, "Project": PRODUCT.project}


def test_the_own_keys_policy_is_not_cis_to_widen(case: Case) -> None:
    kms = case.as_("apply", "kms")
    # Made by an administrator, with the tags that every thing of this environment has.
    tags = [{"TagKey": name, "TagValue": value} for name, value in _tags(case).items()]
    key = case.ci.aws("kms").create_key(Tags=tags)["KeyMetadata"]["KeyId"]
    assert code_of(kms.tag_resource, KeyId=key, Tags=[{"TagKey": "Owner", "TagValue": "ours"}]) == ""
    assert is_denied(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=ADMIN)
    assert is_denied(kms.create_grant, KeyId=key, GranteePrincipal=case.role("plan").arn, Operations=["Decrypt"])
    assert is_denied(kms.encrypt, KeyId=key, Plaintext=b"x")
    assert is_denied(kms.disable_key_rotation, KeyId=key)
    assert is_denied(kms.create_alias, AliasName=f"alias/{PRODUCT.name('more', case.own.environment)}", TargetKeyId=key)
    assert code_of(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=7) == ""
