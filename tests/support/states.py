"""States as Terraform writes them, behind a bucket that answers like S3."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import botocore.exceptions

from harness.base.paths import Stack
from harness.terraform.context import Context
from harness.terraform.state import State


def resource(kind: str, *instances: Mapping[str, Any], module: str = "", name: str = "this") -> dict[str, Any]:
    """Return a managed resource of a state; an instance is its attributes, or holds them under ``attributes``."""
    listed = [dict(one) if "attributes" in one else {"attributes": dict(one)} for one in instances]
    return {
        **({"module": module} if module else {}),
        **{"mode": "managed", "type": kind, "name": name, "instances": listed},
    }


def document(*resources: Mapping[str, Any], **outputs: Any) -> bytes:
    """Return a state's JSON."""
    values = {name: {"value": value} for name, value in outputs.items()}
    whole = {"version": 4, "serial": 1, "lineage": "x", "resources": list(resources), "outputs": values}
    return json.dumps(whole).encode()


def context(stack: Stack, body: bytes | None, endpoint: str = "http://local", **clients: Any) -> Context:
    """Return as much of a context as reading its state needs, with clients of other services."""

    def get_object(**asked: str) -> dict[str, Any]:
        if body is None:
            raise botocore.exceptions.ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(body)}

    known = {"s3": SimpleNamespace(get_object=get_object), **clients}
    aws: Any = SimpleNamespace(endpoint=endpoint, client=known.__getitem__)
    state = State(aws, "bucket", stack.state_key)
    return cast(Context, SimpleNamespace(stack=stack, aws=aws, state=state))
