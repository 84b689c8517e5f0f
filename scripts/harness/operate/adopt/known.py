"""What the state knows, and what of it is only half made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import botocore.exceptions

from harness.base.errors import HarnessError
from harness.terraform.state import State


@dataclass(frozen=True, slots=True)
class Known:
    """What stands in the state.

    Attributes:
        ids: address -> id.
        half_made: addresses of what Terraform could not finish creating ("tainted").
    """

    ids: Mapping[str, str]
    half_made: frozenset[str]


def known(state: State) -> Known:
    """The state's managed resources; none when no state was written yet.

    What an unfinished replacement left over ("deposed") is no longer at its address, so it is not among them.

    Raises:
        HarnessError: the state cannot be read.
    """
    instances = {
        _address(resource, instance): instance
        for resource in _content(state).get("resources", ())
        if resource["mode"] == "managed"
        for instance in resource["instances"]
        if "deposed" not in instance
    }
    return Known(
        {address: str(instance["attributes"].get("id")) for address, instance in instances.items()},
        frozenset(address for address, instance in instances.items() if instance.get("status") == "tainted"),
    )


def _content(state: State) -> Mapping[str, Any]:
    try:
        body = state.aws.client("s3").get_object(Bucket=state.bucket, Key=state.key)["Body"].read()
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        if isinstance(error, botocore.exceptions.ClientError) and error.response["Error"]["Code"] == "NoSuchKey":
            return {}
        raise HarnessError(
            f"cannot read the state {state.key}: {error}", "check the permissions on the bucket"
        ) from error
    content: Mapping[str, Any] = json.loads(body)
    return content


def _address(resource: Mapping[str, Any], instance: Mapping[str, Any]) -> str:
    module = f"{resource['module']}." if "module" in resource else ""
    key = f"[{json.dumps(instance['index_key'], ensure_ascii=False)}]" if "index_key" in instance else ""
    return f"{module}{resource['type']}.{resource['name']}{key}"
