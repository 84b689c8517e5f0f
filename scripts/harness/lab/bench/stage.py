"""The copy of the tree that everything is measured on, and both ways to plan there."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from harness.aws.offline import offline
from harness.base.paths import CACHE, CHECKOV_VENV, REPO
from harness.facts import read_blueprint
from harness.fastlane.command import run
from harness.fastlane.provider import locked_provider
from harness.inventory.document import Loader
from harness.scan.plans import copy_tree
from harness.terraform.binary import find_terraform, terraform_environment
from harness.terraform.sandbox import LOCK, keep_state_local, lock_file

#: The usual settings of a naive pipeline: what the harness adds for speed is taken away.
_OURS = ("GOGC",)


class _Cases(Loader):
    """Loader of module cases, in which ``!text`` makes a mapping the text of a JSON document."""


def _text(loader: _Cases, node: yaml.MappingNode) -> str:
    return json.dumps(loader.construct_mapping(node, deep=True))


_Cases.add_constructor("!text", _text)


@dataclass(frozen=True, slots=True)
class Stage:
    """The place and the tools of a measurement."""

    tree: Path
    terraform: Path
    provider: Path
    env: Mapping[str, str]
    names: tuple[str, ...]

    @property
    def cache_dir(self) -> Path:
        """The lane's caches, warm as on any day but the first."""
        return CACHE / "fastlane"

    def root(self, name: str) -> Path:
        """Return a root below ``envs/`` of the copy."""
        return self.tree / "envs" / name

    def plan_file(self, name: str) -> Path:
        """Return the path of the stock CLI's plan of a root."""
        return self.tree / f"{name}.bin"

    def stock(self, name: str, *command: str, settings: Mapping[str, str] | None = None) -> bytes:
        """Run one stock Terraform command in a root.

        Raises:
            ToolError: it failed.
        """
        usual = {key: value for key, value in self.env.items() if key not in _OURS}
        data = {"TF_DATA_DIR": str(self.tree / f"data-{name}")}
        return run(str(self.terraform), command, self.root(name), {**usual, **data, **(settings or {})})

    def init(self, name: str) -> None:
        """Run the stock ``init``, lock verified."""
        self.stock(name, "init", "-lockfile=readonly", "-no-color")

    def plan(self, name: str, **settings: str) -> None:
        """Run the stock ``plan`` and keep it."""
        self.stock(name, "plan", "-lock=false", "-no-color", f"-out={self.plan_file(name)}", settings=settings)

    def show(self, name: str, **settings: str) -> bytes:
        """Run the stock ``show -json`` of the kept plan."""
        return self.stock(name, "show", "-json", str(self.plan_file(name)), settings=settings)

    def json_file(self, name: str) -> Path:
        """Return the path at which the JSON of the plan is kept for checkov."""
        return self.tree / f"naive-{name}.json"

    def checkov(self, name: str) -> None:
        """Run checkov's own command on a root's plan JSON, as its documentation has it."""
        options = [
            "-f",
            str(self.json_file(name)),
            "--framework",
            "terraform_plan",
            "--quiet",
            "--compact",
            "--soft-fail",
        ]
        checkov = str(CHECKOV_VENV / "bin" / "checkov")
        run(checkov, [*options, "--skip-download", "--skip-results-upload"], self.tree, self.env)


@contextmanager
def stage(tree: Path) -> Iterator[Stage]:
    """Copy the repository into ``tree`` (an empty folder) and initialise every environment there.

    Raises:
        ToolError: Terraform or the provider is missing.
    """
    copy_tree(REPO, tree)
    with offline() as stub:
        env = stub.environment() | terraform_environment(tree / "data")
        terraform = find_terraform()
        provider = locked_provider(terraform, lock_file(tree), CACHE / "fastlane", env)
        ready = Stage(tree, terraform, provider, env, tuple(read_blueprint(REPO).environments))
        for name in ready.names:
            keep_state_local(ready.root(name))
            ready.init(name)
        yield ready


def module_roots(tree: Path) -> list[str]:
    """Write a root for the first accepted case of every module, as a naive test suite would, and name them."""
    names = []
    for cases in sorted((REPO / "tests" / "modules").glob("*/cases.yaml")):
        document = yaml.load(cases.read_text(), _Cases)  # noqa: S506 - a SafeLoader
        case = next(iter(document["accepts"].values()))
        call = {"source": f"../../{document['source']}", **document.get("base", {}), **case.get("vars", {})}
        name = f"bench-{cases.parent.name}"
        root = tree / "envs" / name
        root.mkdir()
        (root / "main.tf.json").write_text(json.dumps({"module": {"this": call}}))
        shutil.copyfile(lock_file(tree), root / LOCK)
        names.append(name)
    return names
