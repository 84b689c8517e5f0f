"""``make backup``: a backup of the table, and a record of the state, the stage and the versions that go with it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import botocore.exceptions

from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.paths import Stack, ensure_folder, shown, write_atomically
from harness.base.progress import phase, say
from harness.base.results import write_report
from harness.bundle.compiled import compiled_contract
from harness.operate.recovery.copies import make_backup
from harness.operate.recovery.export import differences, export_stage
from harness.operate.recovery.states import versions
from harness.terraform.context import Context, open_context


def run(options: Options) -> int:
    """Back one environment up; exit 1 when its stage serves something else than the contract."""
    context = open_context(options)
    now = datetime.now(UTC)
    with phase("backup of the table"):
        backup = make_backup(context.aws.client("dynamodb"), table_name(context.stack), now)
    with phase("export of the stage"):
        different = save_export(context, now)
    newest = versions(context.state)[0]
    report = {
        "backup": backup.name,
        "backup_arn": backup.arn,
        "made": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "state_version": newest.version_id,
        "state_serial": newest.serial,
        "stage_differs": list(different),
    }
    write_report(f"backup-{context.stack.environment}-{context.stack.suffix}", report)
    print(json.dumps(report, indent=2))
    for line in different:
        say(f"  the stage: {line}")
    say(f"  bring it back: make restore {context.stack.make_words} WHAT=table BACKUP={backup.name}")
    return 1 if different else 0


def table_name(stack: Stack) -> str:
    """The table's name, also when the state that knows it is lost."""
    return f"api-table-{stack.suffix}"


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
    contract: dict[str, Any] = json.loads(compiled_contract())
    return differences(json.loads(data), contract, key_required=bool(outputs["api_key_required"]))
