"""Gap: the keys of a function can be computed from the names of function and role.

Upstream: access key, secret and token of a function's session are hashes of the two ARNs, which everybody knows who
knows this repository.

AWS: "Defining Lambda function permissions with an execution role", AWS Lambda Developer Guide: Lambda assumes the role
and gives the function temporary credentials; of those of AWS STS nothing can be foretold.

Fill: they are random, one session for each function and role.
"""

import secrets
from functools import cache
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc, sts

from harness.localaws.keys import make
from harness.localaws.patching import replaces


@cache
def _session(function: str, role: str, name: str) -> dict[str, str]:
    """Open a function's session of its role; return its keys as environment variables."""
    account, role_name, keys = function.split(":")[4], role.rpartition("/")[2], make()
    access_key, token = f"ASIA{keys.access_key_id.removeprefix('AKIA')}", secrets.token_urlsafe(64)
    sts.register_session(
        access_key,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{name}",
            "UserId": f"{role_name}:{name}",
            "SecretAccessKey": keys.secret_access_key,
            "SessionToken": token,
        },
    )
    return keys.variables() | {"AWS_ACCESS_KEY_ID": access_key, "AWS_SESSION_TOKEN": token}


def install() -> None:
    """Patch how ministack makes a function's keys, in both places that ask for them."""

    def execution_credentials(config: Any) -> dict[str, str]:
        name = config.get("FunctionName", "ministack-lambda")[:64]
        return dict(_session(config["FunctionArn"], config.get("Role", ""), name))

    for module in (lambda_runtime, lambda_svc):
        replaces(module, "execution_credentials")(execution_credentials)
