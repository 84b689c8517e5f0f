"""Damage that a drill does on purpose. Only the drill calls this, and only against the local AWS."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.base.errors import UsageError
from harness.base.paths import Target
from harness.operate.deployed import Table
from harness.operate.recovery.items import Key, as_parameter
from harness.operate.release.alias import Alias
from harness.terraform.state import State

_MARK = "damaged_by_drill"


def lose_items(client: Any, table: Table, keys: Sequence[Key]) -> int:
    """Delete a third of the records, overwrite a third, add one that was never there; returns how many."""
    third = max(1, len(keys) // 3)
    for key in keys[:third]:
        client.delete_item(TableName=table.name, Key=as_parameter(table, key))
    for key in keys[third : 2 * third]:
        client.update_item(
            TableName=table.name,
            Key=as_parameter(table, key),
            UpdateExpression="SET #mark = :yes",
            ExpressionAttributeNames={"#mark": _MARK},
            ExpressionAttributeValues={":yes": {"BOOL": True}},
        )
    client.put_item(TableName=table.name, Item={**as_parameter(table, _never_there(keys)), _MARK: {"BOOL": True}})
    return len(keys[: 2 * third]) + 1


def _never_there(keys: Sequence[Key]) -> Key:
    """Return a key of the same types that no record has: above every one of them."""
    (kind, highest), *rest = max(keys, key=lambda key: float(key[0][1]) if key[0][0] == "N" else 0)
    if kind == "N":
        return (kind, str(float(highest) + 1)), *rest
    # Longer than the longest of them.
    return (kind, max((key[0][1] for key in keys), key=len) + (b"-" if kind == "B" else "-")), *rest


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


def publish_broken(client: Any, alias: Alias, handler: str, package: Path) -> str:
    """Publish a version that cannot start and point the alias at it by hand; returns the version.

    The unpublished code is put back: Terraform does not look at it, and would not.

    Args:
        handler: the function's entry, ``module.function``.
        package: the code that it has.
    """
    function, broken = alias.function, io.BytesIO()
    with zipfile.ZipFile(broken, "w") as bundle:
        bundle.writestr(handler.rpartition(".")[0].replace(".", "/") + ".py", "raise RuntimeError('drill')\n")
    answer = client.update_function_code(FunctionName=function, ZipFile=broken.getvalue(), Publish=True)
    client.get_waiter("function_updated").wait(FunctionName=function, WaiterConfig={"Delay": 1})
    client.update_function_code(FunctionName=function, ZipFile=package.read_bytes())
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
