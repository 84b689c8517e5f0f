"""Rights that planned policies give: may this role do that to this resource, under these conditions?

The verdict is the local AWS's own (its IAM evaluator): what is asked here of plans and what roles meet there agree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ministack.core.iam_evaluator import (
    EvalContext,
    ParsedStatement,
    evaluate,
    evaluate_trust_policy,
    parse_policy_document,
)

from harness.facts import read_blueprint
from harness.plan import Plan, ResourceChange

ACCOUNT = "000000000000"
REGION = read_blueprint().region
# A policy's ${*} is the sign itself (IAM User Guide, "Policy variables"); the evaluator knows no variables.
_ASTERISK, _STANDS_FOR_IT = "${*}", "\N{ASTERISK OPERATOR}"
Values = Mapping[str, str | Sequence[str]]
_ROLE = "aws_iam_role"
NO_KEYS: Values = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role may do.

    Attributes:
        policies: those that give it rights.
        boundary: the policy that bounds them; ``None`` for none.
    """

    policies: tuple[str, ...]
    boundary: str | None = None

    def allow(self, action: str, resource: str = "*", keys: Values = NO_KEYS) -> bool:
        """Tell whether a request with these condition keys is allowed."""
        limits = [] if self.boundary is None else [[_parsed(self.boundary)]]
        verdict = evaluate(_request(action, resource, keys), [_parsed(one) for one in self.policies], *limits)
        return bool(verdict.decision == "Allow")


def rights_of(plan: Plan, role: str) -> Rights:
    """Collect the policies that a plan attaches to a role, by the role's name; AWS's own are left out."""
    inline = [one for one in plan.of_type("aws_iam_role_policy") if one.value("role") == role]
    attachments = plan.of_type("aws_iam_role_policy_attachment")
    arns = {str(one.value("policy_arn")) for one in attachments if one.value("role") == role}
    attached = [one for one in plan.of_type("aws_iam_policy") if _arn(one) in arns]
    return Rights(tuple(str(one.value("policy")) for one in (*inline, *attached)))


def beyond_boundary(plan: Plan, account: Plan) -> list[str]:
    """List rights of an environment's functions that their boundary takes away, as action and resource.

    Left out is the use of a key, whose ARN no plan knows.

    Args:
        account: the plan of the account's root, which makes the boundary.
    """
    boundaries = {_arn(one): str(one.value("policy")) for one in account.of_type("aws_iam_policy")}
    roles = {role.value("name"): boundaries[str(role.value("permissions_boundary"))] for role in plan.of_type(_ROLE)}
    known = [(one, text) for one in plan.of_type("aws_iam_role_policy") if isinstance(text := one.find("policy"), str)]
    assert known
    return [
        f"{action} {statement['Resource']}"
        for one, text in known
        for statement in json.loads(text)["Statement"]
        for action in statement["Action"]
        if not Rights((text,), roles[one.value("role")]).allow(action, statement["Resource"])
    ]


def trusts(role: ResourceChange, **claims: str) -> bool:
    """Tell whether a role takes a GitHub token with these claims."""
    issuer = "token.actions.githubusercontent.com"
    keys = {f"{issuer}:{claim}": value for claim, value in claims.items()}
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"
    asked = _request("sts:AssumeRoleWithWebIdentity", "*", keys)
    return bool(evaluate_trust_policy(str(role.value("assume_role_policy")), provider, asked))


def tagged(scope: str, **tags: str) -> dict[str, str]:
    """Build the condition keys of tags: of the resource (``Resource``) or in the request (``Request``)."""
    return {f"aws:{scope}Tag/{name}": value for name, value in tags.items()}


def _arn(policy: ResourceChange) -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy/{policy.value('name')}"


def _request(action: str, resource: str, keys: Values) -> EvalContext:
    return EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/anybody/job",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource if resource == "*" else resource.replace("*", _STANDS_FOR_IT),
        region=REGION,
        service_context={name.lower(): value for name, value in keys.items()},
    )


def _parsed(policy: str) -> list[ParsedStatement]:
    return list(parse_policy_document(json.loads(policy.replace(_ASTERISK, _STANDS_FOR_IT))))
