"""Rules over privilege: each function's role may do exactly what its permissions.yaml and the base give reasons for."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from harness.facts import Grant
from harness.plan import UNKNOWN, Plan, ResourceChange
from harness.rules import roles
from harness.rules.policy import Statement, parse
from harness.rules.relations import FUNCTION, NEVER, index_names
from harness.rules.rule import Context, Violation, names

FORBIDDEN = frozenset({"dynamodb:Scan", "logs:CreateLogGroup"})
"""A list must never scan the table, and Terraform alone makes log groups (retention, encryption)."""
_TABLE = "aws_dynamodb_table"


def least_privilege(context: Context) -> Iterator[Violation]:
    """Every action a function may do beyond what it needs is one an attacker who reaches it may do as well; so every
    statement of its role is one of its service's or the base's permissions.yaml, with its very actions, on this stack's
    own resources, with a reason."""
    plan = context.plan
    if not plan.of_type(FUNCTION):
        return
    yield from _collisions(context)
    for attachment in plan.of_type("aws_iam_policy_attachment"):
        yield Violation(attachment.address, "attaches a policy for the whole account; grant through permissions.yaml")
    users, policies, attached = roles.users(plan), roles.policies(plan), roles.attachments(plan)
    for function in users.get("", ()):
        yield Violation(function.address, "its role is none of this plan: nothing shows what it may do")
    for loose in (*policies.get("", ()), *attached.get("", ())):
        yield Violation(loose.address, "its role is none of this plan: nothing shows who may do this")
    for role in plan.of_type(roles.ROLE):
        own, more = policies.get(role.address, ()), attached.get(role.address, ())
        if role.address in users:
            yield from roles.trust(role)
            known = frozenset(name for one in own if isinstance(name := one.find("name"), str))
            yield from roles.managed(role, more, known)
            yield from _exact(role, users[role.address], own, context)
        else:
            yield from roles.idle(role, bool(own or more))


def _collisions(context: Context) -> Iterator[Violation]:
    """Report names of statements that stand twice for one function, and functions whose service is unknown."""
    sources = context.sources
    for function in context.plan.of_type(FUNCTION):
        service = context.service_name(function)
        if service not in sources.services:
            text = f"runs {service or 'a package that cannot be read'}, which is no folder of lambda/: it has no grants"
            yield Violation(function.address, text)
        counted = Counter(grant.sid for grant in (*sources.base_grants, *sources.grants.get(service, ())))
        for sid in sorted(sid for sid, times in counted.items() if times > 1):
            yield Violation(function.address, f"two statements of its permissions.yaml are called {sid}: rename one")


def _exact(
    role: ResourceChange, functions: tuple[ResourceChange, ...], policies: tuple[ResourceChange, ...], context: Context
) -> Iterator[Violation]:
    """Compare a role's statements with the grants of the service that its function runs."""
    function = functions[0]
    if len(functions) > 1:
        listed = ", ".join(str(one.find("function_name")) for one in functions)
        yield Violation(role.address, f"is the role of {listed}: each may do what the others need; give each its own")
    service = context.service_name(function)
    grants = (*context.sources.base_grants, *context.sources.grants.get(service, ()))
    wanted = {grant.sid: grant for grant in grants if _holds(grant, function, context.plan)}
    found: set[str] = set()
    unread = 0
    for policy in policies:
        statements = parse(policy.find("policy"))
        if statements is None:
            # One is known after apply, because of the key's ARN: the statements on the key, and no others, are in it.
            unread += 1
            found |= {grant.sid for grant in wanted.values() if grant.resource == "key"}
            if policy.find("policy") is not UNKNOWN or not context.plan.of_type("aws_kms_key") or unread > 1:
                yield Violation(policy.address, "its policy cannot be read from the plan; build its ARNs from names")
            continue
        for statement in statements:
            found.add(statement.sid)
            yield from _justified(policy, statement, wanted.get(statement.sid), function, context)
    for sid in sorted(wanted.keys() - found):
        yield Violation(role.address, f"permissions.yaml grants {sid} to {service}, but no policy of its role does")


def _holds(grant: Grant, function: ResourceChange, plan: Plan) -> bool:
    """Tell whether a statement's ``when`` is the case for a function."""
    traces = function.find("tracing_config[0].mode") == "Active"
    return {"always": True, "tracing": traces, "customer_key": bool(plan.of_type("aws_kms_key"))}[grant.when]


def _justified(
    policy: ResourceChange, statement: Statement, grant: Grant | None, function: ResourceChange, context: Context
) -> Iterator[Violation]:
    where = f"statement {statement.sid or '(without Sid)'}"
    if statement.strange or not statement.allows:
        yield Violation(policy.address, f"{where} is no plain Allow: {', '.join(statement.strange) or 'Deny'}")
    for action in statement.actions:
        if "*" in action or "?" in action or action in FORBIDDEN:
            yield Violation(policy.address, f"{where}: {action} is a wildcard or never granted here; name the actions")
    if grant is None:
        owners = [
            name for name, listed in context.sources.grants.items() if statement.sid in {one.sid for one in listed}
        ]
        whose = f"it is a grant of {', '.join(owners)}" if owners else "it is in no permissions.yaml"
        yield Violation(policy.address, f"{where} has no reason: {whose}, or not for this function")
        return
    for action in sorted(set(statement.actions) ^ {action.name for action in grant.actions}):
        side = "has no reason in permissions.yaml" if action in statement.actions else "is in permissions.yaml only"
        yield Violation(policy.address, f"{where}: {action} {side}")
    pattern = _own(grant.resource, function, context)
    for resource in statement.resources or ("nothing",):
        if not re.fullmatch(pattern, resource):
            yield Violation(policy.address, f"{where}: {resource} is no {grant.resource} of this plan")


def _own(symbol: str, function: ResourceChange, context: Context) -> str:
    """Pattern of the ARNs that a symbol of permissions.yaml can stand for; the place is the provider's."""
    plan, (kind, _, thing) = context.plan, symbol.partition(":")
    table, _, index = thing.partition("/")
    found = [one for one in plan.of_type(_TABLE) if one.find("name") == context.named(table)] if table else []
    table_arn = f"arn:[^:*]+:dynamodb:[^:*]+:[^:*]+:table/{re.escape(context.named(table))}"
    known: Mapping[str, str] = {
        "any": r"\*",
        # A log group's streams are the only thing that is rightly named by a wildcard.
        "log_group": rf"arn:[^:*]+:logs:[^:*]+:[^:*]+:log-group:/aws/lambda/{_text(function)}:\*",
        "key": "|".join(re.escape(arn) for arn in sorted(names(plan, "aws_kms_key", "arn"))) or NEVER,
        "table": table_arn if found else NEVER,
        "index": rf"{table_arn}/index/{re.escape(index)}" if any(index in index_names(one) for one in found) else NEVER,
    }
    # All objects of a bucket are the other: they have no names before they are there.
    ours = r"arn:([^*?]+[:/]{name}|[a-z-]+:s3:::{name}/\*)".format(name=re.escape(context.named(thing)))
    return known.get(kind, ours if thing else NEVER)


def _text(function: ResourceChange) -> str:
    return re.escape(str(function.find("function_name")))


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
