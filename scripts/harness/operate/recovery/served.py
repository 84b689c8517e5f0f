"""Compare what a stage serves with its API as it is, which a deployment outlives, and with the contracts."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.aws.clients import Aws
from harness.aws.missing import refusing

_VERBS = ("get", "put", "post", "delete", "patch", "head")


def removed_but_served(aws: Aws, resources: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[str, ...]:
    """List operations (``GET /orders``) that a stage routes to and its API no longer has.

    Args:
        resources: (type, attributes) pairs of the stack's state.

    Returns:
        Their names, sorted; nothing when there is no stage.

    Raises:
        HarnessError: API Gateway does not say what a stage serves.
    """
    left: set[str] = set()
    for stage in (values for kind, values in resources if kind == "aws_api_gateway_stage"):
        client, api, name = aws.client("apigateway"), str(stage["rest_api_id"]), str(stage["stage_name"])
        with refusing(f"API Gateway does not say what the stage {name} serves", "run the same command again"):
            left |= _served(client, api, name) - _present(client, api)
    return tuple(sorted(left))


def _served(client: Any, api: str, stage: str) -> set[str]:
    deployment = client.get_stage(restApiId=api, stageName=stage)["deploymentId"]
    # Without "embed" AWS leaves the summary out.
    answer = client.get_deployment(restApiId=api, deploymentId=deployment, embed=["apisummary"])
    return {f"{verb} {path}" for path, verbs in (answer.get("apiSummary") or {}).items() for verb in verbs}


def _present(client: Any, api: str) -> set[str]:
    pages = client.get_paginator("get_resources").paginate(restApiId=api, embed=["methods"])
    resources = (resource for page in pages for resource in page["items"])
    return {f"{verb} {resource['path']}" for resource in resources for verb in resource.get("resourceMethods") or {}}


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
    # An operation asks for a key by itself, or as its contract says of all.
    promised = {
        name: one.get("security", contract.get("security", [])) != []
        for contract in contracts
        for name, one in _operations(contract)
    }
    lines = [f"{name} is in the contract, the stage does not serve it" for name in promised.keys() - served.keys()]
    lines += [f"{name} is served, the contract does not have it" for name in served.keys() - promised.keys()]
    for name in sorted(served.keys() & promised.keys()):
        if "x-amazon-apigateway-integration" not in served[name]:
            lines.append(f"{name} is served by nothing: it has no integration")
        wanted = key_required and promised[name]
        if (served[name].get("security", []) != []) is not wanted:
            lines.append(f"{name} should{'' if wanted else ' not'} ask for a key")
    return tuple(sorted(lines))


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, item in document["paths"].items():
        yield from ((f"{verb.upper()} {path}", item[verb]) for verb in _VERBS if verb in item)
