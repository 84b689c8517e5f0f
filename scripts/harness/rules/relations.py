"""Find which resource of a plan belongs to which: by known values, else by what the configuration refers to."""

import re
from collections.abc import Iterator

from harness.plan import Plan, ResourceChange
from harness.plan.addresses import instance_key, pieces, plain_address
from harness.plan.configuration import module_names
from harness.plan.model import nearest
from harness.rules.rule import traced

FUNCTION = "aws_lambda_function"
REST_API = "aws_api_gateway_rest_api"
NEVER = r"(?!)"
"""Pattern that nothing matches."""
_OTHER_TYPES = ("HTTP", "HTTP_PROXY", "MOCK")
_URI = re.compile(r".*:function:(?P<function>[^:/]+)(:(?P<alias>[^:/]+))?/invocations")


def related(
    plan: Plan, change: ResourceChange, attribute: str, kind: str, *identities: str
) -> tuple[ResourceChange, ...]:
    """List resources of a type that an attribute names.

    Args:
        identities: attributes of that type that may hold the value, once it is known.
    """
    value = change.find(attribute)
    if isinstance(value, str):
        return tuple(one for one in plan.of_type(kind) if any(one.find(name) == value for name in identities))
    return referred(plan, change, attribute, kind)


def referred(
    plan: Plan, change: ResourceChange, attribute: str, kind: str, output: str = ""
) -> tuple[ResourceChange, ...]:
    """List resources of a type that an attribute is made from; of several instances, that of the same module or key.

    Args:
        output: only where this attribute of theirs is used.
    """
    found: dict[str, ResourceChange] = {}
    for leaf in traced(plan, change.address, attribute):
        for one in _instances(plan, leaf, kind, output, change):
            found[one.address] = one
    return tuple(found.values())


def _instances(plan: Plan, leaf: str, kind: str, output: str, change: ResourceChange) -> Iterator[ResourceChange]:
    parts = pieces(leaf)
    # In every other place stands a keyword or a type; what is read (``data.TYPE``) stands one further.
    at = next((place for place in range(0, len(parts) - 1, 2) if parts[place] == kind), None)
    if at is None or (output and ".".join(parts[at + 2 :]) != output):
        return
    path, name, index = parts[1:at:2], plain_address(parts[at + 1]), instance_key(parts[at + 1])
    every = [
        one
        for one in plan.of_type(kind)
        if one.name == name and module_names(one.module) == path and index in (None, one.index)
    ]
    yield from nearest(change, every)


def api_of(plan: Plan, change: ResourceChange) -> str:
    """Address of the REST API that a resource is a part of; empty when it cannot be told."""
    found = related(plan, change, "rest_api_id", REST_API, "id")
    return found[0].address if len(found) == 1 else ""


def called(integration: ResourceChange) -> tuple[str | None, str | None]:
    """Name function and alias that an integration calls; ``None`` for what cannot be read."""
    uri = integration.find("uri")
    match = _URI.fullmatch(uri) if isinstance(uri, str) else None
    return (match["function"], match["alias"]) if match else (None, None)


def proxies(plan: Plan) -> tuple[ResourceChange, ...]:
    """List integrations that call a function; one whose type cannot be read may."""
    return tuple(one for one in plan.of_type("aws_api_gateway_integration") if one.find("type") not in _OTHER_TYPES)


def aliases(plan: Plan) -> frozenset[tuple[str, str]]:
    """List function and alias of every alias."""
    pairs = (
        (one.find("function_name"), alias.find("name"))
        for alias in plan.of_type("aws_lambda_alias")
        for one in related(plan, alias, "function_name", FUNCTION, "function_name", "arn")
    )
    return frozenset((name, alias) for name, alias in pairs if isinstance(name, str) and isinstance(alias, str))


def index_names(table: ResourceChange) -> frozenset[str]:
    """Names of a table's indexes."""
    listed = table.find("global_secondary_index")
    found = (one.get("name") for one in listed if isinstance(one, dict)) if isinstance(listed, list) else ()
    return frozenset(name for name in found if isinstance(name, str))
