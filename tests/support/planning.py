"""Plans for the suite: made on a copy, without any AWS, each once a session, started as soon as they are known of.

Terraform runs on fast lanes (:mod:`harness.fastlane`), two side by side; that they plan what the stock CLI plans is
a test of its own (``tests/unit/fastlane/test_stock.py``). All accepted cases of a module are module calls of one root,
and so are all its rejected ones: an error's file names its call. Measured on 2 processors, in seconds:

    one plan of a root, stock CLI (init, plan, show)         5 to 7
    the account's root on a lane, started for it              0.9
    ``terraform test`` with a mocked provider, a case        0.5
    101 rejects, stock CLI, all in one root                  13 (validate 6, plan 6)
    100 rejects, a root a module, on two lanes               11, with the processors shared by eight other programs
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from tests.support.trees import copy_tree, facts_below, inputs_only

from harness.aws.offline import offline
from harness.base.paths import CACHE, REPO
from harness.facts import read_blueprint
from harness.fastlane.lane import Lane
from harness.fastlane.plan_cache import fingerprint, input_files
from harness.fastlane.pool import LanePool
from harness.fastlane.provider import locked_provider
from harness.inventory.document import Inventory, read_inventory
from harness.inventory.placeholders import Placeholders
from harness.plan import Plan, read_plan
from harness.terraform.binary import find_terraform, terraform_environment
from harness.terraform.sandbox import LOCK, lock_file

LANES = 2
Diagnostics = list[dict[str, Any]]
Made = TypeVar("Made", Plan, Diagnostics)


def rejections(lane: Lane, root: Path) -> Diagnostics:
    """List the errors of a batch: validations first, all at once; then preconditions of what passed those."""
    found = lane.errors(root, verbs=("validate",))
    calls = set(root.glob("*.tf.json"))
    refused = {file for file in calls if any(file.name == _file_of(one) for one in found)}
    for file in refused:
        file.unlink()
    return found + (lane.errors(root, verbs=("plan",), refresh=False) if calls - refused else [])


def _done(diagnostics: Diagnostics) -> Future[Diagnostics]:
    future: Future[Diagnostics] = Future()
    future.set_result(diagnostics)
    return future


def _file_of(diagnostic: dict[str, object]) -> str:
    place = diagnostic.get("range")
    return str(place["filename"]) if isinstance(place, dict) else ""


@dataclass(frozen=True, slots=True)
class Call:
    """One module call of a batch root.

    Attributes:
        key: its name in the batch.
        source: the module's folder, relative to the tree.
        variables: what it is given.
        outputs: outputs of the module to hand on as ``<key>__<output>``.
        given: resources that exist before the plan, by address inside the module, with what AWS gave them: a plan
            then shows what is made from them.
    """

    key: str
    source: str
    variables: Mapping[str, object]
    outputs: Sequence[str] = ()
    given: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def write_batch(sandbox: Path, name: str, calls: Sequence[Call]) -> str:
    """Write a root that makes all the calls, one file each, so that an error's file names its call."""
    root = sandbox / "envs" / name
    root.mkdir()
    shutil.copy(lock_file(sandbox), root / LOCK)
    for call in calls:
        source = call.source if call.source.startswith("modules/") else inputs_only(sandbox, call.source)
        module = {"source": f"../../{source}", **call.variables}
        outputs = {
            f"{call.key}__{output}": {"value": f"${{module.{call.key}.{output}}}", "sensitive": False}
            for output in call.outputs
        }
        content = {"module": {call.key: module}} | ({"output": outputs} if outputs else {})
        (root / f"{call.key}.tf.json").write_text(json.dumps(content, indent=1))
    write_state(root, [existing(call.key, address, given) for call in calls for address, given in call.given.items()])
    return f"envs/{name}"


def write_state(root: Path, resources: Sequence[Mapping[str, object]]) -> None:
    """Write a state file (format 4) that holds what a root is given."""
    head = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "given", "outputs": {}}
    (root / "terraform.tfstate").write_text(json.dumps({**head, "resources": list(resources)}))


def existing(call: str, address: str, attributes: Mapping[str, object]) -> dict[str, object]:
    """Write a resource as a state file has it; ``call`` is the module's name, empty for the root."""
    path, _, key = address.partition("[")
    kind, name = path.split(".")
    instance = {"schema_version": 0, "attributes": attributes}
    return ({"module": f"module.{call}"} if call else {}) | {
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [instance | ({"index_key": json.loads(key.removesuffix("]"))} if key else {})],
    }


@cache
def inventory_for(name: str) -> Inventory:
    """Read the inventory of a root; one that expects nothing when there is none."""
    file = REPO / "tests" / "envs" / f"{name}.yaml"
    if not file.exists():
        return Inventory()
    return read_inventory(Placeholders(read_blueprint(), name).fill(file.read_text()), file=file.name)


