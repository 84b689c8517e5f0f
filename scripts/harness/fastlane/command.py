"""Running one Terraform command, and the meaning of its failure."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Any

from harness.base.errors import ToolError
from harness.base.refusals import remedy, told

#: A plan of this repository takes well under a second; one whose provider waits for an unreachable AWS would hang.
COMMAND_SECONDS = 300.0
SETTINGS: Mapping[str, str] = {
    "CHECKPOINT_DISABLE": "1",
    "TF_IN_AUTOMATION": "1",
    "TF_INPUT": "0",
    # As quick as "off" where the schemas are small, with a third of the memory (docs/performance.md).
    "GOGC": "400",
}


class Cause(Enum):
    """Causes for which Terraform ends with an error."""

    #: The configuration or a value is wrong.
    CONFIGURATION = auto()
    #: The modules are other ones than at the last init.
    NOT_INITIALISED = auto()
    #: A type is not in the schema that was served, or not in the provider.
    TYPE_MISSING = auto()
    #: The provider or AWS was lost: says nothing about the configuration.
    LANE = auto()


_SIGNS = (
    (
        Cause.LANE,
        r"Failed to load plugin schemas|Plugin error|Plugin did not respond|plugin crashed|fast lane:"
        r"|code = Unavailable|request send failed",
    ),
    (
        Cause.NOT_INITIALISED,
        r"Module not installed|Module source has changed|Module version requirements have changed"
        r"|Backend initialization required",
    ),
    (
        Cause.TYPE_MISSING,
        r"does not support (resource|data source|ephemeral resource)\b|no schema available|[Mm]issing resource schema",
    ),
)


class PlanRejected(ToolError):
    """A refusal by Terraform, told apart by :attr:`cause`. Of ``LANE``, a lane makes a ToolError.

    Attributes:
        diagnostics: what Terraform printed, as one line of words without colours and boxes.
        output: its standard output, which holds the diagnostics of commands with ``-json``.
    """

    def __init__(self, command: str, printed: bytes, output: bytes, root: Path) -> None:
        text = printed.decode(errors="replace")
        tried = told(f"terraform {command} refused the configuration", text, root)
        super().__init__(tried, remedy(text, root) or "correct the configuration")
        self.diagnostics = plain(text)
        self.output = output
        self.cause = next((cause for cause, sign in _SIGNS if re.search(sign, self.diagnostics)), Cause.CONFIGURATION)


class CommandTimeout(ToolError):
    """A command that took longer than :data:`COMMAND_SECONDS`."""


def run(terraform: str, command: Sequence[str], root: Path, env: Mapping[str, str]) -> bytes:
    """Run ``command`` in ``root`` with exactly ``env`` and return its standard output.

    Raises:
        PlanRejected: it ended with an error.
        CommandTimeout: it was killed.
        ToolError: it could not be run.
    """
    try:
        done = subprocess.run(
            [terraform, *command],
            cwd=root,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except OSError as error:
        raise ToolError(f"terraform {command[0]} could not run: {error}", "run make setup") from error
    except subprocess.TimeoutExpired as error:
        late = f"terraform {command[0]} took over {COMMAND_SECONDS:.0f} s"
        raise CommandTimeout(late, "see whether AWS_ENDPOINT_URL answers") from error
    if done.returncode:
        raise PlanRejected(command[0], done.stderr or done.stdout, done.stdout, root)
    return done.stdout


def plain(text: str) -> str:
    """Turn diagnostics into one line of words, without Terraform's boxes and line breaks."""
    return " ".join(re.sub(r"[╷│╵]", " ", text).split())


def errors(output: bytes) -> list[dict[str, Any]]:
    """List the diagnostics of severity error in what ``validate -json`` or ``plan -json`` printed."""
    found: list[dict[str, Any]] = []
    for message in _json_values(output):
        found += message.get("diagnostics", [message["diagnostic"]] if "diagnostic" in message else [])
    return [diagnostic for diagnostic in found if diagnostic["severity"] == "error"]


def _json_values(output: bytes) -> list[dict[str, Any]]:
    """Read JSON values: ``validate`` prints one over many lines, ``plan`` one on each line."""
    try:
        return [json.loads(output)]
    except ValueError:
        return [json.loads(line) for line in output.splitlines() if line.startswith(b"{")]


def variable(name: str, value: object) -> str:
    """Write a ``-var`` option: strings as they are, the rest as JSON with template signs escaped."""
    if not isinstance(value, str):
        value = json.dumps(value).replace("${", "$${").replace("%{", "%%{")
    return f"-var={name}={value}"
