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
from harness.operate.reservations import Reservation, shortage

STACK = Stack("somewhere", "alice", Target.LOCAL)
SUFFIX_FREE, CONCURRENCY, _, BOUNDARIES = CHECKS
UNMARKED = {"after_unknown": {}, "before_sensitive": False, "after_sensitive": {}}


class Account:
    """Tables and functions of somebody, and concurrency."""

    def __init__(self, *there: str, owner: str = "bob", held: int = 0, limit: int = 1000, free: int = 100) -> None:
        self.there, self.owner, self.held = there, owner, held
        self.limits = {"ConcurrentExecutions": limit, "UnreservedConcurrentExecutions": free}

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
        return {"AccountLimit": self.limits}


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
    ("wanted", "held", "limit", "free", "room", "quota"),
    [
        ((60,), 0, 1000, 160, None, 0),
        ((60,), 0, 1000, 159, 59, 1001),
        ((60, 60), 0, 1000, 200, 100, 1020),  # each fits, both do not
        ((60, 60), 60, 1000, 100, None, 0),  # both are reserved already
        ((70, 70), 60, 1000, 119, 19, 1001),  # they are raised
        ((60, None, 0, -1), 0, 1000, 159, 59, 1001),
        ((100,), 0, 10, 10, 0, 200),  # a new account
        ((1,), 0, 100, 100, 0, 101),
        ((None,), 0, 10, 10, None, 0),  # nothing is reserved, and so nothing refused
        ((1,), 1, 100, 99, None, 0),  # an account that was made smaller keeps what it has
    ],
)
def test_reservations_leave_what_aws_keeps_unreserved(
    folder: Path, wanted: tuple[int | None, ...], held: int, limit: int, free: int, room: int | None, quota: int
) -> None:
    planned(*(("aws_lambda_function", {"function_name": "f", "reserved_concurrent_executions": one}) for one in wanted))
    lines = told(CONCURRENCY, Account(held=held, limit=limit, free=free))
    assert len(lines) == (room is not None)
    for line in lines:
        asking = [
            f'module.any["{at}"].aws_lambda_function.this reserves {one}'
            for at, one in enumerate(wanted)
            if one and one > held
        ]
        assert line.startswith(f"{' and '.join(asking)} concurrent executions, ")
        assert f"of the account's {limit:,}, {free:,} are unreserved and AWS keeps at least 100 of them so" in line
        assert f"which leaves {room} -> raise the quota to {quota:,} (Service Quotas, L-B99A9384)" in line


def test_what_one_function_gives_back_helps_another_only_once_it_is_applied() -> None:
    lowered, raised = Reservation("f1", 10, 60), Reservation("f2", 60, 10)
    assert shortage([lowered, raised], 1000, 150, "locals.tf") == ""
    line = shortage([lowered, raised], 1000, 140, "locals.tf")
    assert line.startswith("f2 reserves 60 concurrent executions, 50 more than now; of the account's 1,000, 140 are")
    assert line.endswith(
        "or lower reserved_concurrency in locals.tf by 10 in all,"
        " or apply the lower reservations first, which give 50 back"
    )


def test_a_boundary_that_the_account_has_not_is_told_once(folder: Path) -> None:
    boundary = "arn:aws:iam::000000000000:policy/b"
    planned(*(("aws_iam_role", {"name": name, "permissions_boundary": boundary}) for name in ("r1", "r2")))
    assert told(BOUNDARIES, Account(boundary)) == []
    assert told(BOUNDARIES, Account()) == [
        f"the account has no policy {boundary}, which the plan's roles need -> make bootstrap"
    ]
    for none in (None, ""):
        planned(("aws_iam_role", {"name": "r1", "permissions_boundary": none}))
        assert told(BOUNDARIES, Account()) == []
