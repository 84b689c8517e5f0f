"""Least privilege: what the function's role may do is exactly what permissions.yaml gives a reason for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from harness.plan import UNKNOWN, Plan, ResourceChange
from harness.rules.policy import Statement, parse
from harness.rules.rule import Context, Grant, Violation, index_names, names

ROLE_POLICIES = ("aws_iam_role_policy", "aws_iam_policy")
FORBIDDEN = frozenset({"dynamodb:Scan", "logs:CreateLogGroup"})
"""A list must never scan the table, and Terraform alone makes log groups (retention, encryption)."""


def least_privilege(context: Context) -> Iterator[Violation]:
    """Every action the function may do beyond what it needs is one an attacker who reaches it may do as well; so
    every statement is one of permissions.yaml, with its very actions, on this stack's own resources, with a reason."""
    plan = context.plan
    if not plan.of_type("aws_lambda_function"):
        return
    yield from _managed_policies(plan)
    yield from _trust(plan)
    wanted = {grant.sid: grant for grant in context.sources.grants if _holds(grant, plan)}
    found: set[str] = set()
    for policy in plan.of_type(*ROLE_POLICIES):
        statements = parse(policy.find("policy"))
        if statements is None:
            # Known after apply, because of the key's ARN: the statements on the key, and no others, are in it.
            found |= {grant.sid for grant in wanted.values() if grant.resource == "key"}
            if policy.find("policy") is not UNKNOWN or not plan.of_type("aws_kms_key"):
                yield Violation(policy.address, "its policy cannot be read from the plan")
            continue
        for statement in statements:
            found.add(statement.sid)
            yield from _justified(policy, statement, wanted.get(statement.sid), plan)
    for sid in sorted(wanted.keys() - found):
        yield Violation("", f"permissions.yaml grants {sid}, but no policy of the plan does")


def _holds(grant: Grant, plan: Plan) -> bool:
    """Whether a statement's ``when`` is the case in this plan."""
    traces = any(
        function.find("tracing_config[0].mode") == "Active" for function in plan.of_type("aws_lambda_function")
    )
    return {"always": True, "tracing": traces, "customer_key": bool(plan.of_type("aws_kms_key"))}.get(grant.when, False)


def _justified(policy: ResourceChange, statement: Statement, grant: Grant | None, plan: Plan) -> Iterator[Violation]:
    where = f"statement {statement.sid or '(without Sid)'}"
    if statement.strange or not statement.allows:
        yield Violation(policy.address, f"{where} is no plain Allow: {', '.join(statement.strange) or 'Deny'}")
    for action in statement.actions:
        if "*" in action or "?" in action or action in FORBIDDEN:
            yield Violation(policy.address, f"{where}: {action} is a wildcard or never granted here; name the actions")
    if grant is None:
        yield Violation(policy.address, f"{where} has no reason: it is not in permissions.yaml, or not for this plan")
        return
    for action in sorted(set(statement.actions) ^ {action.name for action in grant.actions}):
        side = "has no reason in permissions.yaml" if action in statement.actions else "is in permissions.yaml only"
        yield Violation(policy.address, f"{where}: {action} {side}")
    for resource in statement.resources or ("nothing",):
        if not _is_own(resource, grant, plan):
            yield Violation(policy.address, f"{where}: {resource} is no {grant.resource} of this plan")


def _is_own(resource: str, grant: Grant, plan: Plan) -> bool:
    if grant.resource == "any":
        return resource == "*"
    # A log group's streams are the only thing that is rightly named by a wildcard.
    named = resource.removesuffix(":*")
    return "*" not in named and any(fnmatchcase(resource, pattern) for pattern in _own(grant, plan))


def _own(grant: Grant, plan: Plan) -> tuple[str, ...]:
    """Patterns of the ARNs that a statement's resource can have in this plan; the place is the provider's."""
    tables = names(plan, "aws_dynamodb_table", "name")
    patterns: Mapping[str, tuple[str, ...]] = {
        "table": tuple(f"arn:*:dynamodb:*:*:table/{name}" for name in tables),
        "index": tuple(
            f"arn:*:dynamodb:*:*:table/{name}/index/{index}" for name in tables for index in index_names(plan)
        ),
        "log_group": tuple(
            f"arn:*:logs:*:*:log-group:/aws/lambda/{name}:[*]"
            for name in names(plan, "aws_lambda_function", "function_name")
        ),
        "key": tuple(str(arn) for arn in names(plan, "aws_kms_key", "arn")),
    }
    return patterns.get(grant.resource, ())


def _managed_policies(plan: Plan) -> Iterator[Violation]:
    for attachment in plan.of_type("aws_iam_role_policy_attachment", "aws_iam_policy_attachment"):
        arn = attachment.find("policy_arn")
        yield Violation(attachment.address, f"attaches {arn}: managed policies grant more than is needed")
    known = names(plan, "aws_iam_role_policy", "name")
    for role in plan.of_type("aws_iam_role"):
        blocks = role.find("inline_policy")
        # Computed: after an apply it lists the policies that aws_iam_role_policy resources put there.
        foreign = (
            {str(block["name"]) for block in blocks or () if block["name"]} - known if isinstance(blocks, list) else ()
        )
        for name in sorted(foreign):
            yield Violation(role.address, f"has the inline policy {name}; grant through permissions.yaml")


def _trust(plan: Plan) -> Iterator[Violation]:
    for role in plan.of_type("aws_iam_role"):
        for statement in parse(role.find("assume_role_policy")) or ():
            if statement.principals or set(statement.services) != {"lambda.amazonaws.com"}:
                who = ", ".join((*statement.services, *statement.principals))
                yield Violation(role.address, f"{who} may assume the function's role; only Lambda may")


def resource_policies(context: Context) -> Iterator[Violation]:
    """A resource policy that trusts anybody, or a service without saying on whose behalf, lets other accounts reach
    in through that service (the confused deputy)."""
    for change in context.plan.of_type("aws_kms_key", "aws_sns_topic", "aws_sns_topic_policy", "aws_kms_key_policy"):
        for statement in parse(change.find("policy")) or ():
            where = f"statement {statement.sid or '(without Sid)'}"
            if "*" in statement.principals and statement.allows:
                yield Violation(change.address, f"{where} lets anybody in")
            if statement.services and not statement.conditions:
                yield Violation(change.address, f"{where} trusts {', '.join(statement.services)} for any account")
            for action in statement.actions:
                if action in ("*", "kms:*", "sns:*", "SNS:*"):
                    yield Violation(change.address, f"{where} allows {action}; name the actions")
