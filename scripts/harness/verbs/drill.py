"""``make drill``: destroy a deployment on the local AWS piece by piece, bring each back, prove it, measure.

``QUICK=1`` leaves out what needs an apply (table, stage): short enough for every test run.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import urllib3

from harness.aws.smoke import Api
from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.paths import shown
from harness.base.progress import phase, say
from harness.base.results import write_report
from harness.operate.recovery import damage
from harness.operate.recovery.copies import make_backup, table_name
from harness.operate.recovery.items import Items, compare, read_items
from harness.operate.recovery.request import Mode, Request, What
from harness.operate.release import Step
from harness.operate.stage_export import save_export
from harness.terraform.context import Context, open_context
from harness.verbs.bootstrap import bootstrap, is_bootstrapped
from harness.verbs.outputs import Outputs, read_outputs
from harness.verbs.release import open_release
from harness.verbs.restore import restore_state, restore_table
from harness.verbs.smoke import smoke
from harness.verbs.up import deploy, ensure_running

_ITEMS = 12


@dataclass(frozen=True, slots=True)
class Result:
    """What one drill showed.

    Attributes:
        name: its line in docs/recovery.md.
        recovered: whether everything is as it was.
        items_lost: items that are gone or differ from before the damage.
        seconds: from the damage to the proof, on this machine.
        found: what the damage looked like, in words.
    """

    name: str
    recovered: bool
    items_lost: int
    seconds: float
    found: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What a drill works on.

    Attributes:
        context: the stack.
        outputs: its addresses.
        before: every record of the table before any damage.
    """

    context: Context
    outputs: Outputs
    before: Items

    @property
    def table(self) -> str:
        """Name of the table."""
        return table_name(self.context.stack)

    def lost(self) -> int:
        """Records that differ from before."""
        left = compare(read_items(self.context.aws.client("dynamodb"), self.table), self.before, time.time())
        return len(left.missing) + len(left.changed) + len(left.later)

    def health(self) -> int:
        """Status of GET /health."""
        return Api(self.outputs.base_url, self.outputs.api_key).call("GET", "/health").status


def run(options: Options) -> int:
    """Run the drills; exit 1 when one of them did not bring everything back."""
    damage.require_local(options.target)
    environment, quick = options.environment or "prod", os.environ.get("QUICK", "") == "1"
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
    empty = _plan_is_empty(scene.context)
    answers = smoke(scene.context, scene.outputs) == 0
    passed = empty and answers and all(result.recovered for result in results)
    report = {
        "passed": passed,
        "environment": environment,
        "suffix": options.suffix,
        "quick": quick,
        "items": len(scene.before),
        "plan_empty_afterwards": empty,
        "smoke_passed_afterwards": answers,
        "seconds": round(time.monotonic() - started, 1),
        "drills": [asdict(result) for result in results],
    }
    path = write_report("drill", report)
    whole = sum(result.recovered for result in results)
    print(f"drill {'passed' if passed else 'FAILED'}: {whole} of {len(results)} parts recovered; see {shown(path)}")
    return 0 if passed else 1


def _prepare(options: Options) -> Scene:
    ensure_running(options)
    context = open_context(options)
    if not is_bootstrapped(options, context.aws):
        bootstrap(options, context.aws)
    deploy(context)
    outputs = read_outputs(context)
    with phase("items to lose"):
        _seed(Api(outputs.base_url, outputs.api_key))
    return Scene(context, outputs, read_items(context.aws.client("dynamodb"), table_name(context.stack)))


def _seed(api: Api) -> None:
    """Make items with idempotency keys, and delete some, so that records of keys without an item are there, too."""
    for number in range(_ITEMS):
        answer = _sent(api, {"name": f"drill {number}"})
        if number % 4 == 0:
            api.call("DELETE", f"/items/{answer}")


