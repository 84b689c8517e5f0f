"""Deployments that an interrupted apply made and that nothing will ever use: the only thing recovery deletes."""

from typing import Any

from harness.operate.adopt.search import SKEW_SECONDS, Search


def remove_unused_deployments(search: Search) -> tuple[str, ...]:
    """Delete deployments of the stack's APIs that came with the interrupted apply; to be called when it is finished.

    A deployment goes when it is in an API of ours, was made since the interrupted apply began, is in no state and is
    served by no stage. Those that people made before, to go back to, stay.

    Returns:
        The ids deleted.
    """
    removed = []
    for change in search.plan.all_of_type("aws_api_gateway_rest_api"):
        api = search.ids.get(change.address)
        if api is None:
            continue
        kept = {*search.ids.values(), *_served(search, api)}
        for deployment in search.listed("apigateway", "get_deployments", "items", restApiId=api):
            made = deployment["createdDate"].timestamp()
            if deployment["id"] not in kept and made >= search.since - SKEW_SECONDS:
                search.ask("apigateway", "delete_deployment", restApiId=api, deploymentId=deployment["id"])
                removed.append(str(deployment["id"]))
    return tuple(removed)


def _served(search: Search, api: str) -> set[str]:
    stages: Any = search.ask("apigateway", "get_stages", restApiId=api) or {"item": ()}
    served = {stage["deploymentId"] for stage in stages["item"]}
    return served | {stage["canarySettings"]["deploymentId"] for stage in stages["item"] if "canarySettings" in stage}
