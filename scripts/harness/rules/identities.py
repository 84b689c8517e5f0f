"""Judge roles that no function uses, users, groups and managed policies, of which no permissions.yaml speaks."""

import re
from collections.abc import Iterator, Mapping

from harness.base.findings import Severity
from harness.base.iam_conditions import ANYBODY
from harness.plan import UNKNOWN, Plan, ResourceChange
from harness.rules import roles
from harness.rules.accounts import is_foreign
from harness.rules.policy import Statement, takes_all
from harness.rules.policy_reading import Document, parse_document, read_policy
from harness.rules.relations import referred
from harness.rules.rule import Context, Violation, is_written, names

_POLICY = "aws_iam_policy"
_INLINE = ("aws_iam_user_policy", "aws_iam_group_policy", _POLICY)
_ATTACHED = ("aws_iam_user_policy_attachment", "aws_iam_group_policy_attachment")
_OWN = ("inline_policy", "managed_policy_arns")
_ALMIGHTY = re.compile(r".*:policy/(.*/)?(AdministratorAccess.*|PowerUserAccess|\w*FullAccess\w*)")
_OIDC = re.compile(r".*:oidc-provider/.+|[\w-]+(\.[\w-]+)+")
_ESCALATES = ("iam:", "sts:")
_REVIEW = "no permissions.yaml gives reasons for it: whoever reviews this plan must judge what it may do"
Inline = Mapping[str, tuple[ResourceChange, ...]]


def identities(
    context: Context, idle: tuple[ResourceChange, ...], inline: Inline, attached: Inline
) -> Iterator[Violation]:
    """Report who may assume too easily, or do too much, apart from the functions.

    Args:
        idle: roles that no function uses.
        inline: policies of each role, by its address.
        attached: what attaches managed policies to each role, by its address.
    """
    plan, account = context.plan, context.account
    for role in idle:
        own, more = inline.get(role.address, ()), attached.get(role.address, ())
        yield from roles.idle(role, plan, bool(own or more))
        yield from _trusted(role, plan, account)
        for policy in own:
            yield from _permitted(policy, read_policy(plan, policy, "policy"), account)
        for attachment in more:
            yield from _attached(attachment, attachment.find("policy_arn"), plan)
        lists_some = any(isinstance(value := role.find(name), list) and value for name in _OWN)
        if own or more or lists_some:
            yield Violation(role.address, f"no function uses it, and {_REVIEW}", Severity.NOTE)
        yield from _of_itself(role, plan, account)
    for policy in plan.of_type(*_INLINE):
        yield from _permitted(policy, read_policy(plan, policy, "policy"), account)
        yield Violation(policy.address, _REVIEW, Severity.NOTE)
    for attachment in plan.of_type(*_ATTACHED):
        yield from _attached(attachment, attachment.find("policy_arn"), plan)


def _trusted(role: ResourceChange, plan: Plan, account: str) -> Iterator[Violation]:
    """Report principals of other accounts, and identity providers whose every user may assume a role."""
    document = read_policy(plan, role, roles.TRUST)
    for statement in document.statements if document else ():
        if not statement.allows:
            continue
        if "NotPrincipal" not in statement.strange and statement.strange:
            yield Violation(role.address, f"its trust is no plain Allow: {', '.join(statement.strange)}")
        for one in statement.principals:
            if is_foreign(one, account) and not statement.guarded(ANYBODY[:1]):
                yield Violation(role.address, f"{one} of another account may assume it")
            subjects = [key for tests in statement.conditions.values() for key in tests if key.lower().endswith(":sub")]
            if _OIDC.fullmatch(one) and not statement.guarded(subjects):
                yield Violation(role.address, f"every user of {one} may assume it; add a condition on its sub")


def _of_itself(role: ResourceChange, plan: Plan, account: str) -> Iterator[Violation]:
    """Judge what a role lists itself."""
    listed = role.find("managed_policy_arns")
    if isinstance(listed, list):
        for arn in listed:
            yield from _attached(role, arn, plan)
    elif listed is UNKNOWN and is_written(plan, role, "managed_policy_arns"):
        yield from _attached(role, listed, plan)
    blocks = role.find("inline_policy")
    if blocks is UNKNOWN and is_written(plan, role, "inline_policy"):
        yield Violation(role.address, "its inline_policy is unknown until apply: nothing shows what it permits")
    for block in blocks if isinstance(blocks, list) else ():
        text = block.get("policy") if isinstance(block, dict) else block
        if text not in (None, ""):
            yield from _permitted(role, parse_document(text), account)


def _permitted(holder: ResourceChange, document: Document | None, account: str) -> Iterator[Violation]:
    if document is None or document.unread:
        why = document.unread if document else "is not set"
        yield Violation(holder.address, f"nothing shows what its policy permits: it {why}")
    for statement in document.statements if document else ():
        for problem in _excess(statement, account) if statement.allows else ():
            yield Violation(holder.address, f"{statement.named} {problem}")


def _excess(statement: Statement, account: str) -> Iterator[str]:
    hidden = [element for element in statement.unread if element != "Sid"]
    if hidden:
        yield f"shows nothing of its {' and '.join(hidden)}: unknown until apply; build its ARNs from names"
    if statement.strange:
        yield f"is no plain Allow: {', '.join(statement.strange)}"
    everywhere = any(not one.strip("*?:") for one in statement.resources)
    for action in statement.actions:
        if takes_all(action):
            yield f"allows {action}; name the actions"
        elif everywhere and action.lower().startswith(_ESCALATES):
            yield f"allows {action} on everything: with it whoever holds it gives itself any right"
    for resource in statement.resources:
        if is_foreign(resource, account):
            yield f"is about {resource} of another account"


def _attached(holder: ResourceChange, arn: object, plan: Plan) -> Iterator[Violation]:
    """Judge a managed policy by its name; one of the plan is judged by its text."""
    if arn is UNKNOWN and not referred(plan, holder, "policy_arn", _POLICY):
        yield Violation(holder.address, "attaches a policy that is unknown until apply: nothing shows what it permits")
    elif isinstance(arn, str) and _ALMIGHTY.fullmatch(arn):
        yield Violation(holder.address, f"attaches {arn}, which permits everything there is; grant the actions needed")
    elif isinstance(arn, str) and arn not in names(plan, _POLICY, "arn"):
        yield Violation(holder.address, f"attaches {arn}: {_REVIEW}", Severity.NOTE)
