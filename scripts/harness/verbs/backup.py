"""``make backup``: a backup of every table, and a record of the state, the stage and the versions that go with it."""

import json
from datetime import UTC, datetime

from harness.base.options import Options
from harness.base.progress import phase, say
from harness.base.results import write_report
from harness.operate.deployed import chosen_tables, read_deployed
from harness.operate.recovery.copies import make_backup, moment_word
from harness.operate.recovery.states import versions
from harness.operate.stage_export import save_export
from harness.terraform.context import open_context


def run(options: Options) -> int:
    """Back one environment up (``TABLE``: one table); exit 1 when its stage serves something else than the contract."""
    context = open_context(options)
    now = datetime.now(UTC)
    tables = chosen_tables(read_deployed(context).tables, options.table, context.stack)
    client = context.aws.client("dynamodb")
    backups = {}
    for table in tables:
        with phase(f"backup of {table.name}"):
            backups[table.name] = make_backup(client, table.name, now)
    with phase("export of the stage"):
        different = save_export(context, now)
    newest = versions(context.state)[0]
    report = {
        "backup": moment_word(now),
        "tables": {name: {"backup": one.name, "backup_arn": one.arn} for name, one in backups.items()},
        "made": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "state_version": newest.version_id,
        "state_serial": newest.serial,
        "stage_differs": list(different),
    }
    write_report(f"backup-{context.stack.slug}", report)
    print(json.dumps(report, indent=2))
    for line in different:
        say(f"  the stage: {line}")
    if backups:
        say(f"  bring it back: make restore {context.stack.make_words} WHAT=table BACKUP={moment_word(now)}")
    else:
        say("  there is no table to back up")
    return 1 if different else 0
