"""Plans for the suite: made on a copy, without any AWS, each once a session, started as soon as they are known of.

Measured on 2 cores with the stock Terraform: one plan of a root (init, plan, show) 5-6 s; ``terraform test`` with a
mocked provider 0.5 s a case; all rejects as module calls of one root 2.2 s together, whatever their number; all
accepts of all modules in one root about as long as one plan. So every accepted case is a module call in one batch
root, every rejected one a module call in another. Only rejects that no validation catches (preconditions) need a
plan, and share one as well.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import tftest

from harness.errors import ToolError
from harness.offline import offline
from harness.paths import REPO
from harness.plan import Plan, read_plan
from harness.process import run
from harness.toolchain import find_terraform, terraform_environment

ZIP = Path("build/bundle/items.zip")
CONTRACT = Path("lambda/items/openapi.yaml")
LOCK = ".terraform.lock.hcl"
_IMPORT = re.compile(r"^import \{.*?^\}$", re.DOTALL | re.MULTILINE)
_BACKEND = 'terraform {\n  backend "local" {}\n}\n'


@dataclass(frozen=True, slots=True)
class Planner:
    """Runs Terraform on folders of a sandbox; the one place to put a faster lane in.

    Attributes:
        sandbox: copy of the tree, made by :func:`copy_tree`.
        environment: Terraform's and AWS's variables (the offline stub).
    """

    sandbox: Path
    environment: Mapping[str, str]

    def plan(self, folder: str, variables: Mapping[str, str]) -> bytes:
        """Plan JSON of a folder. Raises :class:`ToolError` with Terraform's own words when it rejects it."""
        test = self._prepared(folder)
        settings = [f"-var={name}={value}" for name, value in variables.items()]
        # Nothing exists, so there is nothing to read; what a batch is given exists in its state file alone.
        flags = ("-input=false", "-no-color", "-lock=false", "-refresh=false", "-out=plan.bin")
        try:
            test.execute_command("plan", *flags, *settings)
        except tftest.TerraformTestError as error:
            raise ToolError(f"{folder} cannot be planned:\n{str(error.args[-1]).strip()}", "correct the HCL") from error
        return str(test.execute_command("show", "-no-color", "-json", "plan.bin").out).encode()

    def rejections(self, folder: str) -> list[dict[str, object]]:
        """Error diagnostics of a batch: validations first, all at once; then preconditions of what passed those."""
        test = self._prepared(folder)
        found = self._diagnostics(test, "validate")
        calls = set((self.sandbox / folder).glob("*.tf.json"))
        refused = {file for file in calls if any(file.name == _file_of(one) for one in found)}
        for file in refused:
            file.unlink()
        return found + (self._diagnostics(test, "plan") if calls - refused else [])

    def _prepared(self, folder: str) -> tftest.TerraformTest:
        root = self.sandbox / folder
        test = tftest.TerraformTest(str(root), binary=str(find_terraform()))
        # tftest lays its env over the process's; ours must replace it, or the user's AWS settings leak in.
        data = terraform_environment(self.sandbox / "data" / folder.replace("/", "-"))
        test.env = {**self.environment, **data}
        test.setup(cleanup_on_exit=False, lockfile="readonly")
        return test

    def _diagnostics(self, test: tftest.TerraformTest, verb: str) -> list[dict[str, object]]:
        done = run([test.binary, verb, "-json", "-no-color"], cwd=Path(test.tfdir), env=test.env, accept=(0, 1))
        if verb == "validate":
            found = json.loads(done.stdout)["diagnostics"]
        else:
            lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
            found = [line["diagnostic"] for line in lines if line["type"] == "diagnostic"]
        return [one for one in found if one["severity"] == "error"]


def _file_of(diagnostic: dict[str, object]) -> str:
    place = diagnostic.get("range")
    return str(place["filename"]) if isinstance(place, dict) else ""


