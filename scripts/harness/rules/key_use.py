"""Tell whether what encrypts a resource is a key of the stack."""

from collections.abc import Iterator

from harness.plan import UNKNOWN, Plan, ResourceChange
from harness.plan.addresses import pieces
from harness.rules.accounts import is_foreign
from harness.rules.relations import related
from harness.rules.rule import names, traced

KEY = "aws_kms_key"
_ALIAS = "aws_kms_alias"
_IDS = ("arn", "id", "key_id")
_OF_AWS = "alias/aws/"


def other_key(plan: Plan, change: ResourceChange, path: str, account: str) -> str:
    """Say why the key that an attribute names is none of the stack's; empty when it is one, or none is named."""
    value, keys = change.find(path), plan.of_type(KEY)
    if value in (None, ""):
        return ""
    if isinstance(value, str):
        # Of a key that AWS manages the provider reads back the ARN, which is like any other of the account.
        of_aws = not keys and (_OF_AWS in value or (value.startswith("arn:") and not is_foreign(value, account)))
        return "" if of_aws or value in _own_names(plan) else f"is {value}, which is no key of this plan"
    leaves = traced(plan, change.address, path)
    if value is UNKNOWN and not keys:
        return f"is made from {', '.join(sorted(leaves))}" if any(map(_is_read, leaves)) else ""
    if (
        value is UNKNOWN
        and leaves
        and all(map(_may_be_own, leaves))
        and any(one.find("arn") is UNKNOWN for one in keys)
    ):
        return ""
    return f"is {value}, and nothing shows that it is a key of this plan; take it from the key's arn"


def _own_names(plan: Plan) -> frozenset[str]:
    """List what a key of the plan can be called by."""
    return frozenset(_aliases(plan)).union(*(names(plan, KEY, identity) for identity in _IDS))


def _aliases(plan: Plan) -> Iterator[str]:
    for alias in plan.of_type(_ALIAS):
        if related(plan, alias, "target_key_id", KEY, *_IDS):
            yield from (name for attribute in ("name", "arn") if isinstance(name := alias.find(attribute), str))


def _may_be_own(leaf: str) -> bool:
    """Tell whether a reference leads to a key of the plan, or to a local, of which a plan shows nothing."""
    parts = pieces(leaf)
    if parts[0] in ("each", "count"):
        return True
    return not _is_read(leaf) and any(part in (KEY, _ALIAS, "local") for part in parts)


def _is_read(leaf: str) -> bool:
    return "data" in pieces(leaf)[::2]
