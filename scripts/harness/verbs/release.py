"""``make release``: make published versions live, in the environment's steps; an alarm takes all of them back."""

from collections.abc import Mapping

from harness.base.errors import HarnessError, UsageError
from harness.base.options import Options
from harness.base.progress import say
from harness.base.results import write_report
from harness.facts import read_services
from harness.operate.deployed import Function, chosen_functions, functions_of, not_deployed
from harness.operate.instances import read_instances
from harness.operate.release.alias import Alias
from harness.operate.release.engine import Outcome, Release
from harness.operate.release.fleet import Fleet
from harness.operate.release.hiding import hidden
from harness.operate.release.pruning import find_expendable, prune
from harness.operate.release.record import Move
from harness.operate.release.steps import Step, steps_of
from harness.operate.release.store import RecordStore
from harness.operate.release.watch import watch_of
from harness.terraform.context import Context, open_context


def run(options: Options) -> int:
    """Release one environment; exit 1 when it was rolled back."""
    context = open_context(options)
    release = open_release(context, function=options.function)
    try:
        outcome = release.forward(options.version)
    except KeyboardInterrupt:
        words = context.stack.make_words
        say(f"  half done: make release {words} goes on, make rollback {words} takes it back")
        raise
    _prune(context, release, outcome)
    return close(context, release, outcome)


def open_release(
    context: Context, *, guarded: bool = True, steps: tuple[Step, ...] = (), function: str = ""
) -> Release:
    """Open the releases of a deployed stack.

    Args:
        guarded: whether alarms are watched.
        steps: other steps than the environment's.
        function: the only one to move, by service or name; empty: all.

    Raises:
        HarnessError: nothing is deployed, it has no alarm to watch, or no function answers to the name.
    """
    stack = context.stack
    instances = read_instances(context.state)
    functions = functions_of(instances)
    if not functions:
        raise not_deployed(stack)
    resources = [(one.kind, one.attributes) for one in instances]
    fleet = Fleet(tuple(alias_of(context, one) for one in functions))
    return Release(
        fleet=fleet,
        watch=watch_of(context.aws, resources, stack.suffix) if guarded else None,
        store=RecordStore(context.state),
        steps=steps or steps_of(stack.environment),
        words=stack.make_words,
        say=say,
        pace=context.options.pace,
        hides=lambda moves: _hidden(fleet, {one.name: one.service for one in functions}, moves),
        chosen=frozenset(one.name for one in chosen_functions(functions, function)) if function else frozenset(),
    )


def _hidden(fleet: Fleet, services: Mapping[str, str], moves: Mapping[str, Move]) -> str:
    """Say what the moves of a release would hide from lists, of every function whose service is in this tree."""
    known = read_services()
    said = []
    for function, move in moves.items():
        if services[function] in known:
            seen = fleet.alias(function).variables()
            environment = known[services[function]].environment
            said.append(hidden(environment, seen.get(move.source, {}), seen.get(move.target, {})))
    return "; ".join(filter(None, said))


def alias_of(context: Context, function: Function) -> Alias:
    """Return the alias that serves a function."""
    return Alias(context.aws, function.name, function.alias)


def close(context: Context, release: Release, outcome: Outcome) -> int:
    """Print and write down how it ended; return the exit code of a release."""
    stack = context.stack
    print(f"{stack.title}: {release.result}")
    write_report(f"release-{stack.slug}", {"outcome": outcome, "result": release.result, "target": stack.target})
    return 1 if outcome is Outcome.ROLLED_BACK else 0


def release_at_once(context: Context) -> None:
    """Let what an apply published serve. Alarms are not asked: a new version may be what turns them off.

    A version that was taken back stays so, and a half-done release waits for a decision.

    Raises:
        HarnessError: AWS refuses, or an alias could not be moved.
    """
    release = open_release(context, guarded=False, steps=(Step(100, 0),))
    try:
        outcome = release.forward()
    except UsageError as error:
        say(f"  not released: {error}")
        return
    if outcome is Outcome.ROLLED_BACK:
        raise HarnessError(release.result, f"make release {context.stack.make_words} tries again")
    say(f"  {release.result}")
    _prune(context, release, outcome)


def release_or_say(context: Context) -> str:
    """Release at once after ``make apply`` where that is the environment's way, else say what waits to be released.

    Returns:
        The command that releases it; empty when nothing waits.

    Raises:
        HarnessError: AWS refuses.
    """
    if len(steps_of(context.stack.environment)) == 1:
        release_at_once(context)
        return ""
    waiting = ""
    fleet = open_release(context, guarded=False).fleet
    for alias in fleet.aliases:
        live, newest = alias.pointer().version, alias.versions()[-1]
        if live != newest:
            published = fleet.called({alias.function: newest})
            say(f"  {published} is published, {live} is live")
            waiting = f"make release {context.stack.make_words}"
    return waiting


def _prune(context: Context, release: Release, outcome: Outcome) -> None:
    if outcome is not Outcome.RELEASED:
        return
    for alias in release.fleet.aliases:
        try:
            versions = find_expendable(alias, release.store)
            prune(alias, versions)
        except HarnessError as error:
            # The release itself is done, and pruning can wait.
            say(f"  old versions stay: {error}; later: make prune {context.stack.make_words}")
            return
        if versions:
            of = f" of {alias.function}" if len(release.fleet.aliases) > 1 else ""
            say(f"  old versions{of} deleted: {', '.join(versions)}")