def copy_tree(source: Path, sandbox: Path) -> None:
    """Copy what a plan reads, in the same relative places; the zip is a stand-in, local state the backend."""
    ignore = shutil.ignore_patterns(".terraform", "*.tfstate*")
    for name in ("envs", "modules"):
        shutil.copytree(source / name, sandbox / name, ignore=ignore)
    for file in (CONTRACT, ZIP):
        (sandbox / file).parent.mkdir(parents=True)
    shutil.copy(source / CONTRACT, sandbox / CONTRACT)
    # A fixed date: the zip's hash stands in the inventories.
    with zipfile.ZipFile(sandbox / ZIP, "w") as bundle:
        bundle.writestr(zipfile.ZipInfo("items/handler.py", (2020, 1, 1, 0, 0, 0)), "")
    for root in (sandbox / "envs").iterdir():
        (root / "backend_override.tf").write_text(_BACKEND)
        for file in root.glob("*.tf"):
            # Adopting what exists needs an account to read it from.
            file.write_text(_IMPORT.sub("", file.read_text()))


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
    shutil.copy(sandbox / "envs" / "dev" / LOCK, root / LOCK)
    for call in calls:
        module = {"source": f"../../{call.source}", **call.variables}
        outputs = {
            f"{call.key}__{output}": {"value": f"${{module.{call.key}.{output}}}", "sensitive": False}
            for output in call.outputs
        }
        content = {"module": {call.key: module}} | ({"output": outputs} if outputs else {})
        (root / f"{call.key}.tf.json").write_text(json.dumps(content, indent=1))
    (root / "terraform.tfstate").write_text(json.dumps(_state(calls)))
    return f"envs/{name}"


def _state(calls: Sequence[Call]) -> dict[str, object]:
    """A state file (format 4) that holds what the calls are given."""
    resources = [
        _existing(call.key, address, attributes) for call in calls for address, attributes in call.given.items()
    ]
    head = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "given", "outputs": {}}
    return {**head, "resources": resources}


def _existing(call: str, address: str, attributes: Mapping[str, object]) -> dict[str, object]:
    path, _, key = address.partition("[")
    kind, name = path.split(".")
    instance = {"schema_version": 0, "attributes": attributes}
    return {
        "module": f"module.{call}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [instance | ({"index_key": json.loads(key.removesuffix("]"))} if key else {})],
    }


class Plans:
    """The session's plans. Asked for by key, made once, several at a time."""

    def __init__(self, scratch: Path, source: Path = REPO) -> None:
        self._stack = ExitStack()
        self._scratch = scratch
        self._source = source
        self._futures: dict[str, Future[Plan]] = {}
        self._errors: dict[str, Future[list[dict[str, object]]]] = {}
        self._planner: Planner | None = None
        # The stub first, so that it is stopped last: a provider without one retries for minutes.
        self._stub = self._stack.enter_context(offline())
        self._pool = self._stack.enter_context(ThreadPoolExecutor(max_workers=3))

    def environment(self, name: str) -> Future[Plan]:
        """The plan of a root below ``envs/``, with its default variables."""
        return self._plan(name, f"envs/{name}", {})

    def accepted(self, calls: Sequence[Call]) -> Future[Plan]:
        """One plan of all accepted cases."""
        if "accepted" not in self._futures:
            write_batch(self.planner.sandbox, "accepted", calls)
        return self._plan("accepted", "envs/accepted", {})

    def rejected(self, name: str, calls: Sequence[Call]) -> Future[list[dict[str, object]]]:
        """Error diagnostics of a batch of rejected cases."""
        if name not in self._errors:
            folder = write_batch(self.planner.sandbox, name, calls)
            self._errors[name] = self._pool.submit(self.planner.rejections, folder)
        return self._errors[name]

    @property
    def planner(self) -> Planner:
        """The planner over this session's sandbox, made when first needed."""
        if self._planner is None:
            sandbox = self._scratch / "tree"
            sandbox.mkdir()
            copy_tree(self._source, sandbox)
            self._planner = Planner(sandbox, self._stub.environment())
        return self._planner

    def _plan(self, key: str, folder: str, variables: Mapping[str, str]) -> Future[Plan]:
        if key not in self._futures:
            planner = self.planner
            self._futures[key] = self._pool.submit(lambda: read_plan(planner.plan(folder, variables)))
        return self._futures[key]

    def close(self) -> None:
        """Wait for what runs, then stop the stub."""
        self._pool.shutdown(cancel_futures=True)
        self._stack.close()
