"""``make restore``: show what a copy would change; with CONFIRM=<environment> bring it back and prove it."""

from typing import Any

from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.progress import phase, say
from harness.base.results import write_report
from harness.operate.deployed import Table, chosen_tables, tables_of
from harness.operate.instances import read_instances
from harness.operate.planning import make_plan
from harness.operate.recovery.copies import exists, sources_of
from harness.operate.recovery.items import Difference
from harness.operate.recovery.one_table import restore_table
from harness.operate.recovery.pacing import CLOCK, Clock
from harness.operate.recovery.request import Mode, Request, What, read_request
from harness.operate.recovery.states import Change, choose, difference, restore, versions
from harness.operate.restore_api import restore_api
from harness.terraform.context import Context, open_context
from harness.terraform.known_state import forget_state, seen_lineage

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


def restore_tables(
    context: Context, request: Request, *, confirmed: bool, clock: Clock = CLOCK
) -> dict[str, Difference]:
    """Compare tables with their copies and, when confirmed, write the copies back.

    Returns:
        By table: what tells it from the copy at the end.

    Raises:
        HarnessError: a bad request, a table that is not there, or AWS refuses. Nothing is changed by a bad request.
    """
    client = context.aws.client("dynamodb")
    sources = sources_of(client, _tables(context, client, request.table), request)
    found, left = {}, {}
    for table, source in sources.items():
        found[table.name], left[table.name] = restore_table(client, table, source, request, clock, confirmed=confirmed)
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


def restore_state(context: Context, version_id: str, *, confirmed: bool) -> Change:
    """Show what a version of the state would change and, when confirmed, make it the newest.

    Raises:
        HarnessError: no such version, the state is locked, or AWS refuses. Nothing is changed then.
    """
    state = context.state
    known = versions(state, version_id)
    chosen = choose(known, version_id, state.key, _lineage(context))
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
    forget_state(context.stack)
    say(f"  the state is that of serial {chosen.serial}, as serial {serial}")
    return change


def _lineage(context: Context) -> str:
    """Return the lineage of the stack's state; empty where the newest one is not the stack's, or holds nothing."""
    if seen := seen_lineage(context.stack, context.state.bucket):
        return seen
    try:
        current = context.state.document()
    except HarnessError:
        return ""
    return str(current["lineage"]) if current["resources"] else ""


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
