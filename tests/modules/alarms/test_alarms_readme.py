"""Compare the tables of the module's README with its variables and outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.hcl import parsed

MODULE = Path("modules/alarms")


def _rows(text: str, title: str) -> list[list[str]]:
    """Read the rows of the table below a title, without its head."""
    body = text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|") for line in body.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.split(" | ")] for row in rows[2:]]


def _blocks(folder: Path, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Collect a module's blocks of a kind with their names, A to Z."""
    blocks = (block for file in folder.glob("*.tf") for block in parsed(file).get(kind, []))
    return sorted((name.strip('"'), body) for block in blocks for name, body in block.items())


def _left_out(variable: dict[str, Any]) -> str:
    """Write what a variable is when nobody gives it."""
    if "default" not in variable:
        return "required"
    value = variable["default"]
    return "`{}`".format(value.strip('"') if isinstance(value, str) else json.dumps(value))


def test_inputs_are_the_variables(tree: Path) -> None:
    wanted = [
        [f"`{name}`", body["description"].strip('"'), _left_out(body)]
        for name, body in _blocks(tree / MODULE, "variable")
    ]
    assert _rows((tree / MODULE / "README.md").read_text(), "Inputs") == wanted


def test_outputs_are_the_outputs(tree: Path) -> None:
    wanted = [[f"`{name}`", body["description"].strip('"')] for name, body in _blocks(tree / MODULE, "output")]
    assert _rows((tree / MODULE / "README.md").read_text(), "Outputs") == wanted
