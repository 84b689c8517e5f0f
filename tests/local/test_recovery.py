"""Recovery on the session's prod: the drill, a copy that is shown before it is used, and requests that cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.support.clone import Clone
from tests.support.deployed import PRODUCT, STATES, Deployed, call

pytestmark = pytest.mark.example

KEY = "prod/prod/terraform.tfstate"
TABLE = PRODUCT.name("items", "prod")


@pytest.fixture(scope="module")
def backup(clone: Clone, prod: Deployed, aws: Any) -> Iterator[dict[str, Any]]:
    """A backup of prod that holds at least two items."""
    for name in ("kept", "lost"):
        assert call(prod, "POST", "/items", {"name": name}).status == 201
    made = clone.run("backup", ENV="prod")
    assert made.returncode == 0, made.stderr
    answer: dict[str, Any] = json.loads(made.stdout)
    yield answer
    aws("dynamodb").delete_backup(BackupArn=answer["tables"][prod.table]["backup_arn"])


def _records(aws: Any, table: str) -> dict[str, Any]:
    return {record["id"]["S"]: record for record in aws("dynamodb").scan(TableName=table)["Items"]}


def _state(aws: Any) -> bytes:
    return bytes(aws("s3").get_object(Bucket=STATES, Key=KEY)["Body"].read())


def test_the_short_drill_recovers_everything(clone: Clone, prod: Deployed) -> None:
    ran = clone.run("drill", ENV="prod", SUFFIX="prod", QUICK="1")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    report = json.loads((clone.root / "build" / "reports" / "drill.json").read_text())
    assert report["passed"]
    assert report["plan_empty_afterwards"]
    # 12 records of keys, and the items of those that were not deleted.
    assert report["items"] >= 12 + 9
    assert [drill["items_lost"] for drill in report["drills"]] == [0, 0, 0, 0]
    assert [drill["name"] for drill in report["drills"]] == [
        "items damaged",
        "state object deleted",
        "state object truncated",
        "alias moved",
    ]


def test_a_backup_notes_what_belongs_to_it(clone: Clone, backup: dict[str, Any]) -> None:
    assert backup["stage_differs"] == []
    assert backup["state_serial"] > 0
    exports = sorted((clone.root / "build" / "local" / "prod" / "prod" / "backup").glob("stage-*.json"))
    paths = json.loads(exports[-1].read_text())["paths"]
    assert {"/items", "/items/{id}", "/health"} <= paths.keys()


def test_a_copy_is_shown_first_and_then_brings_back_what_is_gone(
    clone: Clone, prod: Deployed, aws: Any, backup: dict[str, Any]
) -> None:
    table = prod.table
    before = _records(aws, table)
    lost, changed = sorted(key for key, record in before.items() if "name" in record)[:2]
    aws("dynamodb").delete_item(TableName=table, Key={"id": {"S": lost}})
    assert call(prod, "PUT", f"/items/{changed}", {"name": "changed since"}).status == 200
    damaged = _records(aws, table)
    shown = clone.run("restore", ENV="prod", WHAT="table", BACKUP=backup["backup"])
    assert shown.returncode == 0, shown.stderr
    assert "'missing': 1, 'changed': 1" in shown.stderr
    assert "add CONFIRM=prod" in shown.stderr
    assert _records(aws, table) == damaged
    done = clone.run("restore", ENV="prod", WHAT="table", BACKUP=backup["backup"], CONFIRM="prod")
    assert done.returncode == 0, done.stderr
    after = _records(aws, table)
    assert after == {**damaged, lost: before[lost]}
    names = aws("dynamodb").list_tables()["TableNames"]
    assert not [name for name in names if "-restore-" in name]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"WHAT": "table", "AT": "2020-01-01T00:00:00Z"}, "AT=2020-01-01T00:00:00Z is outside of what"),
        ({"WHAT": "table", "BACKUP": "nothing"}, f"BACKUP=nothing is not a backup of {TABLE} -> there are: {TABLE}-"),
        ({"WHAT": "state", "VERSION": "nothing"}, f"VERSION=nothing is not a version of {KEY}"),
    ],
)
def test_what_cannot_be_restored_is_one_line_and_changes_nothing(
    clone: Clone, prod: Deployed, aws: Any, backup: dict[str, Any], settings: dict[str, str], told: str
) -> None:
    records, state = _records(aws, prod.table), _state(aws)
    refused = clone.run("restore", ENV="prod", CONFIRM="prod", **settings)
    assert refused.returncode == 2
    assert told in refused.stderr
    assert refused.stderr.count("error:") == 1
    assert (_records(aws, prod.table), _state(aws)) == (records, state)


def test_dev_has_no_moment_to_go_back_to(clone: Clone, dev: Deployed) -> None:
    refused = clone.run("restore", ENV="dev", WHAT="table", AT="2026-01-31T12:00:00Z")
    assert refused.returncode == 2
    assert f"{dev.table} has no point-in-time recovery -> use BACKUP=<name>" in refused.stderr


def test_a_table_that_is_not_there_is_made_by_terraform_first(clone: Clone, prod: Deployed) -> None:
    refused = clone.run("restore", ENV="prod", SUFFIX="nowhere", WHAT="table", BACKUP="x")
    assert refused.returncode == 2
    assert "prod (suffix nowhere) has no table -> make plan ENV=prod SUFFIX=nowhere" in refused.stderr


def test_versions_of_the_state_are_listed_and_a_locked_one_stays(clone: Clone, prod: Deployed, aws: Any) -> None:
    listed = clone.run("restore", ENV="prod", WHAT="state")
    assert listed.returncode == 0, listed.stderr
    assert "(newest)" in listed.stdout.splitlines()[0]
    before = _state(aws)
    lock = {"ID": "1", "Operation": "x", "Who": "bob@elsewhere", "Created": "2026-01-01T00:00:00Z"}
    aws("s3").put_object(Bucket=STATES, Key=f"{KEY}.tflock", Body=json.dumps(lock).encode())
    try:
        refused = clone.run("restore", ENV="prod", WHAT="state", VERSION="last", CONFIRM="prod")
    finally:
        aws("s3").delete_object(Bucket=STATES, Key=f"{KEY}.tflock")
    assert refused.returncode == 2
    assert "the state is locked, held by bob@elsewhere since 2026-01-01" in refused.stderr
    assert _state(aws) == before


def _empty(whole: dict[str, Any]) -> dict[str, Any]:
    return {**whole, "lineage": "begun-anew", "serial": 1, "resources": [], "outputs": {}}


def _of_another_suffix(whole: dict[str, Any]) -> dict[str, Any]:
    named: dict[str, Any] = json.loads(json.dumps(whole).replace(f'{TABLE}"', f'{TABLE}-copy"'))
    return {**named, "serial": whole["serial"] + 1}


@pytest.mark.parametrize(
    ("planted", "said"),
    [(_empty, "is another one, begun anew as serial 1"), (_of_another_suffix, f"is called {TABLE}-copy")],
)
def test_no_verb_believes_a_state_that_is_not_the_stacks(
    clone: Clone, prod: Deployed, aws: Any, planted: Callable[[dict[str, Any]], dict[str, Any]], said: str
) -> None:
    whole = json.loads(_state(aws))
    # Read once, so that it is known whatever ran before.
    assert clone.run("outputs", ENV="prod").returncode == 0
    aws("s3").put_object(Bucket=STATES, Key=KEY, Body=json.dumps(planted(whole)).encode())
    for verb in ("outputs", "smoke", "plan", "backup", "rollback", "drift", "destroy"):
        refused = clone.run(verb, ENV="prod", CONFIRM="prod")
        error = next(line for line in refused.stderr.splitlines() if line.startswith("error: "))
        assert (refused.returncode, refused.stdout) == (2, ""), f"{verb}: {refused.stdout}{refused.stderr}"
        assert KEY in error and said in error, f"{verb}: {error}"
    restored = clone.run("restore", ENV="prod", WHAT="state", VERSION="last", CONFIRM="prod")
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert json.loads(_state(aws))["resources"] == whole["resources"]


def test_an_empty_state_is_not_nothing_to_destroy(clone: Clone, prod: Deployed, aws: Any) -> None:
    """On a machine that has never read the state there is only what stands to tell by."""
    whole, seen = json.loads(_state(aws)), clone.root / "build" / "local" / "prod" / "prod" / "state.seen.json"
    seen.unlink(missing_ok=True)
    aws("s3").put_object(Bucket=STATES, Key=KEY, Body=json.dumps(_empty(whole)).encode())
    refused = clone.run("destroy", ENV="prod", CONFIRM="prod")
    assert refused.returncode == 2, refused.stdout + refused.stderr
    assert f"the state of prod holds nothing, but there is dynamodb_table {TABLE} (Owner: " in refused.stderr
    restored = clone.run("restore", ENV="prod", WHAT="state", VERSION="last", CONFIRM="prod")
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert json.loads(_state(aws))["resources"] == whole["resources"]


def test_nothing_is_destroyed_on_real_aws(clone: Clone) -> None:
    refused = clone.run("drill", TARGET="aws", ENV="prod", AWS_REGION="eu-west-1")
    assert refused.returncode == 2
    assert "it is for the local AWS only" in refused.stderr
