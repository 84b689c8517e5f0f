"""A lane's plans are the stock CLI's, its refusals are Terraform's own, and its own trouble is never taken for one."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

import psutil
import pytest
from tests.support.lanes import Tools, living, topic, write_root

from harness.base import sealed
from harness.base.errors import ToolError
from harness.fastlane.cache_keys import identity
from harness.fastlane.command import PlanRejected
from harness.fastlane.equality import differences, normalise
from harness.fastlane.lane import Lane

EVERYTHING = (
    topic("everything")
    + """
variable "names" {
  type = set(string)
  validation {
    condition     = length(var.names) > 0
    error_message = "No name among ${length(var.names)}."
  }
}
module "table" {
  source   = "./table"
  for_each = var.names
  name     = each.key
}
output "arn" {
  value = provider::aws::arn_build("aws", "sns", "eu-west-1", "000000000000", aws_sns_topic.this.name)
}
check "named" {
  assert {
    condition     = aws_sns_topic.this.name == "another"
    error_message = "not another"
  }
}
"""
)
TABLE = """
variable "name" { type = string }
resource "aws_dynamodb_table" "this" {
  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
"""


def everything(root: Path) -> Path:
    write_root(root / "table", TABLE)
    return write_root(root, EVERYTHING)


def names(plan: bytes) -> set[str]:
    return {change["address"] for change in json.loads(plan)["resource_changes"]}


def test_the_plan_is_the_stock_one(tools: Tools, lane: Lane, tmp_path: Path) -> None:
    root = everything(tmp_path / "root")
    (root / "default.auto.tfvars").write_text('names = ["a", "b$"]')
    before = sorted(root.rglob("*"))

    fast = normalise(lane.plan(root))

    assert sorted(root.rglob("*")) == before, "the lane wrote into the root"
    assert differences(normalise(tools.stock(root, tmp_path)), fast) == []
    assert fast["checks"][0]["status"] == "fail"


def test_variables_reach_the_plan_as_they_are(lane: Lane, tmp_path: Path) -> None:
    root = everything(tmp_path / "root")

    plan = json.loads(lane.plan(root, variables={"names": ["a.${b}", "%{c}"]}))

    assert plan["variables"]["names"]["value"] == ["a.${b}", "%{c}"]


def test_a_refusal_carries_terraforms_words(lane: Lane, tmp_path: Path) -> None:
    root = everything(tmp_path / "root")

    with pytest.raises(PlanRejected, match="No name among 0"):
        lane.plan(root, variables={"names": []})
    (found,) = lane.errors(root, variables={"names": []})
    assert (found["summary"], found["range"]["filename"]) == ("Invalid value for variable", "main.tf")
    assert lane.errors(root, variables={"names": ["a"]}) == []
    assert lane.errors(root, verbs=["validate"]) == []


def test_an_invalid_configuration_is_refused_by_validate(lane: Lane, tmp_path: Path) -> None:
    root = write_root(tmp_path, 'resource "aws_sns_topic" "this" { nonsense = 1 }')

    with pytest.raises(PlanRejected, match=r'argument named "nonsense" is not expected'):
        lane.validate(root)
    assert [error["summary"] for error in lane.errors(root)] == ["Unsupported argument"]


def test_what_init_refuses_is_not_taken_for_free_of_errors(lane: Lane, tmp_path: Path) -> None:
    with pytest.raises(PlanRejected, match=r"[Uu]nreadable module|[Ii]nvalid"):
        lane.errors(write_root(tmp_path, 'module "gone" { source = "./gone" }'))


def test_a_type_that_a_module_starts_to_use_is_served(lane: Lane, tmp_path: Path) -> None:
    root = write_root(tmp_path / "root", topic("first"))
    assert names(lane.plan(root)) == {"aws_sns_topic.this"}

    write_root(root / "table", TABLE)
    write_root(root, topic("first") + 'module "table" {\n  source = "./table"\n  name = "t"\n}')

    assert names(lane.plan(root)) == {"aws_sns_topic.this", "module.table.aws_dynamodb_table.this"}


def test_a_type_that_the_search_misses_is_still_served(
    lane: Lane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_root(tmp_path, topic("missed"))
    monkeypatch.setattr("harness.fastlane.usage.types_in_root", lambda *_: frozenset({"aws_sqs_queue"}))

    assert names(lane.plan(root)) == {"aws_sns_topic.this"}


def test_a_type_the_provider_has_not_is_refused_in_the_stock_words(lane: Lane, tmp_path: Path) -> None:
    with pytest.raises(PlanRejected, match=r'does not support resource type "aws_sns_topik"\. Did you mean'):
        lane.plan(write_root(tmp_path, 'resource "aws_sns_topik" "this" {}'))


def test_a_state_may_hold_a_type_that_the_configuration_no_longer_has(
    lane: Lane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Lane, "_with_every_type")  # the slow way out, for what the search misses
    root = write_root(tmp_path / "root", topic("left"))
    queue = {
        "mode": "managed",
        "type": "aws_sqs_queue",
        "name": "old",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"schema_version": 0, "attributes": {"id": "https://queue", "name": "old"}}],
    }
    state = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "outputs": {}}
    (root / "terraform.tfstate").write_text(json.dumps(state | {"resources": [queue]}))

    # The offline stub has no SQS: that the provider asks it to read the queue shows that the state was understood.
    with pytest.raises(PlanRejected, match=r"reading SQS Queue"):
        lane.plan(root)
    unread = json.loads(lane.plan(root, refresh=False))
    assert [(one["address"], one["change"]["actions"]) for one in unread["resource_changes"]] == [
        ("aws_sns_topic.this", ["create"]),
        ("aws_sqs_queue.old", ["delete"]),
    ]


@pytest.mark.parametrize("damage", ["torn", "altered", "another's"])
def test_a_schema_file_that_is_not_whole_and_ours_is_replaced(tools: Tools, tmp_path: Path, damage: str) -> None:
    root, cache = write_root(tmp_path / "root", topic("cached")), tmp_path / "cache"
    with Lane(tools.terraform, tools.provider, cache, tools.env) as lane:
        plan = normalise(lane.plan(root))
    (file,) = cache.glob("schema-*")
    whole = file.read_bytes()
    content = {"torn": whole[: len(whole) // 2], "altered": whole.replace(b"display_name", b"displai_name")}
    file.write_bytes(content.get(damage, whole.replace(whole[20:60], b"0" * 40, 1)))
    assert file.read_bytes() != whole

    with Lane(tools.terraform, tools.provider, cache, tools.env) as lane:
        assert normalise(lane.plan(root)) == plan

    # Not compared byte by byte: the provider tells its types in another order each time.
    kept = sealed.load(file, identity(tools.provider))
    assert kept is not None and len(file.read_bytes()) == len(whole)


def test_a_killed_provider_is_not_taken_for_a_refusal_and_the_next_plan_works(tools: Tools, tmp_path: Path) -> None:
    root = write_root(tmp_path, topic("killed"))
    with tools.lane(MARK=str(tmp_path)) as lane:
        lane.plan(root)
        (provider,) = [one for one, line in living(str(tmp_path)) if "-debug" in line]
        provider.send_signal(signal.SIGKILL)
        psutil.wait_procs([provider])
        try:
            lane.plan(root)
        except PlanRejected:
            pytest.fail("the lane's own trouble looks like a wrong configuration")
        except ToolError:
            pass  # the kill was not yet noticed when the plan began
        assert names(lane.plan(root)) == {"aws_sns_topic.this"}


def test_an_aws_that_does_not_answer_is_not_taken_for_a_refusal(tools: Tools, tmp_path: Path) -> None:
    root = write_root(tmp_path, topic("unreachable").replace("{", "{\n  max_retries = 1", 1))
    with (
        tools.lane(AWS_ENDPOINT_URL="http://127.0.0.1:9") as lane,
        pytest.raises(ToolError, match="lost its provider") as failure,
    ):
        lane.plan(root)
    assert not isinstance(failure.value, PlanRejected)


def test_a_certificate_bundle_does_not_reach_the_provider(tools: Tools, tmp_path: Path) -> None:
    root = write_root(tmp_path, topic("bundle"))
    with tools.lane(AWS_CA_BUNDLE=str(tmp_path / "none.pem")) as lane:
        assert lane.plan(root) and lane.plan(root)


def test_a_provider_that_lives_on_collects_its_garbage(tools: Tools, tmp_path: Path) -> None:
    root = write_root(tmp_path, topic("garbage"))
    with tools.lane(GOGC="off", MARK=str(tmp_path)) as lane:
        lane.plan(root)
        (provider,) = [one for one, line in living(str(tmp_path)) if "-debug" in line]
        env = provider.environ()
        assert (env["GOGC"], env["GOMEMLIMIT"]) == ("400", "640MiB")


def test_a_closed_lane_leaves_nothing_and_can_be_used_again(tools: Tools, tmp_path: Path) -> None:
    root = write_root(tmp_path, topic("again"))
    lane = tools.lane(MARK=str(tmp_path))
    for _ in range(2):
        lane.plan(root)
        assert len(living(str(tmp_path))) >= 2
        lane.close()
        assert living(str(tmp_path)) == []


def test_without_a_provider_the_message_says_what_to_do(tools: Tools, tmp_path: Path) -> None:
    shutil.copy("/bin/sh", tmp_path / "no-provider")
    for provider, message in (("missing", r"no provider at .*terraform init"), ("no-provider", "provider exited")):
        with (
            Lane(tools.terraform, tmp_path / provider, tmp_path, tools.env) as lane,
            pytest.raises(ToolError, match=message),
        ):
            lane.validate(tmp_path)
