"""Run a program and turn its failure into one clear error. Standard library only."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.base.errors import ToolError


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    remedy: str = "",
    accept: tuple[int, ...] = (0,),
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` without a shell and return what it printed.

    Args:
        command: program and arguments.
        cwd: working folder; the current one when ``None``.
        env: complete environment; the current one when ``None``.
        remedy: what to do next when it fails.
        accept: exit codes that are not failures.

    Raises:
        ToolError: the program is missing, or ended with another exit code; carries the last line it printed.
    """
    name = Path(str(command[0])).name
    try:
        # errors="replace": a program's stray bytes must not hide what it says
        result = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=env,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise ToolError(f"cannot run {name}: {error.strerror}", remedy) from error
    if result.returncode not in accept:
        raise ToolError(f"{name} failed ({result.returncode}): {last_line(result.stderr or result.stdout)}", remedy)
    return result


def last_line(text: str) -> str:
    """The last line of ``text`` that is not blank, for one-line messages."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"
