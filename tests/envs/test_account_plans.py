"""Plans of the account's root that its inventory has not: features, a provider that is there, several accounts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from tests.support.ci_requests import ADMIN, API, IAM, PRODUCT, STATES, Ask, Names
from tests.support.planning import Plans, inventory_for
from tests.support.rights import ACCOUNT, REGION, Rights, rights_of, tagged

from harness.base.paths import ACCOUNT as ROOT
from harness.plan import Plan
from harness.rules import evaluate_account

REPOSITORY = {"id": "456", "name": "owner/name", "owner_id": "123"}
FIRST, *REST = PRODUCT.environments
OWN, OTHER = Names(FIRST), Names(next(iter(REST), "another"))


def features(own: Names) -> dict[str, tuple[Ask, ...]]:
    """List what each feature adds to an apply."""
    ours, asked = tagged("Resource", **own.tags), tagged("Request", **own.tags)
    mapping, scaling = (f"arn:aws:{kind}0" for kind in (
        f"lambda:{REGION}:{ACCOUNT}:event-source-mapping:",
        f"application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/",
    ))  # fmt: skip
    function = {"lambda:FunctionArn": f"{own.named('lambda', 'function:')}:live"}
    tables = {"application-autoscaling:service-namespace": "dynamodb"}
    return {
        "event_sources": (
            Ask("lambda:CreateEventSourceMapping", "*", function),
            Ask("lambda:DeleteEventSourceMapping", mapping, function),
            Ask("lambda:GetEventSourceMapping", mapping, function),
            Ask("lambda:TagResource", mapping, asked),
        ),
        "queues": (Ask("sqs:CreateQueue", own.named("sqs")), Ask("sqs:GetQueueAttributes", own.named("sqs"))),
        "scaling": (
            Ask("application-autoscaling:RegisterScalableTarget", scaling, tables | asked),
            *(
                Ask(f"application-autoscaling:{name}", scaling, tables | ours)
                for name in ("DeregisterScalableTarget", "PutScalingPolicy", "RegisterScalableTarget")
            ),
            Ask("application-autoscaling:TagResource", scaling, asked),
            *(
                Ask("cloudwatch:PutMetricAlarm", own.named("cloudwatch", "alarm:TargetTracking-table/") + end)
                for end in ("-AlarmHigh-0", "-ProvisionedCapacityLow-0", "/index/by-any-AlarmLow-0")
            ),
            Ask("application-autoscaling:DescribeScalingPolicies"),
            Ask(
                "iam:CreateServiceLinkedRole",
                f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/x",
                {"iam:AWSServiceName": "dynamodb.application-autoscaling.amazonaws.com"},
            ),
        ),
        "web_acl": (
            Ask("wafv2:AssociateWebACL", f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/w/0"),
            Ask("wafv2:AssociateWebACL", f"{API}/restapis/abc/stages/v1"),
            Ask("wafv2:GetWebACLForResource", f"{API}/restapis/abc/stages/v1"),
            Ask("apigateway:SetWebACL", f"{API}/restapis/abc/stages/v1", ours),
        ),
    }


def allowed(rights: Rights, asks: tuple[Ask, ...]) -> list[bool]:
    return [rights.allow(one.action, one.resource, one.keys) for one in asks]


@pytest.mark.parametrize("feature", features(OWN))
def test_a_feature_adds_its_own_actions_and_no_others(feature: str, plans: Plans) -> None:
    without = rights_of(plans.environment(ROOT).result(), OWN.ci_role("apply"))
    variables = {"github_repository": REPOSITORY, "ci_features": [feature]}
    with plans.changed(ROOT, lambda _: None, variables) as (_, plan):
        apply, look = (rights_of(plan, OWN.ci_role(purpose)) for purpose in ("apply", "plan"))
    for name, asks in features(OWN).items():
        assert set(allowed(without, asks)) == {False}
        assert set(allowed(apply, asks)) == {name == feature}
        reads = [one.action.partition(":")[2].startswith(("Get", "Describe")) for one in asks]
        assert allowed(look, asks) == (reads if name == feature else [False] * len(asks))
    # Of another environment: what is neither named nor tagged as ours.
    theirs = [one for one in features(OTHER)[feature] if one.resource != "*" or one.keys]
    # Our tags in the request make nothing of theirs ours.
    taken = [
        Ask(one.action, one.resource, {**tagged("Resource", **OTHER.tags), **one.keys})
        for one in features(OWN)[feature]
    ]
    theirs += [one for one in taken if one.action.endswith(":TagResource")]
    shared = ("iam:CreateServiceLinkedRole", "wafv2:")
    left = [one for one in theirs if not one.action.startswith(shared) and not _makes(one)]
    assert [one.action for one in left if allowed(apply, (one,))[0]] == []


def _makes(ask: Ask) -> bool:
    """Tell whether a request is for a target that is yet to be made: of no tags that count."""
    return ask.action.endswith(":RegisterScalableTarget") and not any(key.startswith("aws:Res") for key in ask.keys)


def test_everything_fits_with_the_longest_names(plans: Plans) -> None:
    """Twenty letters are the most that a prefix and an environment's name may have."""

    def lengthen(tree: Path) -> None:
        file = tree / "blueprint.yaml"
        facts = yaml.safe_load(file.read_text()) | {"prefix": "p" * 20, "environments": {"e" * 20: {}}}
        file.write_text(yaml.safe_dump(facts))
        shutil.copytree(tree / "envs" / FIRST, tree / "envs" / ("e" * 20))

    variables = {**inventory_for(ROOT).variables, "ci_features": list(features(OWN))}
    with plans.changed(ROOT, lengthen, variables) as (_, plan):
        assert any("e" * 20 in str(one.value("policy")) for one in plan.of_type("aws_iam_policy"))
        assert evaluate_account(plan, ROOT) == ()
        assert {len(str(role.value("name"))) <= 64 for role in plan.of_type("aws_iam_role")} == {True}


