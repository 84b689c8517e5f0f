"""``make restore``: show what a copy would change; with CONFIRM=<environment> bring it back and prove it."""

import time
from datetime import UTC, datetime
from typing import Any

from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.progress import phase, say
from harness.base.results import write_report
from harness.operate.deployed import Table, chosen_tables, tables_of
from harness.operate.instances import read_instances
from harness.operate.planning import make_plan
from harness.operate.recovery.copies import Start, exists, side_table, sources_of
from harness.operate.recovery.items import Difference, compare, read_items, shown_key, write_back
from harness.operate.recovery.request import Mode, Request, What, read_request
from harness.operate.recovery.states import Change, choose, difference, restore, versions
from harness.operate.restore_api import restore_api
from harness.terraform.context import Context, open_context

_SHOWN = 10


def run(options: Options) -> int:
    """Restore a part of one environment; exit 1 when it is not as it should be afterwards."""
    request = read_request(options)
    context = open_context(options)
    if request.what is What.STATE:
        return _run_state(context, request)
    if request.what is What.API:
        return restore_api(context, confirmed=_confirmed(context))
    confirmed = _confirmed(context)
    left = restore_tables(context, request, confirmed=confirmed)
    reached = all(one.none if request.mode is Mode.EXACT else not one.missing for one in left.values())
    return 1 if confirmed and not reached else 0


def restore_tables(context: Context, request: Request, *, confirmed: bool) -> dict[str, Difference]:
    """Compare tables with their copies and, when confirmed, write the copies back.

    Returns:
        By table: what tells it from the copy at the end.

    Raises:
        HarnessError: a bad request, a table that is not there, or AWS refuses. Nothing is changed by a bad request.
    """
    client = context.aws.client("dynamodb")
    starts = sources_of(client, _tables(context, client, request.table), request)
    now, found, left = datetime.now(UTC), {}, {}
    for table, start in starts.items():
        found[table.name], left[table.name] = _restore_one(client, table, start, now, request.mode, confirmed=confirmed)
    if not confirmed:
        say(f"  nothing is changed; to bring it back ({request.mode}) add CONFIRM={context.stack.environment}")
    write_report(
        f"restore-table-{context.stack.slug}",
        {
            "mode": request.mode,
            "confirmed": confirmed,
            "tables": {name: {"before": found[name].counts(), "after": left[name].counts()} for name in left},
        },
    )
    return left


def _tables(context: Context, client: Any, word: str) -> tuple[Table, ...]:
    """Return the tables to restore, each of which is there."""
    words = context.stack.make_words
    known = tables_of(read_instances(context.state))
    if not known:
        raise HarnessError(
            f"the state of {context.stack.title} has no table",
            f"make plan {words} and make apply {words} make it, empty; then again;"
            f" was the state lost, make restore {words} WHAT=state first",
        )
    tables = chosen_tables(known, word, context.stack)
    for table in tables:
        if not exists(client, table.name):
            raise HarnessError(
                f"table {table.name} does not exist",
                f"make plan {words} and make apply {words} make it, empty; then again",
            )
    return tables


def _restore_one(
    client: Any, table: Table, start: Start, now: datetime, mode: Mode, *, confirmed: bool
) -> tuple[Difference, Difference]:
    """Restore one table beside itself, compare, and write back when confirmed; the difference before and after."""
    with phase(f"restore beside {table.name}"), side_table(client, table.name, start, now) as side:
        copy, live = read_items(client, table, side), read_items(client, table)
        found = compare(table, live, copy, time.time())
        say(f"  {table.name}: {found.counts()}")
        if not confirmed:
            return found, found
        written = write_back(client, table, live, copy, found, mode)
        say(f"  {written.done} written back")
        for key in written.refused[:_SHOWN]:
            say(f"  {shown_key(key)} was changed meanwhile and left as it is: run the same command again")
        return found, compare(table, read_items(client, table), copy, time.time())


def restore_state(context: Context, version_id: str, *, confirmed: bool) -> Change:
    """Show what a version of the state would change and, when confirmed, make it the newest.

    Raises:
        HarnessError: no such version, the state is locked, or AWS refuses. Nothing is changed then.
    """
    state = context.state
    known = versions(state, version_id)
    chosen = choose(known, version_id, state.key)
    change = difference(known[0], chosen)
    say(f"  newest: {known[0].line()}")
    say(f"  chosen: {chosen.line()}")
    for title, addresses in (("+", change.added), ("-", change.removed), ("~", change.changed)):
        for address in addresses[:_SHOWN]:
            say(f"    {title} {address}")
        if len(addresses) > _SHOWN:
            say(f"    {title} and {len(addresses) - _SHOWN} more")
    if not confirmed:
        say(f"  nothing is changed; to restore it add CONFIRM={context.stack.environment}")
        return change
    with phase(f"restore the state of {context.stack.title}"):
        serial = restore(state, chosen, known)
    say(f"  the state is that of serial {chosen.serial}, as serial {serial}")
    return change


def _run_state(context: Context, request: Request) -> int:
    if not request.version:
        known = versions(context.state)
        for version in known:
            print(version.line())
        if not known:
            raise HarnessError(f"there is no version of {context.state.key}", "was it deployed, with this SUFFIX?")
        say("  to see what one would change: VERSION=<id>, or VERSION=last for the newest that is whole")
        return 0
    confirmed = _confirmed(context)
    change = restore_state(context, request.version, confirmed=confirmed)
    report: dict[str, object] = {
        "confirmed": confirmed,
        "version": request.version,
        "added": change.added,
        "removed": change.removed,
        "changed": change.changed,
    }
    planned = make_plan(context) if confirmed else None
    if planned is not None:
        report["plan_changes"] = planned.changed
        found = "not empty: the account changed since; read it before make apply" if planned.changed else "empty"
        say(f"  the plan is {found}")
    write_report(f"restore-state-{context.stack.slug}", report)
    return 1 if planned is not None and planned.changed else 0


def _confirmed(context: Context) -> bool:
    # Whatever the environment: a restore overwrites, so it is first shown and then asked for by name.
    return context.options.confirm == context.stack.environment
