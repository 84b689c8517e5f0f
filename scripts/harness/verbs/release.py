"""``make release``: make a published version live, in the environment's steps, and take it back when an alarm fires."""

from __future__ import annotations

from harness.base.errors import HarnessError, UsageError
from harness.base.options import Options
from harness.base.progress import say
from harness.base.results import write_report
from harness.operate.release import (
    Outcome,
    RecordStore,
    Release,
    Step,
    alias_of,
    find_expendable,
    prune,
    steps_of,
    watch_of,
)
from harness.terraform.context import Context, open_context


def run(options: Options) -> int:
    """Release one environment; exit 1 when it was rolled back."""
    context = open_context(options)
    release = open_release(context)
    try:
        outcome = release.forward(options.version)
    except KeyboardInterrupt:
        words = context.stack.make_words
        say(f"  half done: make release {words} goes on, make rollback {words} takes it back")
        raise
    _prune(context, release, outcome)
    return close(context, release, outcome)


def open_release(context: Context, *, guarded: bool = True, steps: tuple[Step, ...] = ()) -> Release:
    """The releases of a deployed stack.

    Args:
        context: the stack.
        guarded: whether alarms are watched.
        steps: other steps than the environment's.

    Raises:
        HarnessError: nothing is deployed, or it has no alarm to watch.
    """
    stack = context.stack
    resources = list(context.state.resources())
    alias = alias_of(context.aws, resources)
    if alias is None:
        raise HarnessError(f"{stack.title} is not deployed", f"make up {stack.make_words}")
    return Release(
        alias=alias,
        watch=watch_of(context.aws, resources) if guarded else None,
        store=RecordStore(context.state),
        steps=steps or steps_of(stack.environment),
        words=stack.make_words,
        say=say,
        pace=context.options.pace,
    )


def close(context: Context, release: Release, outcome: Outcome) -> int:
    """Print and write down how it ended; the exit code of a release."""
    stack = context.stack
    print(f"{stack.title}: {release.result}")
    write_report(
        f"release-{stack.environment}-{stack.suffix}",
        {"outcome": outcome, "result": release.result, "target": stack.target},
    )
    return 1 if outcome is Outcome.ROLLED_BACK else 0


def release_at_once(context: Context) -> None:
    """After an apply: what it published serves. Alarms are not asked: a new version may be what turns them off.

    A version that was taken back stays so, and a half-done release waits for a decision.

    Raises:
        HarnessError: AWS refuses.
    """
    release = open_release(context, guarded=False, steps=(Step(100, 0),))
    try:
        outcome = release.forward()
    except UsageError as error:
        say(f"  not released: {error}")
        return
    say(f"  {release.result}")
    _prune(context, release, outcome)


def release_or_say(context: Context) -> None:
    """After ``make apply``: release at once where that is the environment's way, else say what waits to be released.

    Raises:
        HarnessError: AWS refuses.
    """
    if len(steps_of(context.stack.environment)) == 1:
        release_at_once(context)
        return
    alias = open_release(context, guarded=False).alias
    live, newest = alias.pointer().version, alias.versions()[-1]
    if live != newest:
        say(f"  version {newest} is published, {live} is live; next: make release {context.stack.make_words}")


def _prune(context: Context, release: Release, outcome: Outcome) -> None:
    if outcome is not Outcome.RELEASED:
        return
    try:
        versions = find_expendable(release.alias, release.store)
        prune(release.alias, versions)
    except HarnessError as error:
        # The release itself is done, and pruning can wait.
        say(f"  old versions stay: {error}; later: make prune {context.stack.make_words}")
        return
    if versions:
        say(f"  old versions deleted: {', '.join(versions)}")
