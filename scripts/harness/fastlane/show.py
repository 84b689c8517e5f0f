"""A shorter ``terraform show -json`` for plans that the stock CLI made: schemas from the cache, no provider.

Four fifths of that command are spent starting the provider and reading 1,500 schemas. Here a small server hands it
the schemas of the types in the plan. It starts beside the plan, on the other core, and costs the operator nothing;
whatever goes wrong with it, the stock command is run instead.
"""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from harness.base.errors import ToolError
from harness.fastlane import usage
from harness.fastlane.keeper import Keeper

#: The longest the short way may take to get ready after the plan: about what it can save.
PATIENCE_SECONDS = 3.0


class SchemaServer:
    """Serves schemas while a plan is made, then shows that plan.

    >>> with SchemaServer(provider, cache_dir, env) as schemas:  # doctest: +SKIP
    ...     ...  # terraform plan -out=plan.bin, with the lock verified
    ...     plan_json = schemas.show(terraform, plan_file, root, env)

    The first time on a machine it asks the provider itself for its schemas, and stores them.
    """

    def __init__(self, provider: Path, cache_dir: Path, env: Mapping[str, str]) -> None:
        """Args as for :class:`harness.fastlane.lane.Lane`; nothing is started yet."""
        self._provider, self._cache_dir, self._env = provider, cache_dir, env
        self._keeper: Keeper | None = None

    def __enter__(self) -> SchemaServer:
        try:
            self._keeper = Keeper(self._provider, self._cache_dir, self._env, mode="schema")
        except (ToolError, OSError):
            self._keeper = None  # show() then takes the stock way
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None

    def environment(self, plan_file: Path) -> dict[str, str]:
        """Variables that make ``terraform show`` of ``plan_file`` ask this server; empty when it cannot be asked."""
        if self._keeper is None:
            return {}
        try:
            types = usage.types_in_plan(plan_file)
            return {"TF_REATTACH_PROVIDERS": self._keeper.serve(types, seconds=PATIENCE_SECONDS), "GOGC": "off"}
        except (ToolError, OSError, zipfile.BadZipFile):
            return {}

    def show(self, terraform: Path | str, plan_file: Path, root: Path, env: Mapping[str, str]) -> bytes:
        """``terraform show -json`` of ``plan_file``, the short way or, when anything is off, the stock way.

        Args:
            terraform: the CLI's binary.
            plan_file: made by ``terraform plan -out``.
            root: the root module's folder.
            env: Terraform's whole environment, TF_DATA_DIR included.

        Raises:
            ToolError: the stock command failed, too.
        """
        command = [str(terraform), "show", "-json", str(plan_file.absolute())]
        short = self.environment(plan_file)
        for extra in (short, {}) if short else ({},):
            done = subprocess.run(command, cwd=root, env={**env, **extra}, capture_output=True, check=False)
            if done.returncode == 0:
                return done.stdout
        words = " ".join(done.stderr.decode(errors="replace").split())
        raise ToolError(f"terraform show -json {plan_file.name} failed: {words}", "make the plan again")
