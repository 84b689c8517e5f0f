"""docs/iam.md from modules/function/permissions.yaml, the data the role itself is built from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from harness.base.errors import HarnessError

PERMISSIONS = "modules/function/permissions.yaml"

_RESOURCES = {
    "any": 'everything (`"*"`)',
    "index": "the table's index",
    "key": "the environment's key",
    "log_group": "the function's log group",
    "table": "the table",
}
_CONDITIONS = {
    "always": "always",
    "customer_key": "where a customer-managed key encrypts (prod)",
    "tracing": "where X-Ray is on (prod)",
}
_HEAD = f"""# What the function may do

Generated from `{PERMISSIONS}` by `make docs`; `modules/function/iam.tf` builds the role from the same file. The plan's
rule `least-privilege` holds the role to it, and a test holds it to the calls the code really makes.

| action | statement | on | why | needed | to drop it |
|---|---|---|---|---|---|"""


def render(permissions_yaml: str) -> str:
    """The document, in Markdown.

    Raises:
        HarnessError: the YAML is not as its head says.
    """
    try:
        statements = yaml.safe_load(permissions_yaml)["statements"]
        rows = [_row(statement, action) for statement in statements for action in statement["actions"]]
        listed = [_statement(statement) for statement in statements]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise HarnessError(f"{PERMISSIONS}: {error!r}", "write it as its head says") from error
    return "\n".join([_HEAD, *rows, "", "## Statements", "", *listed, ""])


def _row(statement: Mapping[str, Any], action: Mapping[str, Any]) -> str:
    needed = "required" if action["required"] is True else "optional"
    cells = (f"`{action['name']}`", statement["sid"], _place(statement), action["why"], needed, action["drop"])
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _statement(statement: Mapping[str, Any]) -> str:
    through = f", only through {' and '.join(statement['through'])}" if statement["through"] else ""
    when = _CONDITIONS[statement["when"]]
    return f"- **{statement['sid']}** on {_place(statement)}, {when}{through}. {_cell(statement['reason'])}"


def _place(statement: Mapping[str, Any]) -> str:
    return _RESOURCES[statement["resource"]]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
