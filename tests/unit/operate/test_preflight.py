"""Preflight asks about every function and table of the plan, and about what all of them take together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest
from tests.support.states import context, document, resource

from harness.base import paths
from harness.base.paths import Stack, Target
from harness.facts import read_blueprint, read_services
from harness.operate.preflight import CHECKS

STACK = Stack("somewhere", "alice", Target.LOCAL)
SUFFIX_FREE, CONCURRENCY, _, BOUNDARIES = CHECKS
UNMARKED = {"after_unknown": {}, "before_sensitive": False, "after_sensitive": {}}


class Account:
    """Tables and functions of somebody, and concurrency."""

    def __init__(self, *there: str, owner: str = "bob", held: int = 0, free: int = 100) -> None:
        self.there, self.owner, self.held, self.free = there, owner, held, free

    def _there(self, name: str) -> None:
        if name not in self.there:
            raise botocore.exceptions.ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "Describe")

    def describe_table(self, *, TableName: str) -> dict[str, Any]:
        self._there(TableName)
        return {"Table": {"TableArn": TableName}}

    def list_tags_of_resource(self, *, ResourceArn: str) -> dict[str, Any]:
        return {"Tags": [{"Key": "Owner", "Value": self.owner}]}

    def get_function(self, *, FunctionName: str) -> dict[str, Any]:
        self._there(FunctionName)
        return {"Tags": {"Owner": self.owner}}

    def get_function_concurrency(self, *, FunctionName: str) -> dict[str, Any]:
        return {"ReservedConcurrentExecutions": self.held} if self.held else {}

    def get_policy(self, *, PolicyArn: str) -> dict[str, Any]:
        self._there(PolicyArn)
        return {}

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"UnreservedConcurrentExecutions": self.free}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "BUILD", tmp_path)
    STACK.folder.mkdir(parents=True)
    return STACK.folder


def planned(*resources: tuple[str, dict[str, Any]]) -> None:
    changes = [
        {
            "address": f'module.any["{number}"].{kind}.this',
            "mode": "managed",
            "type": kind,
            "name": "this",
            "provider_name": "aws",
            "change": {"actions": ["create"], "before": None, "after": values} | UNMARKED,
        }
        for number, (kind, values) in enumerate(resources)
    ]
    head = {"format_version": "1.2", "terraform_version": "1.11.4", "errored": False, "complete": True}
    body = {"resource_changes": changes, "applyable": True, "configuration": {"root_module": {}}, "checks": []}
    STACK.plan_json.write_text(json.dumps({**head, **body}))


def told(check: Any, account: Account, state: bytes | None = None) -> list[str]:
    clients: dict[str, Any] = {"dynamodb": account, "lambda": account, "iam": account}
    return list(check(context(STACK, state, **clients)))


def test_every_planned_name_that_is_somebody_elses_is_told(folder: Path) -> None:
    tables = [("aws_dynamodb_table", {"name": name}) for name in ("t1", "t2")]
    functions = [("aws_lambda_function", {"function_name": name}) for name in ("f1", "f2")]
    planned(*tables, *functions)
    ours = document(resource("aws_dynamodb_table", {"name": "t1"}))
    lines = told(SUFFIX_FREE, Account("t1", "t2", "f2", "elsewhere"), ours)
    assert [line.split(": ")[1].split(" belongs")[0] for line in lines] == ["dynamodb_table t2", "lambda_function f2"]
    assert all(line.endswith("(Owner: bob) -> choose another SUFFIX, or ask bob") for line in lines)


def test_without_a_plan_the_names_are_those_that_the_services_get(folder: Path) -> None:
    services, name = read_services(), read_blueprint().name
    taken = {name(thing, "alice") for one in services.values() for thing in one.tables}
    taken |= {name(service, "alice") for service in services}
    lines = told(SUFFIX_FREE, Account(*taken))
    assert taken
    assert {name for name in taken if any(f" {name} belongs" in line for line in lines)} == taken


@pytest.mark.parametrize(
    ("wanted", "held", "free", "problem"),
    [
        ((60,), 0, 100, False),
        ((60, 60), 0, 100, True),  # each fits, both do not
        ((60, 40), 0, 101, False),
        ((60, 40), 0, 100, True),
        ((60, 60), 60, 1, False),  # both are reserved already
        ((60, None, 0), 0, 60, True),
    ],
)
def test_functions_are_counted_together(
    folder: Path, wanted: tuple[int | None, ...], held: int, free: int, problem: bool
) -> None:
    planned(*(("aws_lambda_function", {"function_name": "f", "reserved_concurrent_executions": one}) for one in wanted))
    lines = told(CONCURRENCY, Account(held=held, free=free))
    assert bool(lines) is problem
    if problem:
        asking = [f'module.any["{at}"].aws_lambda_function.this reserves {one}' for at, one in enumerate(wanted) if one]
        assert lines[0].startswith(
            f"{' and '.join(asking)} concurrent executions, the account has {free} unreserved -> "
        )


def test_a_boundary_that_the_account_has_not_is_told_once(folder: Path) -> None:
    boundary = "arn:aws:iam::000000000000:policy/b"
    planned(*(("aws_iam_role", {"name": name, "permissions_boundary": boundary}) for name in ("r1", "r2")))
    assert told(BOUNDARIES, Account(boundary)) == []
    assert told(BOUNDARIES, Account()) == [
        f"the account has no policy {boundary}, which the plan's roles need -> make bootstrap"
    ]
    planned(("aws_iam_role", {"name": "r1", "permissions_boundary": None}))
    assert told(BOUNDARIES, Account()) == []
