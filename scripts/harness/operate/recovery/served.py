"""Compare what a stage routes to with the API as it is: a deployment is a snapshot, and outlives what was removed."""

from collections.abc import Iterable, Mapping
from typing import Any

import botocore.exceptions

from harness.aws.clients import Aws
from harness.base.errors import HarnessError


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
        try:
            left |= _served(client, api, name) - _present(client, api)
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
            raise HarnessError(
                f"API Gateway does not say what the stage {name} serves: {error}", "run the same command again"
            ) from error
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
