"""``make backup``: a backup of the table, and a record of the state, the stage and the versions that go with it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from harness.base.options import Options
from harness.base.progress import phase, say
from harness.base.results import write_report
from harness.operate.recovery.copies import make_backup, table_name
from harness.operate.recovery.states import versions
from harness.operate.stage_export import save_export
from harness.terraform.context import open_context


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
