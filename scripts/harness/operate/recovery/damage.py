"""What a drill destroys on purpose. Only the drill calls this, and only against the local AWS."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from harness.base.errors import UsageError
from harness.base.paths import Target, bundle_zip
from harness.facts import service_names
from harness.operate.release import Alias
from harness.terraform.state import State


def lose_items(client: Any, table: str, keys: list[str]) -> int:
    """Delete a third of the items, overwrite a third, add one that was never there; returns how many."""
    third = max(1, len(keys) // 3)
    for key in keys[:third]:
        client.delete_item(TableName=table, Key={"id": {"S": key}})
    for key in keys[third : 2 * third]:
        client.update_item(
            TableName=table,
            Key={"id": {"S": key}},
            UpdateExpression="SET #name = :damaged",
            ExpressionAttributeNames={"#name": "name"},
            ExpressionAttributeValues={":damaged": {"S": "damaged"}},
        )
    client.put_item(TableName=table, Item={"id": {"S": "never-there"}, "name": {"S": "damaged"}})
    return 2 * third + 1


def delete_table(client: Any, table: str) -> None:
    """Delete the table, its protection first."""
    client.update_table(TableName=table, DeletionProtectionEnabled=False)
    client.delete_table(TableName=table)


def delete_state(state: State) -> None:
    """Delete the state object, as ``aws s3 rm`` does."""
    state.aws.client("s3").delete_object(Bucket=state.bucket, Key=state.key)


def truncate_state(state: State) -> None:
    """Cut the state object in half, as an upload that broke off would."""
    client = state.aws.client("s3")
    whole = client.get_object(Bucket=state.bucket, Key=state.key)["Body"].read()
    client.put_object(Bucket=state.bucket, Key=state.key, Body=whole[: len(whole) // 2])


def delete_stage(client: Any, rest_api_id: str, stage: str) -> None:
    """Delete the stage. Its usage plan still names it: the local AWS cannot take it out there (docs/recovery.md)."""
    client.delete_stage(restApiId=rest_api_id, stageName=stage)


def publish_broken(client: Any, function: str, alias: Alias) -> str:
    """Publish a version that cannot start and point the alias at it by hand; returns the version.

    The unpublished code is put back: Terraform does not look at it, and would not.
    """
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as bundle:
        bundle.writestr("items/handler.py", "raise RuntimeError('drill')\n")
    answer = client.update_function_code(FunctionName=function, ZipFile=package.getvalue(), Publish=True)
    client.get_waiter("function_updated").wait(FunctionName=function, WaiterConfig={"Delay": 1})
    client.update_function_code(FunctionName=function, ZipFile=bundle_zip(service_names()[0]).read_bytes())
    client.get_waiter("function_updated").wait(FunctionName=function, WaiterConfig={"Delay": 1})
    alias.move(alias.pointer(), str(answer["Version"]))
    return str(answer["Version"])


def require_local(target: Target) -> None:
    """Refuse to destroy anything on real AWS.

    Raises:
        UsageError: the target is not the local AWS.
    """
    if target is not Target.LOCAL:
        raise UsageError("make drill destroys what it finds: it is for the local AWS only", "leave TARGET=aws out")
