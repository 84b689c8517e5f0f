"""Find whose a role is, and who may assume it."""

from collections.abc import Iterator, Mapping

from harness.base.iam_conditions import ANYBODY
from harness.plan import Plan, ResourceChange
from harness.rules.policy_reading import Document, read_policy
from harness.rules.relations import FUNCTION, related
from harness.rules.rule import Violation, is_written

ROLE = "aws_iam_role"
ROLE_POLICY = "aws_iam_role_policy"
_ATTACHMENT = "aws_iam_role_policy_attachment"
FOR_SEVERAL = ("aws_iam_policy_attachment", "aws_iam_role_policy_attachments_exclusive")
"""Types that attach managed policies without an ``aws_iam_role_policy_attachment`` for each."""
_LAMBDA = "lambda.amazonaws.com"
TRUST = "assume_role_policy"


def users(plan: Plan) -> Mapping[str, tuple[ResourceChange, ...]]:
    """List functions that use each role, by the role's address; under ``""`` those whose role is not of the plan."""
    return _by_role(plan, FUNCTION, "arn")


def policies(plan: Plan) -> Mapping[str, tuple[ResourceChange, ...]]:
    """List the inline policies of each role, by the role's address; under ``""`` those of no role of the plan."""
    return _by_role(plan, ROLE_POLICY, "name", "id")


def attachments(plan: Plan) -> Mapping[str, tuple[ResourceChange, ...]]:
    """List what attaches managed policies, as :func:`policies` does."""
    return _by_role(plan, _ATTACHMENT, "name", "id")


def _by_role(plan: Plan, kind: str, *identities: str) -> Mapping[str, tuple[ResourceChange, ...]]:
    found: dict[str, list[ResourceChange]] = {}
    for one in plan.of_type(kind):
        for address in [role.address for role in related(plan, one, "role", ROLE, *identities)] or [""]:
            found.setdefault(address, []).append(one)
    return {address: tuple(listed) for address, listed in found.items()}


def trust(role: ResourceChange, plan: Plan) -> Iterator[Violation]:
    """Report whoever else than Lambda may assume a function's role."""
    document = read_policy(plan, role, TRUST)
    yield from _unread(role, document)
    for statement in document.statements if document else ():
        if statement.principals or set(statement.services) != {_LAMBDA}:
            who = ", ".join((*statement.services, *statement.principals)) or "nobody named"
            yield Violation(role.address, f"{who} may assume the function's role; only Lambda may")
        if not statement.allows or statement.conditions or statement.strange:
            text = f"{statement.named} of its {TRUST} is no plain Allow: nothing shows that Lambda may assume it"
            yield Violation(role.address, text)
    if document and not (document.unread or any(one.covers("sts:AssumeRole") for one in document.statements)):
        yield Violation(role.address, f"its {TRUST} permits no sts:AssumeRole: the function could do nothing")


def idle(role: ResourceChange, plan: Plan, grants: bool) -> Iterator[Violation]:
    """Judge a role that no function uses: one of another kind of principal is somebody else's, the rest left over."""
    document = read_policy(plan, role, TRUST)
    yield from _unread(role, document)
    statements = document.statements if document else ()
    for statement in statements:
        everybody = "NotPrincipal" in statement.strange or any("*" in one for one in statement.principals)
        if statement.allows and everybody and not statement.guarded(ANYBODY):
            yield Violation(role.address, "anybody may assume it")
    if grants and (not statements or any(_LAMBDA in one.services for one in statements)):
        yield Violation(role.address, "has policies for a function, but no function of this plan uses it")


def _unread(role: ResourceChange, document: Document | None) -> Iterator[Violation]:
    """Report what of a trust policy a plan does not show."""
    if document is None or document.unread:
        why = document.unread if document else "is not set"
        yield Violation(role.address, f"its {TRUST} cannot be read: nothing shows who may assume it; it {why}")
    for statement in document.statements if document else ():
        for element in statement.unread:
            where = f"{element} of {statement.named} in its {TRUST}"
            yield Violation(role.address, f"{where} is unknown until apply: nothing shows who may assume it")


def managed(
    role: ResourceChange, plan: Plan, attached: tuple[ResourceChange, ...], own: frozenset[str]
) -> Iterator[Violation]:
    """Report policies of a function's role that no permissions.yaml can give a reason for.

    Args:
        own: names of its inline policies that are resources of the plan.
    """
    for attachment in attached:
        arn = attachment.find("policy_arn")
        yield Violation(attachment.address, f"attaches {arn}: managed policies grant more than is needed")
    yield from _own_managed(role, plan, frozenset(str(one.find("policy_arn")) for one in attached))
    if is_written(plan, role, "inline_policy"):
        yield Violation(role.address, "sets inline_policy itself; grant through permissions.yaml")
    # Computed: after an apply it lists the policies that aws_iam_role_policy resources put there.
    named = [one.get("name") for one in _blocks(role)]
    for name in sorted({str(name) for name in named if name not in (None, "")} - own):
        yield Violation(role.address, f"has the inline policy {name}; grant through permissions.yaml")


def _own_managed(role: ResourceChange, plan: Plan, attached: frozenset[str]) -> Iterator[Violation]:
    """Report managed policies that a role lists itself; computed, it lists those that attachments put there."""
    listed = role.find("managed_policy_arns")
    if isinstance(listed, list):
        for arn in sorted({str(one) for one in listed} - attached):
            yield Violation(role.address, f"has {arn}: managed policies grant more than is needed")
    elif listed is not None and is_written(plan, role, "managed_policy_arns"):
        yield Violation(role.address, f"its managed_policy_arns is {listed}: nothing shows what it may do")


def _blocks(role: ResourceChange) -> tuple[dict[str, object], ...]:
    blocks = role.find("inline_policy")
    return tuple(one for one in blocks if isinstance(one, dict)) if isinstance(blocks, list) else ()
