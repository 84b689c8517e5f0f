"""Addresses are mapped to the lines of the tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.scan.locate import Locator

ROOT = """\
# a comment
module "table" {
  source = "../../modules/table"
}

module "far" {
  source = "terraform-aws-modules/vpc/aws"
}

data "aws_region" "current" {}
"""
TABLE = """\
resource "aws_dynamodb_table" "other" {
  name = "x"
}

resource "aws_dynamodb_table" "this" {
  name = "y"

  point_in_time_recovery {
    enabled = true
  }

  dynamic "attribute" {
    for_each = []
  }
}
"""


@pytest.fixture
def locator(tmp_path: Path) -> Locator:
    for name, text in {"envs/dev/main.tf": ROOT, "modules/table/main.tf": TABLE}.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    return Locator(tmp_path)


@pytest.mark.parametrize(
    ("address", "attribute", "place"),
    [
        ("module.table.aws_dynamodb_table.this", "", ("modules/table/main.tf", 5)),
        ("module.table.aws_dynamodb_table.this", "point_in_time_recovery", ("modules/table/main.tf", 8)),
        ("module.table.aws_dynamodb_table.this", "attribute", ("modules/table/main.tf", 12)),
        ("module.table.aws_dynamodb_table.this", "ttl", ("modules/table/main.tf", 5)),
        ('module.table["a.b"].aws_dynamodb_table.this[0]', "", ("modules/table/main.tf", 5)),
        ("data.aws_region.current", "", ("envs/dev/main.tf", 10)),
        ("module.far.aws_vpc.this", "", ("", 0)),
        ("module.gone.aws_vpc.this", "", ("", 0)),
        ("module.table.aws_dynamodb_table.gone", "", ("", 0)),
    ],
)
def test_find(locator: Locator, address: str, attribute: str, place: tuple[str, int]) -> None:
    found = locator.find("dev", address, attribute)
    assert (found.file, found.line) == place
