"""``make drill``: destroy a deployment on the local AWS piece by piece, bring each back, prove it, measure.

``QUICK=1`` leaves out what needs an apply (table, stage): short enough for every test run.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from harness.base.errors import UsageError
from harness.base.options import Options
from harness.base.paths import shown
from harness.base.progress import phase, say
from harness.base.results import write_report
from harness.facts import read_blueprint
from harness.operate.deployed import Function, Table, read_deployed
from harness.operate.recovery import damage
from harness.operate.recovery.copies import make_backup, moment_word
from harness.operate.recovery.items import read_items
from harness.operate.recovery.request import Mode, Request, What
from harness.operate.release.steps import Step
from harness.operate.scene import Scene, fill
from harness.operate.services import scripts_of
from harness.operate.stage_export import save_export
from harness.terraform.context import open_context
from harness.verbs.bootstrap import bootstrap, is_bootstrapped
from harness.verbs.release import open_release
from harness.verbs.restore import restore_state, restore_tables
from harness.verbs.smoke import smoke
from harness.verbs.up import deploy, ensure_running


@dataclass(frozen=True, slots=True)
class Result:
    """Outcome of one drill.

    Attributes:
        name: its line in docs/recovery.md.
        items_lost: items that are gone or differ from before the damage.
        seconds: from the damage to the proof, on this machine.
        found: what the damage looked like, in words.
    """

    name: str
    recovered: bool
    items_lost: int
    seconds: float
    found: str


def run(options: Options) -> int:
    """Run the drills; exit 1 when one of them did not bring everything back."""
    damage.require_local(options.target)
    environment, quick = options.environment or default_environment(), options.quick
    options = replace(options, environment=environment, suffix=options.suffix or "drill", confirm=environment)
    started = time.monotonic()
    scene = _prepare(options)
    results = []
    for name, drill in (QUICK if quick else DRILLS).items():
        begun = time.monotonic()
        with phase(f"drill: {name}"):
            found, recovered = drill(scene)
        lost = scene.lost()
        seconds = round(time.monotonic() - begun, 1)
        results.append(Result(name, recovered and not lost, lost, seconds, found))
        say(f"  {name}: {found}; {lost} items lost")
    context = scene.context
    with phase("plan, which must be empty"):
        out = context.stack.folder / "drill.bin"
        empty = not context.runner.plan(out, context.variables, context.var_file)
    answers = smoke(context, scene.deployed) == 0
    passed = empty and answers and all(result.recovered for result in results)
    report = {
        "passed": passed,
        "environment": environment,
        "suffix": options.suffix,
        "quick": quick,
        "items": scene.records,
        "without_data": list(scene.without_data),
        "plan_empty_afterwards": empty,
        "smoke_passed_afterwards": answers,
        "seconds": round(time.monotonic() - started, 1),
        "drills": [asdict(result) for result in results],
    }
    path = write_report("drill", report)
    whole = sum(result.recovered for result in results)
    print(f"drill {'passed' if passed else 'FAILED'}: {whole} of {len(results)} parts recovered; see {shown(path)}")
    return 0 if passed else 1


def default_environment() -> str:
    """Return the first environment that is guarded: what is drilled is what would be missed.

    Raises:
        UsageError: none is.
    """
    environments = read_blueprint().environments
    found = next((name for name, one in environments.items() if one.guarded), None)
    if found is None:
        raise UsageError("ENV is not set and no environment is guarded", f"use one of: {', '.join(environments)}")
    return found


def _prepare(options: Options) -> Scene:
    ensure_running(options)
    context = open_context(options)
    if not is_bootstrapped(options, context.aws):
        bootstrap(options, context.aws)
    deploy(context)
    deployed = read_deployed(context)
    scripts = scripts_of(deployed)
    with phase("items to lose"):
        without = fill(deployed, scripts)
    for service in without:
        say(f"  {service} has no smoke steps that create and clean up: its data is not drilled")
    client = context.aws.client("dynamodb")
    before = {table: read_items(client, table) for table in deployed.tables}
    return Scene(context, deployed, scripts, before, without)


def _items(scene: Scene) -> tuple[str, bool]:
    """Damage items of every table, and go back to the second before, exactly."""
    if not scene.filled:
        return "no table holds anything", True
    client = scene.context.aws.client("dynamodb")
    time.sleep(1.1)  # a moment has whole seconds: this one lies behind every write so far
    now = datetime.now(UTC).replace(microsecond=0)
    requests = [_before_damage(scene, table, now) for table in scene.filled]
    hit = sum(damage.lose_items(client, table, sorted(scene.before[table])) for table in scene.filled)
    left = [one for request in requests for one in restore_tables(scene.context, request, confirmed=True).values()]
    for request in requests:
        if request.backup:
            client.delete_backup(BackupArn=request.backup)
    return f"{hit} of {scene.records} records were damaged", all(one.none for one in left)


def _before_damage(scene: Scene, table: Table, now: datetime) -> Request:
    """Return a request for a table as it is now: by its moment, where it has point-in-time recovery, else a backup."""
    if table.recoverable:
        return Request(What.TABLE, moment=now, mode=Mode.EXACT, table=table.name)
    backup = make_backup(scene.context.aws.client("dynamodb"), table.name, now)
    return Request(What.TABLE, backup=backup.arn, mode=Mode.EXACT, table=table.name)


def _table(scene: Scene) -> tuple[str, bool]:
    """Delete every table: made again by Terraform, filled from the backups."""
    if not scene.before:
        return "there is no table", True
    client, now = scene.context.aws.client("dynamodb"), datetime.now(UTC)
    backups = [make_backup(client, table.name, now) for table in scene.before]
    for table in scene.before:
        damage.delete_table(client, table.name)
    answered = scene.listings()
    deploy(scene.context)
    request = Request(What.TABLE, backup=moment_word(now), mode=Mode.EXACT)
    left = restore_tables(scene.context, request, confirmed=True)
    for backup in backups:
        client.delete_backup(BackupArn=backup.arn)
    return answered, all(one.none for one in left.values())


def _state_deleted(scene: Scene) -> tuple[str, bool]:
    damage.delete_state(scene.context.state)
    change = restore_state(scene.context, "last", confirmed=True)
    return f"the state forgot {len(change.added)} resources", scene.context.state.exists()


def _state_truncated(scene: Scene) -> tuple[str, bool]:
    damage.truncate_state(scene.context.state)
    change = restore_state(scene.context, "last", confirmed=True)
    return f"the state of {len(change.added)} resources could not be read", scene.context.state.exists()


def _alias(scene: Scene) -> tuple[str, bool]:
    """Move every alias by hand to a version that cannot start: the good one is released again, by its number.

    Not by a rollback: where nothing was ever released, nothing is remembered.
    """
    results = [_one_alias(scene, function) for function in scene.deployed.functions]
    return "; ".join(found for found, _ in results), all(good for _, good in results)


def _one_alias(scene: Scene, function: Function) -> tuple[str, bool]:
    context = scene.context
    if not function.package:
        return f"{function.name} was not deployed from a file and is left out", True
    release = open_release(context, guarded=False, steps=(Step(100, 0),), function=function.name)
    alias = release.fleet.alias(function.name)
    good, client = alias.pointer().version, context.aws.client("lambda")
    bad = damage.publish_broken(client, alias, function.handler, context.stack.root / function.package)
    answered = scene.health(function.service)
    release.forward(good)
    # As the newest version it would be what the next release takes.
    client.delete_function(FunctionName=function.name, Qualifier=bad)
    told = f"version {bad} of {function.name} answered {answered or 'no smoke step'}"
    return told, alias.pointer().version == good and scene.health(function.service) in (None, 200)


def _stage(scene: Scene) -> tuple[str, bool]:
    """Delete the stage: exported before, made again by Terraform, compared with the contracts."""
    context, now, deployed = scene.context, datetime.now(UTC), scene.deployed
    save_export(context, now)
    damage.delete_stage(context.aws.client("apigateway"), deployed.api_id, deployed.stage_name)
    answered = scene.listings()
    deploy(context)
    return answered, not save_export(context, now) and scene.answers()


Drill = Callable[[Scene], tuple[str, bool]]
QUICK: dict[str, Drill] = {
    "items damaged": _items,
    "state object deleted": _state_deleted,
    "state object truncated": _state_truncated,
    "alias moved": _alias,
}
"""Drills without an apply, by their line in docs/recovery.md."""

DRILLS: dict[str, Drill] = {**QUICK, "table deleted": _table, "stage deleted": _stage}
"""Every drill."""
