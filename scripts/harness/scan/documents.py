"""The policy documents of a plan, for :mod:`harness.scan.iam`. Pure."""

import re

from harness.plan import UNKNOWN, Plan

_IDENTITY = re.compile(r"aws_(iam_(role|user|group)_policy|iam_policy)$")
_NAMES = ("policy", "assume_role_policy")


def documents(environment: str, plan: Plan) -> list[dict[str, str]]:
    """List every policy document that will exist; those unknown at plan with an empty text."""
    found = []
    for change in plan.resources.values():
        after = change.after if change.stays and change.mode == "managed" else None
        if not isinstance(after, dict):
            continue
        for name, value in after.items():
            known = isinstance(value, str) and '"Statement"' in value
            if known or (name in _NAMES and value is UNKNOWN and _is_set(plan, change.address, name)):
                found.append(
                    {
                        "source": environment,
                        "resource": change.address,
                        "attribute": name,
                        "kind": _kind(change.type, name),
                        "text": value if known else "",
                    }
                )
    return found


def _is_set(plan: Plan, address: str, attribute: str) -> bool:
    change = plan.resource(address)
    return attribute in plan.configuration.attributes(change.module, change.type, change.name)


def _kind(resource_type: str, attribute: str) -> str:
    if attribute == "assume_role_policy":
        return "trust"
    return "identity" if _IDENTITY.match(resource_type) else "resource"
