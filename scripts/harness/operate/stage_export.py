"""Save what a deployed stage serves and tell how it differs from the contract."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import botocore.exceptions

from harness.base.errors import HarnessError
from harness.base.paths import contract_source, ensure_folder, shown, write_atomically
from harness.base.progress import say
from harness.bundle.compiled import compiled_contract
from harness.facts import service_names
from harness.operate.recovery.export import differences, export_stage
from harness.terraform.context import Context


def save_export(context: Context, now: datetime) -> tuple[str, ...]:
    """Save what the stage serves below ``build/`` and return how it differs from the contract.

    Raises:
        HarnessError: nothing is deployed, or AWS refuses.
    """
    outputs = context.state.outputs()
    if "rest_api_id" not in outputs:
        raise HarnessError(f"{context.stack.title} is not deployed", f"make up {context.stack.make_words}")
    try:
        data = export_stage(context.aws.client("apigateway"), str(outputs["rest_api_id"]), str(outputs["stage_name"]))
    except botocore.exceptions.ClientError as error:
        raise HarnessError(
            f"the stage cannot be exported: {error}", f"make plan {context.stack.make_words} shows whether it is there"
        ) from error
    path = ensure_folder(context.stack.folder / "backup") / f"stage-{now:%Y%m%dT%H%M%SZ}.json"
    write_atomically(path, data)
    say(f"  saved {shown(path)}")
    contract: dict[str, Any] = json.loads(compiled_contract(contract_source(service_names()[0])))
    return differences(json.loads(data), contract, key_required=bool(outputs["api_key_required"]))
