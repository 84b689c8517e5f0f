"""Rules over privilege: each function's role may do exactly what its permissions.yaml and the base give reasons for."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from harness.facts import Grant
from harness.plan import UNKNOWN, Plan, ResourceChange
from harness.plan.addresses import plain_address
from harness.rules import roles
from harness.rules.accounts import is_foreign
from harness.rules.identities import identities
from harness.rules.policy import Statement
from harness.rules.policy_blocks import UNREAD
from harness.rules.policy_reading import REMEDY, read_policy
from harness.rules.relations import FUNCTION, NEVER, index_names
from harness.rules.rule import Context, Violation, names

FORBIDDEN: Mapping[str, str] = {
    "dynamodb:Scan": "reads the whole table",
    "logs:CreateLogGroup": "makes log groups without retention and encryption",
}
"""Action that is never granted -> what is wrong with it."""
_ENDPOINT = re.compile(r"[a-z]+(-[a-z]+)+-\d\.amazonaws\.com(\.cn)?")
_TABLE = "aws_dynamodb_table"
_KEY = "aws_kms_key"


def least_privilege(context: Context) -> Iterator[Violation]:
    """Every action a function may do beyond what it needs is one an attacker who reaches it may do as well; so every
    statement of its role is one of its service's or the base's permissions.yaml, with its very actions, on this stack's
    own resources, with a reason."""
    plan = context.plan
    yield from _collisions(context)
    for attachment in plan.of_type(*roles.FOR_SEVERAL):
        yield Violation(attachment.address, "attaches policies for the whole account; grant through permissions.yaml")
    users, policies, attached = roles.users(plan), roles.policies(plan), roles.attachments(plan)
    for function in users.get("", ()):
        yield Violation(function.address, "its role is none of this plan: nothing shows what it may do")
    for loose in (*policies.get("", ()), *attached.get("", ())):
        yield Violation(loose.address, "its role is none of this plan: nothing shows who may do this")
    for role in plan.of_type(roles.ROLE):
        own, more = policies.get(role.address, ()), attached.get(role.address, ())
        if role.address in users:
            yield from roles.trust(role, plan)
            known = frozenset(name for one in own if isinstance(name := one.find("name"), str))
            yield from roles.managed(role, plan, more, known)
            yield from _exact(role, users[role.address], own, context)
    yield from _elsewhere([one for address in users for one in policies.get(address, ())], context)
    idle = tuple(role for role in plan.of_type(roles.ROLE) if role.address not in users)
    yield from identities(context, idle, policies, attached)


def _elsewhere(policies: list[ResourceChange], context: Context) -> Iterator[Violation]:
    """Report resources of other accounts, whatever they are called."""
    for policy in policies:
        document = read_policy(context.plan, policy, "policy")
        for statement in document.statements if document else ():
            for resource in statement.resources:
                if is_foreign(resource, context.account):
                    yield Violation(policy.address, f"{statement.named}: {resource} is of another account")


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
    for policy in policies:
        document = read_policy(context.plan, policy, "policy")
        if document is None or document.unread:
            why = document.unread if document else "is not set"
            yield Violation(policy.address, f"its policy cannot be read from the plan: it {why}")
        for statement in document.statements if document else ():
            found.add(statement.sid)
            yield from _justified(policy, statement, wanted.get(statement.sid), function, context)
    for sid in sorted(wanted.keys() - found):
        yield Violation(role.address, f"permissions.yaml grants {sid} to {service}, but no policy of its role does")


def _holds(grant: Grant, function: ResourceChange, plan: Plan) -> bool:
    """Tell whether a statement's ``when`` is the case for a function."""
    traces = function.find("tracing_config[0].mode") == "Active"
    return {"always": True, "tracing": traces, "customer_key": bool(plan.of_type(_KEY))}[grant.when]


def _justified(
    policy: ResourceChange, statement: Statement, grant: Grant | None, function: ResourceChange, context: Context
) -> Iterator[Violation]:
    base = any(one.sid == statement.sid for one in context.sources.base_grants)
    folder = "modules/function" if base else f"lambda/{context.service_name(function)}"
    where, file = statement.named, f"{folder}/permissions.yaml"
    if statement.strange or not statement.allows:
        yield Violation(policy.address, f"{where} is no plain Allow: {', '.join(statement.strange) or 'Deny'}")
    for action in statement.actions:
        if "*" in action or "?" in action:
            yield Violation(policy.address, f"{where}: {action} is a wildcard: name the actions in {file}")
        elif action in FORBIDDEN:
            why = f"{FORBIDDEN[action]}, and is never granted: take it out of {file}"
            yield Violation(policy.address, f"{where}: {action} {why}")
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
    yield from _conditioned(policy, statement, grant)
    yield from _placed(policy, statement, grant, function, context)


def _conditioned(policy: ResourceChange, statement: Statement, grant: Grant) -> Iterator[Violation]:
    """Hold a statement's conditions to those of its grant: one that is not met takes the grant away."""
    found = {
        (test, key.lower(), value)
        for test, tests in statement.conditions.items()
        for key, values in tests.items()
        for value in values
    }
    regions = {value.partition(".")[2] for _, _, value in found}
    place = regions.pop() if len(regions) == 1 else ""
    wanted = {("StringEquals", "kms:viaservice", f"{service}.{place}") for service in grant.through}
    named = bool(statement.conditions) and "Condition" not in statement.unread
    if (named or grant.through) and (found != wanted or (wanted and not _ENDPOINT.fullmatch(place))):
        through = f"kms:ViaService of {', '.join(grant.through)} alone" if grant.through else "no condition"
        yield Violation(policy.address, f"{statement.named}: permissions.yaml grants it with {through}")


def _placed(
    policy: ResourceChange, statement: Statement, grant: Grant, function: ResourceChange, context: Context
) -> Iterator[Violation]:
    """Hold a statement's resources to the one of its grant, and what is unread of it against it."""
    pattern = _own(grant.resource, function, context)
    # Nothing shows the ARN of a key that this plan makes; an action on keys can then be on that one alone.
    of_keys = grant.resource == "key" and all(action.lower().startswith("kms:") for action in statement.actions)
    new_key = of_keys and any(key.find("arn") is UNKNOWN for key in context.plan.of_type(_KEY))
    for element in statement.unread:
        if element != "Resource" or not new_key:
            yield Violation(policy.address, f"{statement.named}: its {element} is unknown until apply; {REMEDY}")
    for resource in statement.resources or ("nothing",):
        if not re.fullmatch(pattern, resource) and not (new_key and resource == UNREAD):
            yield Violation(policy.address, f"{statement.named}: {resource} is no {grant.resource} of this plan")


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
        "key": "|".join(map(re.escape, sorted(_keys(plan)))) or NEVER,
        "table": table_arn if found else NEVER,
        "index": rf"{table_arn}/index/{re.escape(index)}" if any(index in index_names(one) for one in found) else NEVER,
    }
    # All objects of a bucket are the other: they have no names before they are there.
    ours = r"arn:([^*?]+[:/]{name}|[a-z-]+:s3:::{name}/\*)".format(name=re.escape(context.named(thing)))
    return known.get(kind, ours if thing else NEVER)


def _keys(plan: Plan) -> frozenset[str]:
    """List ARNs of the plan's keys, and what stands for those that are unknown."""
    return names(plan, _KEY, "arn") | {f"<{plain_address(one.address)}.arn>" for one in plan.of_type(_KEY)}


def _text(function: ResourceChange) -> str:
    return re.escape(str(function.find("function_name")))
