"""Judge resources that let somebody in with an attribute, without a policy document."""

from collections.abc import Iterator, Mapping

from harness.plan import ResourceChange
from harness.rules.accounts import is_foreign
from harness.rules.rule import Context, Violation

_URL = "aws_lambda_function_url"
_PRINCIPALS: Mapping[str, tuple[str, str]] = {
    "aws_cloudwatch_event_permission": ("principal", "condition"),
    "aws_kms_grant": ("grantee_principal", ""),
    "aws_lambda_layer_version_permission": ("principal", "organization_id"),
}
"""Type -> the attribute that names who is let in, and the one that narrows everybody to an organisation."""


def open_doors(context: Context) -> Iterator[Violation]:
    """Report what lets in anybody or another account, and addresses of functions that ask nobody who they are."""
    for url in context.plan.of_type(_URL):
        kind = url.find("authorization_type")
        if kind not in ("AWS_IAM",):
            yield Violation(url.address, f"authorization_type is {kind}: anybody may call the function past the API")
    for door in context.plan.of_type(*_PRINCIPALS):
        who, organisation = _PRINCIPALS[door.type]
        principal = door.find(who)
        if not isinstance(principal, str):
            yield Violation(door.address, f"lets {principal} in: nothing shows who that is")
        elif "*" in principal and not _narrowed(door, organisation):
            yield Violation(door.address, "lets anybody in")
        elif is_foreign(principal, context.account):
            yield Violation(door.address, f"lets {principal} of another account in")


def _narrowed(door: ResourceChange, attribute: str) -> bool:
    value = door.find(attribute) if attribute else None
    block = value[0] if isinstance(value, list) and value else None
    named = block.get("value") if isinstance(block, dict) else value
    return isinstance(named, str) and named.startswith("o-") and "*" not in named
