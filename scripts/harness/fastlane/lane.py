"""A lane: ``validate``, ``plan`` and ``show`` by Terraform's own CLI, on one provider that stays alive in between."""

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from harness.base.errors import ToolError
from harness.fastlane import usage
from harness.fastlane.command import SETTINGS, Cause, CommandTimeout, PlanRejected, errors, run, variable
from harness.fastlane.keeper import Keeper

STATE = "terraform.tfstate"


class Lane:
    """One provider process and the Terraform commands that use it, one at a time.

    The provider starts with the first command and ends with :meth:`close`, or with this process however that ends.
    A lane may plan different roots one after another: each plan configures the provider anew. Plans that should run
    at the same time need lanes of their own (:mod:`harness.fastlane.pool`).
    """

    def __init__(self, terraform: Path | str, provider: Path, cache_dir: Path, env: Mapping[str, str]) -> None:
        """Keep what a provider is started with; nothing is started yet.

        Args:
            cache_dir: where the provider's schema is kept between runs, ``build/cache/fastlane``.
            env: the whole environment of Terraform and the provider (AWS_ENDPOINT_URL, AWS_REGION ... PATH, HOME);
                the provider does not get AWS_CA_BUNDLE.
        """
        self._terraform, self._provider, self._cache_dir = str(terraform), provider, cache_dir
        self._env = dict(env)
        self._lock = threading.Lock()
        self._keeper: Keeper | None = None
        self._initialised: set[Path] = set()
        self._refetched = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
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
        """Run ``terraform validate``.

        Raises:
            PlanRejected: the configuration is not valid.
            ToolError: the lane itself failed.
        """
        with self._lock:
            self._command(root, ["validate", "-no-color"])

    def errors(
        self,
        root: Path,
        *,
        verbs: Sequence[str] = ("validate", "plan"),
        variables: Mapping[str, object] | None = None,
        refresh: bool = True,
    ) -> list[dict[str, Any]]:
        """List the error diagnostics (summary, detail, range ...) of the first of ``verbs`` that has any.

        Raises:
            PlanRejected: ``terraform init`` already refuses it.
            ToolError: the lane itself failed.
        """
        options = {"validate": [], "plan": _plan_options(variables, refresh)}
        with self._lock:
            for verb in verbs:
                try:
                    self._command(root, [verb, "-json", *options[verb]])
                except PlanRejected as rejected:
                    if found := errors(rejected.output):
                        return found
                    raise  # init refused it, which has no JSON
        return []

    def plan(self, root: Path, *, variables: Mapping[str, object] | None = None, refresh: bool = True) -> bytes:
        """Run ``terraform plan`` and ``terraform show -json`` of it; return the latter's bytes.

        Args:
            root: the root module; nothing is written there. Its backend must be local (or none); it is planned against
                the state file beside it, if any.
            variables: values of root variables; what is not a string is given as JSON.
            refresh: whether to read what is in the state from AWS first.

        Raises:
            PlanRejected: the configuration or a value is refused.
            ToolError: the lane itself failed.
        """
        with self._lock:
            plan_file = self._running().folder / "plan.bin"
            self._command(root, ["plan", "-no-color", f"-out={plan_file}", *_plan_options(variables, refresh)])
            return self._run(root, ["show", "-json", str(plan_file)], self._serve(usage.types_in_plan(plan_file)))

    def _command(self, root: Path, command: Sequence[str]) -> None:
        """Run ``command``; initialise first where that has not happened or no longer fits."""
        if root not in self._initialised:
            self._init(root)
        try:
            self._attempt(root, command)
        except PlanRejected as rejected:
            if rejected.cause is Cause.NOT_INITIALISED:
                self._init(root)
                self._attempt(root, command)
            elif rejected.cause is Cause.TYPE_MISSING:
                self._with_every_type(root, command)
            else:
                raise

    def _attempt(self, root: Path, command: Sequence[str]) -> None:
        types = usage.types_in_root(root, self._data_dir(root)) | usage.types_in_files([root / STATE])
        self._run(root, command, self._serve(types))

    def _with_every_type(self, root: Path, command: Sequence[str]) -> None:
        """Try a last time with all types of the provider, asked anew once: the refusal is then Terraform's own."""
        reattach = self._serve(None, refetch=not self._refetched)
        self._refetched = True
        self._run(root, command, reattach)

    def _init(self, root: Path) -> None:
        """List the modules; with the provider attached nothing is downloaded or hashed, and no lock file written."""
        reattach = self._serve(())
        self._run(root, ["init", "-no-color", "-input=false", "-lockfile=readonly", "-reconfigure"], reattach)
        self._initialised.add(root)

    def _data_dir(self, root: Path) -> Path:
        digest = hashlib.sha256(str(root.absolute()).encode()).hexdigest()[:12]
        return self._running().folder / f"data-{digest}"

    def _running(self) -> Keeper:
        """Return the server, started anew when it was ended or died."""
        if self._keeper is not None and not self._keeper.alive:
            self._end()
        if self._keeper is None:
            self._keeper = Keeper(self._provider, self._cache_dir, self._env)
        return self._keeper

    def _serve(self, types: Iterable[str] | None, *, refetch: bool = False) -> str:
        """Begin a command; a server that cannot is ended, and the next command starts another."""
        try:
            return self._running().serve(types, refetch=refetch)
        except ToolError:
            self._end()
            raise

    def _end(self) -> None:
        if self._keeper is not None:
            self._keeper.close()
        self._keeper = None
        self._initialised.clear()

    def _run(self, root: Path, command: Sequence[str], reattach: str) -> bytes:
        """Run a Terraform command on this lane's provider; after trouble with that, the next starts another one."""
        settings = {"TF_DATA_DIR": str(self._data_dir(root)), "TF_REATTACH_PROVIDERS": reattach}
        try:
            return run(self._terraform, command, root, {**self._env, **SETTINGS, **settings})
        except CommandTimeout:
            self._end()  # what the provider was doing is still going on
            raise
        except PlanRejected as rejected:
            if rejected.cause is not Cause.LANE and self._keeper is not None and self._keeper.alive:
                raise
            self._end()
            lost = f"terraform {command[0]} lost its provider: {rejected.diagnostics}"
            raise ToolError(lost, "run it again, or plan with the stock CLI") from rejected


def _plan_options(variables: Mapping[str, object] | None, refresh: bool) -> list[str]:
    given = [variable(name, value) for name, value in (variables or {}).items()]
    return ["-input=false", "-lock=false", *(() if refresh else ("-refresh=false",)), *given]
