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
            kind = "identity" if _IDENTITY.match(change.type) else "resource"
            unknown = name in _NAMES and value is UNKNOWN
            if known or (unknown and name in plan.configuration.attributes(change.module, change.type, change.name)):
                found.append(
                    {
                        "source": environment,
                        "resource": change.address,
                        "attribute": name,
                        "kind": "trust" if name == "assume_role_policy" else kind,
                        "text": value if known else "",
                    }
                )
    return found