def _sent(api: Api, body: dict[str, str]) -> str:
    headers = {"x-api-key": api.api_key, "idempotency-key": str(uuid.uuid4())}
    reply = urllib3.request("POST", f"{api.base_url}/items", json=body, headers=headers, retries=False, timeout=35)
    if reply.status != 201:
        raise HarnessError(f"POST /items was answered {reply.status}", "make smoke shows more")
    return str(reply.json()["id"])


def _items(scene: Scene) -> tuple[str, bool]:
    """Items deleted, overwritten and added: back to the second before, exactly."""
    client = scene.context.aws.client("dynamodb")
    time.sleep(1.1)  # a moment has whole seconds: this one lies behind every write so far
    moment = datetime.now(UTC).replace(microsecond=0)
    hit = damage.lose_items(client, scene.table, sorted(scene.before))
    request = Request(What.TABLE, moment=moment, mode=Mode.EXACT)
    left = restore_table(scene.context, request, confirmed=True)
    return f"{hit} of {len(scene.before)} records were damaged", left.none


def _table(scene: Scene) -> tuple[str, bool]:
    """The table deleted: made again by Terraform, filled from the backup."""
    client = scene.context.aws.client("dynamodb")
    backup = make_backup(client, scene.table, datetime.now(UTC))
    damage.delete_table(client, scene.table)
    answered = Api(scene.outputs.base_url, scene.outputs.api_key).call("GET", "/items").status
    deploy(scene.context)
    left = restore_table(scene.context, Request(What.TABLE, backup=backup.name, mode=Mode.EXACT), confirmed=True)
    client.delete_backup(BackupArn=backup.arn)
    return f"GET /items was answered {answered}", left.none


def _state_deleted(scene: Scene) -> tuple[str, bool]:
    damage.delete_state(scene.context.state)
    change = restore_state(scene.context, "last", confirmed=True)
    return f"the state forgot {len(change.added)} resources", scene.context.state.exists()


def _state_truncated(scene: Scene) -> tuple[str, bool]:
    damage.truncate_state(scene.context.state)
    change = restore_state(scene.context, "last", confirmed=True)
    return f"the state of {len(change.added)} resources could not be read", scene.context.state.exists()


def _alias(scene: Scene) -> tuple[str, bool]:
    """The alias moved by hand to a version that cannot start: the good one is released again, by its number.

    Not by a rollback: where nothing was ever released, nothing is remembered.
    """
    context = scene.context
    release = open_release(context, guarded=False, steps=(Step(100, 0),))
    good = release.alias.pointer().version
    client, function = context.aws.client("lambda"), scene.outputs.function_name
    bad = damage.publish_broken(client, function, release.alias)
    answered = scene.health()
    release.forward(good)
    # As the newest version it would be what the next release takes.
    client.delete_function(FunctionName=function, Qualifier=bad)
    return f"version {bad} answered {answered}", release.alias.pointer().version == good and scene.health() == 200


def _stage(scene: Scene) -> tuple[str, bool]:
    """The stage deleted: exported before, made again by Terraform, compared with the contract."""
    context, now = scene.context, datetime.now(UTC)
    outputs = context.state.outputs()
    save_export(context, now)
    damage.delete_stage(context.aws.client("apigateway"), str(outputs["rest_api_id"]), str(outputs["stage_name"]))
    answered = scene.health()
    deploy(context)
    same = not save_export(context, now)
    listed = Api(scene.outputs.base_url, scene.outputs.api_key).call("GET", "/items").status
    return f"GET /health was answered {answered}", same and listed == 200


def _plan_is_empty(context: Context) -> bool:
    with phase("plan, which must be empty"):
        return not context.runner.plan(context.stack.folder / "drill.bin", context.variables, context.var_file)


Drill = Callable[[Scene], tuple[str, bool]]
QUICK: dict[str, Drill] = {
    "items damaged": _items,
    "state object deleted": _state_deleted,
    "state object truncated": _state_truncated,
    "alias moved": _alias,
}
"""Drills without an apply, by their line in docs/recovery.md."""

DRILLS: dict[str, Drill] = {
    **QUICK,
    "table deleted": _table,
    "stage deleted": _stage,
}
"""Every drill."""
