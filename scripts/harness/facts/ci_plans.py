"""Environments that a run of CI plans on AWS, and the role for each."""

import json

from harness.base.errors import HarnessError
from harness.facts.blueprint import Blueprint


def ci_plans(blueprint: Blueprint, roles: str, event: str, *, on_default: bool) -> list[dict[str, str]]:
    """List environments with their plan roles: all on the default branch, those that are not guarded in a pull request.

    AWS trusts them from nowhere else (envs/account/ci_trust.tf): asking would only fail.

    Args:
        roles: the repository variable ``AWS_CI_ROLES``: role ARNs by environment and purpose, as JSON; may be empty.
        event: what GitHub calls the event.
        on_default: whether the run is on the default branch.

    Raises:
        HarnessError: ``roles`` is something else.
    """
    known = _roles(roles)
    return [
        {"environment": name, "role": known[name]}
        for name, environment in blueprint.environments.items()
        if name in known and (on_default or (event == "pull_request" and not environment.guarded))
    ]


def _roles(text: str) -> dict[str, str]:
    """Read the plan role of each environment."""
    try:
        return {str(name): str(purposes["plan"]) for name, purposes in json.loads(text or "{}").items()}
    except (ValueError, AttributeError, LookupError, TypeError) as error:
        raise HarnessError(
            "the repository variable AWS_CI_ROLES holds no role ARNs by environment and purpose",
            "set it to what make -s bootstrap TARGET=aws prints (docs/runbooks/ci-roles.md)",
        ) from error
