"""Rule over policies of resources: whom they let in, and on whose behalf."""

from collections.abc import Iterator

from harness.base.iam_conditions import ANYBODY, DEPUTY
from harness.plan import Plan, ResourceChange
from harness.rules.open_doors import open_doors
from harness.rules.policy import Statement
from harness.rules.policy_reading import read_policy
from harness.rules.rule import Context, Violation

_ATTRIBUTES = ("access_policies", "access_policy", "policy", "policy_document")
_IDENTITY = "iam"
"""Service whose policies say what their holder may do; least-privilege's."""
_ENDPOINT = "aws_vpc_endpoint"
"""Its policy only takes away."""


def resource_policies(context: Context) -> Iterator[Violation]:
    """A resource policy that trusts anybody, or a service without saying on whose behalf, lets other accounts reach
    in through that service (the confused deputy); one that nobody can read before it is applied may do either."""
    yield from open_doors(context.plan)
    for change, attribute in _holders(context.plan):
        document = read_policy(context.plan, change, attribute)
        if document is None:
            continue
        if document.unread:
            yield Violation(change.address, f"nothing shows whom its {attribute} lets in: it {document.unread}")
        for statement in document.statements:
            for problem in _problems(statement) if statement.allows else ():
                yield Violation(change.address, f"{statement.named} {problem}")


def _holders(plan: Plan) -> Iterator[tuple[ResourceChange, str]]:
    """List what has a policy of its own, and the attribute that holds it."""
    for change in plan.resources.values():
        after = change.after if change.stays and change.mode == "managed" else None
        if not isinstance(after, dict) or change.type.split("_")[1] == _IDENTITY or change.type == _ENDPOINT:
            continue
        for name in _ATTRIBUTES:
            value = after.get(name)
            # Rules for the life of images and the like are called policies, too, and grant nothing.
            if name in after and not (isinstance(value, str) and '"Statement"' not in value):
                yield change, name


def _problems(statement: Statement) -> Iterator[str]:
    hidden = [element for element in statement.unread if element not in ("Resource", "Sid")]
    if hidden:
        yield f"shows nothing of its {' and '.join(hidden)}: unknown until apply; build its ARNs from names"
    if statement.strange:
        yield f"is no plain Allow: {', '.join(statement.strange)}"
    if any("*" in one for one in statement.principals) and not statement.guarded(ANYBODY):
        yield "lets anybody in"
    if statement.services and not statement.guarded(DEPUTY):
        services = ", ".join(statement.services)
        yield f"trusts {services} for any account; say whose with a condition on aws:SourceArn or aws:SourceAccount"
    for action in statement.actions:
        if action == "*" or action.endswith(":*"):
            yield f"allows {action}; name the actions"
