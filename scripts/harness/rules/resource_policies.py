"""Rule over policies of resources: whom they let in, and on whose behalf."""

import json
from collections.abc import Iterator

from harness.base.iam_conditions import ANYBODY, DEPUTY
from harness.plan import Plan, ResourceChange
from harness.rules.accounts import is_foreign
from harness.rules.open_doors import open_doors
from harness.rules.policy import Statement, takes_all
from harness.rules.policy_reading import read_policy
from harness.rules.rule import Context, Violation

_ATTRIBUTES = ("access_policies", "access_policy", "policy", "policy_document")
_ACCOUNTS = {"aws:principalaccount", "aws:principalarn", "aws:sourceaccount", "aws:sourcearn", "aws:sourceowner"}
_IDENTITY = "iam"
"""Service whose policies say what their holder may do; least-privilege's."""
_ENDPOINT = "aws_vpc_endpoint"
"""Its policy only takes away."""


def resource_policies(context: Context) -> Iterator[Violation]:
    """A resource policy that trusts anybody, or a service without saying on whose behalf, lets other accounts reach
    in through that service (the confused deputy); one that nobody can read before it is applied may do either."""
    yield from open_doors(context)
    for change, attribute in _holders(context.plan):
        document = read_policy(context.plan, change, attribute)
        if document is None:
            continue
        if document.unread:
            yield Violation(change.address, f"nothing shows whom its {attribute} lets in: it {document.unread}")
        for statement in document.statements:
            for problem in (*_problems(statement), *_strangers(statement, context.account)) if statement.allows else ():
                yield Violation(change.address, f"{statement.named} {problem}")


def _holders(plan: Plan) -> Iterator[tuple[ResourceChange, str]]:
    """List what has a policy of its own, and the attribute that holds it."""
    for change in plan.resources.values():
        after = change.after if change.stays and change.mode == "managed" else None
        if not isinstance(after, dict) or change.type.split("_")[1] == _IDENTITY or change.type == _ENDPOINT:
            continue
        for name, value in after.items():
            # Rules for the life of images and the like are called policies, too, and grant nothing.
            if _is_document(value) if isinstance(value, str) else name in _ATTRIBUTES:
                yield change, name


def _is_document(text: str) -> bool:
    """Tell whether a text is a policy document, however its JSON is written."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        read = json.loads(text)
    except ValueError:
        return '"Statement"' in text
    return isinstance(read, dict) and "Statement" in read


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
        if takes_all(action):
            yield f"allows {action}; name the actions"


def _strangers(statement: Statement, account: str) -> Iterator[str]:
    """Name other accounts that are let in, by themselves or through a service."""
    told = [
        value
        for text, tests in statement.conditions.items()
        if "Not" not in text
        for key, values in tests.items()
        if key.lower() in _ACCOUNTS
        for value in values
    ]
    for one in (*statement.principals, *told):
        if is_foreign(one, account):
            yield f"lets in {one} of another account"