class Plans:
    """The session's plans. Asked for by key, made once, several at a time."""

    def __init__(self, scratch: Path, source: Path = REPO, *, lanes: int = LANES) -> None:
        """Nothing is planned yet.

        Args:
            scratch: an empty folder.
            source: the copy of the repository whose HCL is planned.
            lanes: how many plans are made at once.
        """
        self._source = source
        self._made: dict[str, Plan | Diagnostics] | None = None
        self._keep = False
        self.sandbox = scratch / "tree"
        self._changed = scratch / "changed"
        copy_tree(source, self.sandbox)
        self._plans: dict[str, Future[Plan]] = {}
        self._errors: dict[str, Future[Diagnostics]] = {}
        self._stack = ExitStack()
        # The stub first, so that it is stopped last: a provider without one retries for minutes.
        stub = self._stack.enter_context(offline())
        self.env = stub.environment() | terraform_environment(scratch / "data")
        cache, terraform = CACHE / "fastlane", find_terraform()
        provider = locked_provider(terraform, lock_file(source), cache, self.env)
        self._lanes = self._stack.enter_context(LanePool(terraform, provider, cache, self.env, lanes=lanes))
        self._pool = self._stack.enter_context(ThreadPoolExecutor(max_workers=lanes))

    def renew(self, *, keep: bool = False) -> None:
        """Forget all plans, as the source has changed, but kept ones whose every input is as it was.

        Args:
            keep: whether to keep those that are made until the next time: of a source that is come back to.
        """
        self._made, self._keep = {} if self._made is None else self._made, keep
        begun: list[Future[Any]] = [*self._plans.values(), *self._errors.values()]
        wait([future for future in begun if not future.cancel()])
        self._plans.clear()
        self._errors.clear()
        shutil.rmtree(self.sandbox)
        shutil.rmtree(self._changed, ignore_errors=True)
        copy_tree(self._source, self.sandbox)

    def environment(self, name: str, inventory: Inventory | None = None) -> Future[Plan]:
        """Return the plan of a root below ``envs/``, with the variables its inventory names (by default the tree's)."""
        if f"envs/{name}" not in self._plans:
            inventory = inventory or inventory_for(name)
            given = [existing("", address, attributes) for address, attributes in inventory.given.items()]
            write_state(self.sandbox / "envs" / name, given)
            return self._plan(f"envs/{name}", inventory.variables)
        return self._plan(f"envs/{name}")

    @contextmanager
    def changed(
        self, environment: str, change: Callable[[Path], None], variables: Mapping[str, object] | None = None
    ) -> Iterator[tuple[Path, Plan]]:
        """Yield a second copy of the tree after ``change`` was applied, and its plan of a root; undone at the end."""
        copy = self._changed
        if not copy.exists():
            copy_tree(self._source, copy)
        before = {file: file.read_bytes() for file in copy.rglob("*") if file.is_file()}
        try:
            change(copy)
            yield copy, self._make(copy / "envs" / environment, variables)
        finally:
            for file in copy.rglob("*"):
                if (file.is_file() or file.is_symlink()) and file not in before:
                    file.unlink()
            for file, content in before.items():
                file.write_bytes(content)

    def accepted(self, group: str, calls: Sequence[Call]) -> Future[Plan]:
        """Plan all accepted cases of a group at once."""
        if f"envs/accepted-{group}" not in self._plans:
            write_batch(self.sandbox, f"accepted-{group}", calls)
        return self._plan(f"envs/accepted-{group}")

    def rejected(self, group: str, calls: Sequence[Call]) -> Future[Diagnostics]:
        """Return the error diagnostics of all rejected cases of a group; a group may have none."""
        if not calls:
            return _done([])
        if group not in self._errors:
            root = self.sandbox / write_batch(self.sandbox, f"rejected-{group}", calls)
            self._errors[group] = self._pool.submit(self._reject, root)
        return self._errors[group]

    def _plan(self, folder: str, variables: Mapping[str, object] | None = None) -> Future[Plan]:
        if folder not in self._plans:
            self._plans[folder] = self._pool.submit(self._make, self.sandbox / folder, variables)
        return self._plans[folder]

    def _make(self, root: Path, variables: Mapping[str, object] | None) -> Plan:
        def make(lane: Lane) -> Plan:
            # Nothing exists but what a batch is given, and that in its state file alone: nothing to refresh from.
            return read_plan(lane.plan(root, variables=variables, refresh=False))

        return self._once(root, variables, make)

    def _reject(self, root: Path) -> Diagnostics:
        return self._once(root, None, lambda lane: rejections(lane, root))

    def _once(self, root: Path, variables: object, make: Callable[[Lane], Made]) -> Made:
        """Return the result for a root, made on a lane or of the very same files before :meth:`renew`."""
        read = set() if self._made is None else {*input_files(root), *facts_below(root.parents[1])}
        key = fingerprint(root, read, [root.name, variables])
        if self._made is not None and key in self._made:
            return cast(Made, self._made[key])
        with self._lanes.lane() as lane:
            made = make(lane)
        if self._made is not None and self._keep:
            self._made[key] = made
        return made

    def close(self) -> None:
        """Drop what has not begun, wait for the rest, then stop the providers and the stub."""
        self._pool.shutdown(cancel_futures=True)
        self._stack.close()
