"""Every block and argument is one that the next major provider takes, by its recorded schema: it is not run here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.versions.next_provider import (
    blocks,
    deprecated,
    kinds_in_use,
    paths,
    pinned,
    read_schema,
    references,
    refused,
)

TYPES: Mapping[str, Any] = read_schema()["types"]
# Deprecated, and used all the same, because nothing that provider 5 takes says it.
KEPT = {
    ("resource aws_dynamodb_table", "global_secondary_index.hash_key"): "key_schema is unknown before 6.29",
    ("resource aws_dynamodb_table", "global_secondary_index.range_key"): "key_schema is unknown before 6.29",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A tree whose one root is read as the real ones are."""
    (tmp_path / "envs/x").mkdir(parents=True)
    return tmp_path


def write(tree: Path, hcl: str) -> list[str]:
    (tree / "envs/x/main.tf").write_text(hcl)
    return refused(tree, TYPES)


def test_all_of_it_is_taken(tree: Path) -> None:
    assert refused(tree, TYPES) == []


def test_something_was_looked_at(tree: Path) -> None:
    assert {block.kind.partition(" ")[0] for block in blocks(tree)} == {"resource", "data", "provider"}
    assert len(blocks(tree)) > 50
    assert len(references(tree)) > 50
    depths = {path.count(".") for _, path in paths(tree)}
    assert depths >= {0, 1, 2}


def test_what_is_deprecated_is_used_only_where_nothing_else_works_in_both(tree: Path) -> None:
    assert paths(tree) & deprecated() == KEPT.keys(), "take what provider 5 and 6 both have, or say here why not"


def test_what_is_listed_as_deprecated_is_in_the_schema() -> None:
    for kind, path in deprecated():
        known: Any = TYPES[kind]
        for name in path.split("."):
            assert name in known, f"{kind}: {path} is gone, and so no longer deprecated"
            known = known[name]


def test_the_schema_is_that_of_the_pinned_bindings() -> None:
    schema = read_schema()
    assert schema["source"] == pinned(), "run tests/versions/record.py"
    assert re.fullmatch(r"6\.\d+\.\d+", schema["provider"])


def test_each_type_in_use_is_recorded(tree: Path) -> None:
    assert kinds_in_use(tree) - TYPES.keys() == set()


TABLE = 'name = "x"\n  hash_key = "id"\n'


@pytest.mark.parametrize(
    ("hcl", "problem"),
    [
        ('resource "aws_new_thing" "x" {}', r"aws_new_thing is not recorded: .*tests\.versions\.record"),
        ('resource "aws_api_gateway_account" "x" {\n  reset_on_delete = true\n}', "reset_on_delete is unknown"),
        (
            'resource "aws_api_gateway_deployment" "x" {\n  rest_api_id = "x"\n  stage_name = "v1"\n}',
            "stage_name is unknown",
        ),
        (f'resource "aws_dynamodb_table" "x" {{\n  {TABLE}  arn = "x"\n}}', "arn is computed: it cannot be set"),
        ('resource "aws_dynamodb_table" "x" {\n  hash_key = "id"\n}', "name is required"),
        (
            f'resource "aws_dynamodb_table" "x" {{\n  {TABLE}  ttl = {{ enabled = true }}\n}}',
            "ttl is a block, and written as the other",
        ),
        (
            f'resource "aws_dynamodb_table" "x" {{\n  {TABLE}  billing_mode {{\n    a = 1\n  }}\n}}',
            "billing_mode is an argument, and written as the other",
        ),
        (
            f'resource "aws_dynamodb_table" "x" {{\n  {TABLE}  ttl {{\n    on = true\n  }}\n}}',
            r"ttl\.on is unknown",
        ),
        (
            f'resource "aws_dynamodb_table" "x" {{\n  {TABLE}  attribute {{\n    name = "id"\n  }}\n}}',
            r"attribute\.type is required",
        ),
        (
            f'resource "aws_dynamodb_table" "x" {{\n  {TABLE}  dynamic "global_secondary_index" {{\n'
            '    for_each = [1]\n    content {\n      name = "x"\n'
            '      projection_type = "ALL"\n      keys = "id"\n    }\n  }\n}',
            r"global_secondary_index\.keys is unknown",
        ),
        (
            f'resource "aws_dynamodb_table" "x" {{\n  {TABLE}  lifecycle {{\n    ignore_changes = [replicas]\n  }}\n}}',
            "ignore_changes names replicas, which is unknown",
        ),
        ('provider "aws" {\n  worklink = true\n}', "worklink is unknown"),
        (
            'locals {\n  a = [for one in aws_api_gateway_deployment.x["a[0]"].invoke_url : one]\n}',
            "resource aws_api_gateway_deployment has no attribute invoke_url",
        ),
        ('output "x" {\n  value = data.aws_partition.current.nme\n}', "data aws_partition has no attribute nme"),
    ],
)
def test_what_the_provider_would_refuse_is_found(small: Path, hcl: str, problem: str) -> None:
    found = write(small, hcl + "\n")
    assert len(found) == 1
    assert re.search(problem, found[0])


def test_terraforms_own_words_and_references_are_no_problem(small: Path) -> None:
    hcl = (
        f'resource "aws_dynamodb_table" "x" {{\n  count = 1\n  {TABLE}  depends_on = [aws_kms_key.x]\n'
        "  # aws_dynamodb_table.x.gone\n  lifecycle {\n    ignore_changes = [read_capacity]\n  }\n}\n"
        'output "x" {\n  value = aws_dynamodb_table.x[0].arn\n}\n'
    )
    assert write(small, hcl) == []
