"""What the state knows: address -> id of every managed resource instance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import botocore.exceptions

from harness.errors import HarnessError
from harness.state import State


def known_ids(state: State) -> dict[str, str]:
    """Ids of everything in the state; nothing when none was written yet.

    What an unfinished replacement left over ("deposed") is no longer at its address, so it is not among them.

    Raises:
        HarnessError: the state cannot be read.
    """
    return {
        _address(resource, instance): str(instance["attributes"].get("id"))
        for resource in _content(state).get("resources", ())
        if resource["mode"] == "managed"
        for instance in resource["instances"]
        if "deposed" not in instance
    }


def _content(state: State) -> Mapping[str, Any]:
    try:
        body = state.aws.client("s3").get_object(Bucket=state.bucket, Key=state.key)["Body"].read()
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
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
