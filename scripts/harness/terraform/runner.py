"""The operators' way to run Terraform: python-terraform, fenced into this module.

python-terraform takes the process environment, builds its command from whatever method name it is given and reports
failures as a return code (docs/pitfalls.md). So: only the commands below, explicit flags, output to files (a killed
harness must not break Terraform's pipe and with it the apply), and every non-zero code an exception.
"""

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from python_terraform import IsFlagged, Terraform

from harness.base.errors import ToolError
from harness.base.refusals import NOT_THE_LOCKED_ONE, OTHER_PROVIDER, cause_in, remedy, told

PLAN_UNCHANGED = 0
PLAN_CHANGED = 2

_STUCK = "wait for that run to end; if it is dead see docs/runbooks/stuck-lock.md"
_RESTORE = "make restore WHAT=state brings it back"
# Signs in what Terraform prints, with (what is wrong, what to do) in place of it.
_KNOWN: tuple[tuple[str, tuple[str, str]], ...] = (
    (
        "into LockInfo struct",
        (
            "the state is locked, and its lock is empty or torn: nobody can tell who holds it",
            "see docs/runbooks/stuck-lock.md: when it is certain that nothing runs, delete the lock",
        ),
    ),
    ("Lock Info:", ("the state is locked", "wait for the other run to end")),
    ("Saved plan is stale", ("the saved plan is stale: the state changed since it was made", "run make plan again")),
    ("The state file uses format version", ("another Terraform wrote the state", f"use that one; or {_RESTORE}")),
    ("Unsupported state file format", ("the state is damaged", _RESTORE)),
    ("Invalid state file format", ("the state is damaged", _RESTORE)),
    (OTHER_PROVIDER, NOT_THE_LOCKED_ONE),
)


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs Terraform in one root with one environment.

    Attributes:
        check_state: raises when there is no planning against the state: Terraform takes an empty one for none, and
            would make everything once more.
    """

    binary: Path
    root: Path
    env: Mapping[str, str]
    check_state: Callable[[], object] = bool

    def init(self, backend_config: Mapping[str, str], backend_file: Path) -> None:
        """``terraform init`` with the committed lock file verified, never rewritten.

        Raises:
            ToolError: the provider cannot be had, its checksum differs, or the state bucket is not reachable.
        """
        self.check_state()
        pairs = [f"{key}={value}" for key, value in backend_config.items()]
        config = [str(backend_file), *pairs]
        self._run("init", backend_config=config, reconfigure=IsFlagged, input=False, lockfile="readonly")

    def plan(
        self,
        out: Path,
        variables: Mapping[str, str],
        var_file: Path | None = None,
        *,
        destroy: bool = False,
        replace: Sequence[str] = (),
    ) -> bool:
        """``terraform plan -out``; returns whether anything would change.

        Raises:
            ToolError: the configuration is rejected, the state is locked, or AWS refuses.
        """
        more: dict[str, object] = {"destroy": IsFlagged} if destroy else {}
        return self._plan(out, variables, var_file, **more, **({"replace": list(replace)} if replace else {}))

    def refresh_only(self, out: Path, variables: Mapping[str, str], var_file: Path | None = None) -> bool:
        """``terraform plan -refresh-only``; returns whether the account differs from the state.

        Raises:
            ToolError: as for :meth:`plan`.
        """
        return self._plan(out, variables, var_file, refresh_only=IsFlagged)

    def show(self, plan: Path) -> bytes:
        """``terraform show -json`` of a saved plan.

        Raises:
            ToolError: the file is not a plan of this Terraform version.
        """
        return self._run("show", str(plan), json=IsFlagged)[1].encode()

    def apply(self, plan: Path) -> str:
        """``terraform apply`` of a saved plan; returns what it printed.

        Raises:
            ToolError: a resource failed, the plan is stale, or the state is locked.
        """
        return self._run("apply", str(plan), input=False)[1]

    def force_unlock(self, lock_id: str) -> None:
        """Remove a state lock whose holder is known to be dead.

        Raises:
            ToolError: there is no such lock.
        """
        self._run("force-unlock", lock_id, force=IsFlagged)

    def forget(self, addresses: Sequence[str]) -> None:
        """``terraform state rm``: drop addresses from the state and leave alone what they name.

        Raises:
            ToolError: one of them is not in the state, or the state is locked.
        """
        self._run("state rm", *addresses)

    def _plan(self, out: Path, variables: Mapping[str, str], var_file: Path | None, **options: object) -> bool:
        self.check_state()
        if var_file is not None:
            options["var_file"] = str(var_file)
        options |= {"input": False, "var": [f"{key}={value}" for key, value in variables.items()], "out": str(out)}
        accept = (PLAN_UNCHANGED, PLAN_CHANGED)
        return self._run("plan", accept=accept, detailed_exitcode=IsFlagged, **options)[0] == PLAN_CHANGED

    def _run(self, command: str, *args: str, accept: tuple[int, ...] = (0,), **options: Any) -> tuple[int, str]:
        terraform = Terraform(working_dir=str(self.root), terraform_bin_path=str(self.binary))
        if command != "show":
            options["no_color"] = IsFlagged
        with _utf8_file() as out, _utf8_file() as err, _environment(self.env):
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code, _, _ = terraform.cmd(command, *args, capture_output=False, **options)
            printed, problems = _content(out), _content(err)
        if code not in accept:
            raise ToolError(*diagnose(command, problems or printed, self.root))
        return code, printed


def diagnose(command: str, text: str, root: Path) -> tuple[str, str]:
    """Turn Terraform's diagnostics into (what went wrong, what to do)."""
    flat = re.sub(r"^[╷│╵ \t]+", "", text, flags=re.MULTILINE)
    lock = dict(re.findall(r"^(ID|Operation|Who|Created):\s+(.+?)\s*$", flat, re.MULTILINE))
    if "Error acquiring the state lock" in flat and "ID" in lock:
        return (
            f"the state is locked, held by {lock.get('Who')} since {lock.get('Created')} ({lock.get('Operation')})",
            _STUCK,
        )
    words = " ".join(flat.split())
    known = next((said for sign, said in _KNOWN if sign in words), None)
    return known or (told(f"terraform {command} failed", text, root), _remedy(command, text, root))


def _remedy(command: str, text: str, root: Path) -> str:
    """Say what to do about errors that only Terraform knows."""
    if command == "apply":
        mend = cause_in(text).removesuffix(", then run the same command again") or "mend the cause"
        return f"what was done before it is in the state: {mend}, then make plan and make apply again"
    return cause_in(text) or remedy(text, root)


def _utf8_file() -> IO[str]:
    # Terraform prints UTF-8 whatever the user's locale is; stray bytes must not hide what it says.
    return tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")


def _content(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read()


@contextlib.contextmanager
def _environment(extra: Mapping[str, str]) -> Iterator[None]:
    # python-terraform hands os.environ to Terraform and nothing else, so it is set for the call and put back.
    before = dict(os.environ)
    os.environ.update(extra)
    if extra.get("AWS_ENDPOINT_URL", "").startswith("http://"):
        # A bundle that cannot be read fails the provider, and plain http on this machine needs none.
        os.environ.pop("AWS_CA_BUNDLE", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
