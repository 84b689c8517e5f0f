"""A lane: ``validate``, ``plan`` and ``show`` by Terraform's own CLI, on one provider that stays alive in between."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from harness.errors import ToolError
from harness.fastlane import usage
from harness.fastlane.keeper import Keeper

#: A plan of this repository takes well under a second here; a provider that waits for an unreachable AWS would hang.
COMMAND_SECONDS = 300.0
#: The modules are other ones than at the last init.
_NOT_INITIALISED = re.compile(
    r"Module not installed|Module source has changed|Module version requirements have changed"
    r"|Backend initialization required"
)
#: A type is not in the schema that was served.
_TYPE_MISSING = re.compile(
    r"does not support (resource|data source|ephemeral resource)\b|no schema available|[Mm]issing resource schema"
)
#: Diagnostics that say something about the lane, not about the configuration.
_BROKEN = re.compile(
    r"Failed to load plugin schemas|Plugin error|Plugin did not respond|plugin crashed|fast lane:|= Unavailable desc"
)


class PlanRejected(ToolError):
    """Terraform refused the configuration. ``str()`` of it holds the diagnostics' text, unwrapped.

    Attributes:
        diagnostics: what Terraform printed, without colours and box characters.
    """

    def __init__(self, command: str, diagnostics: str) -> None:
        super().__init__(f"terraform {command} refused the configuration: {diagnostics}", "correct the configuration")
        self.diagnostics = diagnostics


class Lane:
    """One provider process and the Terraform commands that use it, one at a time.

    The provider starts with the first command and ends with :meth:`close`, or with this process however that ends.
    A lane may plan different roots one after another: each plan configures the provider anew. Plans that should run
    at the same time need lanes of their own (:mod:`harness.fastlane.pool`).
    """

    def __init__(self, terraform: Path | str, provider: Path, cache_dir: Path, env: Mapping[str, str]) -> None:
        """Nothing is started yet.

        Args:
            terraform: the CLI's binary.
            provider: the AWS provider's binary (:mod:`harness.fastlane.provider`).
            cache_dir: where the provider's schema is kept between runs, ``build/cache/fastlane``.
            env: the whole environment of Terraform and the provider (AWS_ENDPOINT_URL, AWS_REGION ... PATH, HOME);
                AWS_CA_BUNDLE is left out of it.
        """
        self._terraform, self._provider, self._cache_dir = str(terraform), provider, cache_dir
        self._env = {name: value for name, value in env.items() if name != "AWS_CA_BUNDLE"}
        self._lock = threading.Lock()
        self._keeper: Keeper | None = None
        self._initialised: set[Path] = set()
        self._refetched = False

    def __enter__(self) -> Lane:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the provider now, without waiting for it: several lanes then start side by side.

        Raises:
            ToolError: there is no such provider.
        """
        with self._lock:
            self._running()

    def close(self) -> None:
        """End the provider and remove everything the lane put anywhere. A later command starts it again."""
        with self._lock:
            self._end()

    def validate(self, root: Path) -> None:
        """``terraform validate``.

        Raises:
            PlanRejected: the configuration is not valid.
            ToolError: the lane itself failed.
        """
        with self._lock:
            self._command(root, ["validate", "-no-color"])

    def plan(
        self,
        root: Path,
        *,
        variables: Mapping[str, object] | None = None,
        out: Path | None = None,
        state: Path | None = None,
    ) -> bytes:
        """``terraform plan`` and ``terraform show -json`` of it; returns the latter's bytes.

        Args:
            root: the root module; nothing is written there. Its backend must be local (or none).
            variables: values of root variables; what is not a string is given as JSON.
            out: where to keep the plan file; by default it is not kept.
            state: a state file to plan against; by default ``root``'s own, if any.

        Raises:
            PlanRejected: the configuration or a value is refused.
            ToolError: the lane itself failed.
        """
        with self._lock:
            folder = self._running().folder
            plan_file = (out or folder / "plan.bin").absolute()
            options = [f"-var={name}={_value(value)}" for name, value in (variables or {}).items()]
            if state is not None:
                options.append(f"-state={state.absolute()}")
            command = ["plan", "-no-color", "-input=false", "-lock=false", f"-out={plan_file}", *options]
            states = [state or root / "terraform.tfstate"]
            self._command(root, command, states=states)
            return self._show(plan_file, root)

    def show(self, plan_file: Path, root: Path) -> bytes:
        """``terraform show -json`` of a saved plan.

        Raises:
            ToolError: it is no plan, or the lane failed.
        """
        with self._lock:
            return self._show(plan_file.absolute(), root)

    def _show(self, plan_file: Path, root: Path) -> bytes:
        return self._run(root, ["show", "-json", str(plan_file)], self._running().serve(usage.types_in_plan(plan_file)))

    def _command(self, root: Path, command: Sequence[str], states: Sequence[Path] = ()) -> None:
        """Run ``command``; initialise first where that has not happened or no longer fits."""
        if root not in self._initialised:
            self._init(root)
        try:
            self._attempt(root, command, states)
        except PlanRejected as rejected:
            if _NOT_INITIALISED.search(rejected.diagnostics):
                self._init(root)
                self._attempt(root, command, states)
            elif _TYPE_MISSING.search(rejected.diagnostics):
                self._with_every_type(root, command)
            else:
                raise

    def _attempt(self, root: Path, command: Sequence[str], states: Sequence[Path]) -> None:
        types = usage.types_in_root(root, self._data_dir(root)) | usage.types_in_files(states)
        self._run(root, command, self._running().serve(types))

    def _with_every_type(self, root: Path, command: Sequence[str]) -> None:
        """A last attempt on all the provider's types, asked of itself once: the refusal is then Terraform's own."""
        reattach = self._running().serve(None, refetch=not self._refetched)
        self._refetched = True
        self._run(root, command, reattach)

    def _init(self, root: Path) -> None:
        """List the modules; with the provider attached nothing is downloaded or hashed, and no lock file written."""
        reattach = self._running().serve(())
        self._run(root, ["init", "-no-color", "-input=false", "-lockfile=readonly", "-reconfigure"], reattach)
        self._initialised.add(root)

    def _data_dir(self, root: Path) -> Path:
        digest = hashlib.sha256(str(root.absolute()).encode()).hexdigest()[:12]
        return self._running().folder / f"data-{digest}"

    def _running(self) -> Keeper:
        """The server, started anew when it was ended or died."""
        if self._keeper is not None and not self._keeper.alive:
            self._end()
        if self._keeper is None:
            self._keeper = Keeper(self._provider, self._cache_dir, self._env)
        return self._keeper

    def _end(self) -> None:
        if self._keeper is not None:
            self._keeper.close()
        self._keeper = None
        self._initialised.clear()

    def _run(self, root: Path, command: Sequence[str], reattach: str) -> bytes:
        """One Terraform command.

        Raises:
            PlanRejected: Terraform refused; ToolError: it could not run, took too long, or lost the lane.
        """
        name = command[0]
        try:
            done = subprocess.run(
                [self._terraform, *command],
                cwd=root,
                env=self._env | self._settings(root) | {"TF_REATTACH_PROVIDERS": reattach},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=COMMAND_SECONDS,
                check=False,
            )
        except OSError as error:
            raise ToolError(f"terraform {name} could not run: {error}", "run make setup") from error
        except subprocess.TimeoutExpired as error:
            self._end()  # what the provider was doing is still going on
            late = f"terraform {name} took over {COMMAND_SECONDS:.0f} s"
            raise ToolError(late, "is AWS_ENDPOINT_URL answering?") from error
        if done.returncode == 0:
            return done.stdout
        text = _plain(done.stderr)
        if not self._running_still() or _BROKEN.search(text):
            self._end()
            raise ToolError(f"terraform {name} lost its provider: {text}", "run it again, or use the stock CLI")
        raise PlanRejected(name, text)

    def _running_still(self) -> bool:
        return self._keeper is not None and self._keeper.alive

    def _settings(self, root: Path) -> dict[str, str]:
        return {
            "TF_DATA_DIR": str(self._data_dir(root)),
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "GOGC": "off",  # a one-shot command with small schemas: collecting garbage costs more than it frees
        }


def _value(value: object) -> str:
    """A variable's value as ``-var`` takes it: strings as they are, the rest as JSON with templates escaped."""
    if isinstance(value, str):
        return value
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")


def _plain(output: bytes) -> str:
    """Diagnostics as one line of words, without Terraform's boxes and line breaks."""
    return " ".join(re.sub(r"[╷│╵]", " ", output.decode(errors="replace")).split())
