"""A module's README lists the inputs and outputs that its HCL has, and its examples give what is required."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import hcl2
import pytest
from tests.support.hcl import parsed

from harness.base.paths import REPO

_INPUTS = "## Inputs\n"
READMES = sorted((REPO / "modules").glob("*/README.md"))
_EXAMPLE = re.compile(r"^```hcl\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def unquoted(name: str) -> str:
    """Take the quotes off that the parser keeps."""
    return name.removeprefix('"').removesuffix('"').replace('\\"', '"')


def blocks(module: Path, kind: str) -> dict[str, dict[str, Any]]:
    """Return a module's variables or outputs by name."""
    entries = [entry for file in sorted(module.glob("*.tf")) for entry in parsed(file).get(kind, [])]
    return dict(sorted((unquoted(name), block) for entry in entries for name, block in entry.items()))


def tables(module: Path) -> str:
    """Render the end of a module's README."""
    inputs = [_row(name, block, _default(block)) for name, block in blocks(module, "variable").items()]
    outputs = [_row(name, block) for name, block in blocks(module, "output").items()]
    head = [_INPUTS, "| name | default | description |", "|---|---|---|"]
    return "\n".join([*head, *inputs, "", "## Outputs\n", "| name | description |", "|---|---|", *outputs, ""])


def _row(name: str, block: dict[str, Any], *cells: str) -> str:
    described = unquoted(block["description"]).replace("|", "\\|")
    return f"| {' | '.join([f'`{name}`', *cells, described])} |"


def _default(block: dict[str, Any]) -> str:
    value = block.get("default")
    return f"`{unquoted(value) if isinstance(value, str) else json.dumps(value)}`" if "default" in block else "required"


def test_every_module_has_a_readme_with_tables() -> None:
    assert [path.parent for path in READMES if _INPUTS in path.read_text()] == sorted((REPO / "modules").glob("*"))


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_the_tables_are_those_of_the_hcl(readme: Path, tree: Path) -> None:
    expected = tables(tree / readme.parent.relative_to(REPO))
    at = readme.read_text().index(_INPUTS)
    assert readme.read_text()[at:] == expected, f"{readme.relative_to(REPO)} must end with:\n{expected}"


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_examples_give_what_is_required_and_nothing_unknown(readme: Path, tree: Path) -> None:
    variables = blocks(tree / readme.parent.relative_to(REPO), "variable")
    required = {name for name, block in variables.items() if "default" not in block}
    examples = [
        (unquoted(name), block)
        for text in _EXAMPLE.findall(readme.read_text())
        for entry in hcl2.loads(text).get("module", [])
        for name, block in entry.items()
        if unquoted(block["source"]).endswith(f"/{readme.parent.name}")
    ]
    assert examples
    for name, block in examples:
        given = {key for key in block if key not in ("source", "for_each", "count") and not key.startswith("__")}
        assert required <= given <= set(variables), f"example {name} of {readme.relative_to(REPO)}"
