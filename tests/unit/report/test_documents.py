"""Documents generated from data: the function's permissions."""

from __future__ import annotations

import pytest

from harness.base.errors import HarnessError
from harness.base.paths import REPO
from harness.report import iamdoc

PERMISSIONS = """
statements:
  - sid: Items
    resource: table
    reason: One table.
    when: customer_key
    through: [dynamodb]
    actions:
      - {name: "dynamodb:GetItem", why: "Reads | one.", required: true, drop: Serve nothing.}
      - {name: "dynamodb:PutItem", why: Writes., required: false, drop: Be read-only.}
"""


def test_permissions_are_rendered_with_their_reasons() -> None:
    text = iamdoc.render(PERMISSIONS)
    assert "| `dynamodb:GetItem` | Items | the table | Reads \\| one. | required | Serve nothing. |" in text
    assert "| `dynamodb:PutItem` | Items | the table | Writes. | optional | Be read-only. |" in text
    assert (
        "- **Items** on the table, where a customer-managed key encrypts (prod), only through dynamodb. One t" in text
    )
    assert text.endswith("\n")


def test_the_real_permissions_are_rendered() -> None:
    text = iamdoc.render((REPO / iamdoc.PERMISSIONS).read_text())
    assert text.count("| required |") + text.count("| optional |") == 9


@pytest.mark.parametrize(
    "text", ["", "statements: [{sid: x}]", "statements: 1", "a: b: c", PERMISSIONS.replace("table", "x")]
)
def test_what_is_no_permissions_file_is_refused(text: str) -> None:
    with pytest.raises(HarnessError, match=r"permissions\.yaml"):
        iamdoc.render(text)
