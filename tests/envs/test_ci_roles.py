"""CI's roles, asked of the planned policies: what an apply needs, beside what an attacker with it would try."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.support.ci_requests import ADMIN, API, KEY, PRODUCT, Ask, Names, escalations, granted
from tests.support.planning import Plans
from tests.support.rights import REGION, Rights, beyond_boundary, rights_of, tagged, trusts

from harness.base.paths import ACCOUNT as ROOT

ENVIRONMENTS = tuple(PRODUCT.environments)
PURPOSES = ("apply", "plan")


@pytest.fixture(params=ENVIRONMENTS)
def own(request: pytest.FixtureRequest) -> Names:
    return Names(request.param)


@pytest.fixture
def other(own: Names) -> Names:
    return Names(next((name for name in ENVIRONMENTS if name != own.environment), "another"))


@pytest.fixture
def rights(own: Names, plans: Plans) -> Mapping[str, Rights]:
    plan = plans.environment(ROOT).result()
    return {purpose: rights_of(plan, own.ci_role(purpose)) for purpose in PURPOSES}


def test_an_apply_may_do_what_it_asks_for(own: Names, rights: Mapping[str, Rights]) -> None:
    asked, apply = granted(own).items(), rights["apply"]
    assert [why for why, ask in asked if not apply.allow(ask.action, ask.resource, ask.keys)] == []


def test_a_plan_changes_nothing(own: Names, rights: Mapping[str, Rights]) -> None:
    asked, plan = granted(own).items(), rights["plan"]
    assert [why for why, ask in asked if plan.allow(ask.action, ask.resource, ask.keys)] == []


@pytest.mark.parametrize("purpose", PURPOSES)
def test_no_role_gets_further(purpose: str, own: Names, other: Names, rights: Mapping[str, Rights]) -> None:
    asked = escalations(own, other).items()
    assert [why for why, ask in asked if rights[purpose].allow(ask.action, ask.resource, ask.keys)] == []


def test_a_plan_reads_settings_and_no_data(own: Names, rights: Mapping[str, Rights]) -> None:
    table, function = own.named("dynamodb", "table/"), own.named("lambda", "function:")
    ours = tagged("Resource", **own.tags)
    via = {"kms:ViaService": f"lambda.{REGION}.amazonaws.com"}
    settings = (
        Ask("dynamodb:DescribeTable", table),
        Ask("lambda:GetFunction", function),
        Ask("kms:Decrypt", KEY, via),
        Ask("apigateway:GET", f"{API}/apikeys/abc", ours),
        Ask("apigateway:GET", f"{API}/usageplans/abc/keys/def", ours),
        Ask("s3:GetObject", own.state()),
        Ask("s3:PutObject", own.state("terraform.tfstate.tflock")),
    )
    data = (
        *(Ask(f"dynamodb:{name}", table) for name in ("BatchGetItem", "GetItem", "Query", "Scan", "PartiQLSelect")),
        Ask("dynamodb:GetRecords", f"{table}/stream/now"),
        Ask("logs:GetLogEvents", f"{own.named('logs', 'log-group:/aws/lambda/')}:log-stream:x"),
        Ask("sqs:ReceiveMessage", own.named("sqs")),
        Ask("lambda:InvokeFunction", function),
        Ask("s3:PutObject", own.state()),
    )
    assert all(rights["plan"].allow(one.action, one.resource, one.keys) for one in settings)
    assert [one.action for one in data if rights["plan"].allow(one.action, one.resource, one.keys)] == []


def test_whatever_its_policy_says_a_function_stays_in_its_environment(own: Names, other: Names, plans: Plans) -> None:
    boundaries = {one.value("name"): one for one in plans.environment(ROOT).result().of_type("aws_iam_policy")}
    policy = boundaries[own.boundary.rpartition("/")[2]].value("policy")
    almighty = Rights((ADMIN,), str(policy))
    assert almighty.allow("dynamodb:GetItem", own.named("dynamodb", "table/"))
    for ask in (
        *escalations(own, other).values(),
        *granted(own).values(),
        Ask("s3:GetObject", own.state()),
        Ask("dynamodb:PutItem", other.named("dynamodb", "table/")),
        Ask("iam:GetRole", own.role),
    ):
        data = ask.action in ("dynamodb:PutItem",) and ask.resource == own.named("dynamodb", "table/")
        assert almighty.allow(ask.action, ask.resource, ask.keys) is data, ask


def test_every_function_has_all_of_its_rights_within_the_boundary(own: Names, plans: Plans) -> None:
    plan = plans.environment(own.environment).result()
    assert {role.value("permissions_boundary") for role in plan.of_type("aws_iam_role")} == {own.boundary}
    assert beyond_boundary(plan, plans.environment(ROOT).result()) == []


@pytest.mark.parametrize("repository", ["owner/name", "owner@123/name@456"])
def test_who_is_let_in(repository: str, own: Names, plans: Plans) -> None:
    roles = {one.value("name"): one for one in plans.environment(ROOT).result().of_type("aws_iam_role")}
    apply, plan = (roles[own.ci_role(purpose)] for purpose in PURPOSES)
    guarded = PRODUCT.environment(own.environment).guarded
    token = {"aud": "sts.amazonaws.com", "repository_id": "456"}
    deploys = {
        **token,
        "environment": own.environment,
        "ref": "refs/heads/main",
        "sub": f"repo:{repository}:environment:{own.environment}",
    }
    # A job of a pushed branch or of a pull request names the GitHub environment that nobody has protected yet.
    unprotected, unreviewed = ({**deploys, "ref": ref} for ref in ("refs/heads/try", "refs/pull/1/merge"))
    main = {**token, "ref": "refs/heads/main", "sub": f"repo:{repository}:ref:refs/heads/main"}
    branch = {**token, "ref": "refs/heads/try", "sub": f"repo:{repository}:ref:refs/heads/try"}
    proposed = {**token, "ref": "refs/pull/1/merge", "sub": f"repo:{repository}:pull_request"}
    elsewhere = {**deploys, "environment": "another", "sub": f"repo:{repository}:environment:another"}
    tokens = {"deploys": deploys, "main": main, "branch": branch, "proposed": proposed, "elsewhere": elsewhere}
    tokens |= {"unprotected": unprotected, "unreviewed": unreviewed}

    assert {name for name, claims in tokens.items() if trusts(apply, **claims)} == {"deploys"}
    let_in = {"main"} if guarded else {"main", "proposed"}
    assert {name for name, claims in tokens.items() if trusts(plan, **claims)} == let_in
    # A name that somebody else has by now, or a token for another audience.
    for stranger in ({"repository_id": "789"}, {"aud": "somebody"}):
        assert not any(trusts(role, **(claims | stranger)) for role in (apply, plan) for claims in tokens.values())
