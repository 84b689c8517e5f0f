"""Compare what the gateway serves, as it exports it, with the contracts it was made from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

VERBS = ("get", "put", "post", "delete", "patch", "head")


def export_stage(client: Any, rest_api_id: str, stage: str) -> bytes:
    """Export the stage as OpenAPI 3.0 in JSON, integrations included: all that a re-import needs."""
    answer = client.get_export(
        restApiId=rest_api_id,
        stageName=stage,
        exportType="oas30",
        parameters={"extensions": "integrations,apigateway"},
        accepts="application/json",
    )
    return bytes(answer["body"].read())


def differences(
    export: Mapping[str, Any], contracts: Iterable[Mapping[str, Any]], *, key_required: bool
) -> tuple[str, ...]:
    """List what the stage serves otherwise than the contracts say, one line each; nothing when they agree.

    Args:
        key_required: whether operations of a contract that ask for a key do so in this environment.
    """
    served = dict(_operations(export))
    promised = {name: _asks(contract, one) for contract in contracts for name, one in _operations(contract)}
    lines = [f"{name} is in the contract, the stage does not serve it" for name in promised.keys() - served.keys()]
    lines += [f"{name} is served, the contract does not have it" for name in served.keys() - promised.keys()]
    for name in sorted(served.keys() & promised.keys()):
        if "x-amazon-apigateway-integration" not in served[name]:
            lines.append(f"{name} is served by nothing: it has no integration")
        wanted = key_required and promised[name]
        if (served[name].get("security", []) != []) is not wanted:
            lines.append(f"{name} should{'' if wanted else ' not'} ask for a key")
    return tuple(sorted(lines))


def _asks(contract: Mapping[str, Any], operation: Mapping[str, Any]) -> bool:
    """Tell whether an operation asks for a key, by itself or as its contract says of all."""
    return bool(operation.get("security", contract.get("security", [])) != [])


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, item in document["paths"].items():
        yield from ((f"{verb.upper()} {path}", item[verb]) for verb in VERBS if verb in item)