def test_a_provider_that_is_there_is_left_alone(plans: Plans) -> None:
    mine = plans.environment(ROOT).result()
    variables = {**inventory_for(ROOT).variables, "oidc_provider_exists": True}
    with plans.changed(ROOT, lambda _: None, variables) as (_, plan):
        assert _trusts(plan) == _trusts(mine)
        assert len(mine.of_type("aws_iam_openid_connect_provider")) == 1
        assert plan.of_type("aws_iam_openid_connect_provider") == ()


def _trusts(plan: Plan) -> dict[object, object]:
    return {role.value("name"): role.value("assume_role_policy") for role in plan.of_type("aws_iam_role")}


@pytest.mark.parametrize("at_home", PRODUCT.environments)
def test_an_account_has_roles_for_the_environments_that_live_in_it(at_home: str, plans: Plans) -> None:
    with plans.changed(ROOT, _in_accounts(at_home), {"github_repository": REPOSITORY}) as (_, plan):
        names = {str(one.value("name")) for kind in ("aws_iam_role", "aws_iam_policy") for one in plan.of_type(kind)}
    for environment in PRODUCT.environments:
        own = Names(environment)
        made = {own.ci_role("apply"), own.ci_role("plan"), own.boundary.rpartition("/")[2]}
        assert made <= names if environment == at_home else not made & names


def test_the_local_aws_has_all_environments_wherever_they_live(plans: Plans) -> None:
    def move(tree: Path) -> None:
        for environment in PRODUCT.environments:
            (tree / "envs" / environment / "aws.tfvars").write_text('allowed_account_ids = ["222222222222"]\n')

    with plans.changed(ROOT, move) as (_, plan):
        bounded = {f"{IAM}:policy/{one.value('name')}" for one in plan.of_type("aws_iam_policy")}
    assert bounded == {Names(environment).boundary for environment in PRODUCT.environments}


def test_no_permissions_file_gives_a_function_rights_over_rights(plans: Plans) -> None:
    asks = ("dynamodb:DescribeLimits", "iam:CreateUser", "organizations:LeaveOrganization", "sts:AssumeRole")

    def grant(tree: Path) -> None:
        statement = {"sid": "Much", "resource": "any", "reason": "none", "actions": [{"name": name} for name in asks]}
        folder = tree / "lambda" / "mighty"
        folder.mkdir()
        (folder / "permissions.yaml").write_text(yaml.safe_dump({"statements": [statement]}))

    with plans.changed(ROOT, grant) as (_, plan):
        for boundary in plan.of_type("aws_iam_policy"):
            bounded = Rights((ADMIN,), str(boundary.value("policy")))
            assert [name for name in asks if bounded.allow(name)] == ["dynamodb:DescribeLimits"]


def test_no_permissions_file_gives_a_function_states(plans: Plans) -> None:
    """A pattern of buckets is one of objects, too: a copy's state has a folder that ends as buckets do."""

    def grant(tree: Path) -> None:
        actions = [{"name": "s3:GetObject"}]
        statement = {"sid": "Files", "resource": "bucket:files", "reason": "none", "actions": actions}
        folder = tree / "lambda" / "storing"
        folder.mkdir()
        (folder / "permissions.yaml").write_text(yaml.safe_dump({"statements": [statement]}))

    with plans.changed(ROOT, grant) as (_, plan):
        policies = {str(one.value("name")): str(one.value("policy")) for one in plan.of_type("aws_iam_policy")}
    for own in map(Names, PRODUCT.environments):
        bounded = Rights((ADMIN,), policies[own.boundary.rpartition("/")[2]])
        assert bounded.allow("s3:GetObject", f"arn:aws:s3:::{PRODUCT.name('files', own.environment)}/a")
        assert not bounded.allow("s3:GetObject", f"{STATES}/another/x-{own.environment}/terraform.tfstate")


def _in_accounts(at_home: str) -> Callable[[Path], None]:
    """Let one environment live in the account that is planned and the others elsewhere."""

    def change(tree: Path) -> None:
        for environment in PRODUCT.environments:
            account = "111111111111" if environment == at_home else "222222222222"
            file = tree / "envs" / environment / "aws.tfvars"
            file.write_text(f'# once "111111111111x"\nallowed_account_ids = ["{account}"]\n')
        file = tree / "envs" / ROOT / "locals.tf"
        asked = "data.aws_caller_identity.current.account_id"
        assert asked in file.read_text()
        file.write_text(file.read_text().replace(asked, '"111111111111"'))

    return change
