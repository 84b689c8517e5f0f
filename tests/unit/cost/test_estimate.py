"""The arithmetic of the estimate, and that no resource of any environment is left out of it."""

from __future__ import annotations

import re

import pytest
from tests.support.builder import Res, plan

from harness.base.errors import HarnessError
from harness.base.paths import REPO
from harness.cost import Estimate, as_content, as_text, estimate, read_prices
from harness.facts import FactError, Load, read_blueprint
from harness.plan import UNKNOWN
from harness.plan.resource_types import TYPES, unknown_types

TEXT = (REPO / "scripts" / "harness" / "cost" / "prices.yaml").read_bytes()
PRICES = read_prices(TEXT)
LOAD = Load(requests_per_month=10_000_000, stored_gb=5)
FUNCTION = Res("aws_lambda_function.this", {"memory_size": 512, "tracing_config": [{"mode": "PassThrough"}]})
TABLE = Res(
    "aws_dynamodb_table.this",
    {"billing_mode": "PAY_PER_REQUEST", "point_in_time_recovery": [{"enabled": False}], "global_secondary_index": []},
)


def costs(*resources: Res, load: Load | None = LOAD) -> dict[str, float]:
    return {line.price: round(line.usd, 6) for line in estimate(plan(*resources), PRICES, load).lines}


RESOURCE = re.compile(r'^resource "(\w+)"', re.MULTILINE)
RULES = re.compile(r'"(aws_[a-z0-9_]+)"')


OURS = ("alarms", "api", "function", "key", "table")


def written() -> set[str]:
    """Types of the resources that the blueprint's own modules write; a team's module may hold others."""
    files = (file for module in OURS for file in (REPO / "modules" / module).glob("*.tf"))
    return {kind for file in files for kind in RESOURCE.findall(file.read_text())}


def test_every_type_of_the_modules_is_known_and_its_prices_stand_in_the_list() -> None:
    kinds = written() | {"aws_iam_policy", "aws_kms_key_policy", "terraform_data"}
    assert len(kinds) > 25
    assert unknown_types(kinds) == ()
    named = {price for kind in TYPES.values() for price in kind.prices}
    assert named == PRICES.prices.keys()


def test_every_type_that_a_rule_names_is_known_but_what_is_read_measured_or_left_alone() -> None:
    files = (REPO / "scripts" / "harness" / "rules").glob("*.py")
    left_alone = {
        *("aws_cloudwatch_event_permission", "aws_kms_grant", "aws_lambda_function_url"),
        *("aws_lambda_layer_version_permission", "aws_iam_group_policy", "aws_iam_group_policy_attachment"),
        *("aws_iam_role_policy_attachments_exclusive", "aws_iam_user_policy", "aws_iam_user_policy_attachment"),
        *("aws_iam_policy_document", "aws_kinesis_stream", "aws_sqs_queue", "aws_vpc_endpoint"),
    }
    assert set(unknown_types(kind for file in files for kind in RULES.findall(file.read_text()))) == left_alone


def test_a_type_whose_identifier_aws_makes_up_has_no_name_of_ours() -> None:
    assert not [kind for kind, facts in TYPES.items() if facts.generated and facts.name]
    assert list(TYPES) == sorted(TYPES)


def test_a_function_costs_requests_and_memory_times_time() -> None:
    found = costs(FUNCTION)
    # 10 million requests of 40 ms at half a GB: 200,000 GB-seconds.
    assert found["lambda_request"] == pytest.approx(2.0)
    assert found["lambda_gb_second"] == pytest.approx(200_000 * 0.0000133334)
    assert "trace" not in found
    traced = costs(FUNCTION.but(tracing_config=[{"mode": "Active"}]))
    assert traced["trace"] == pytest.approx(10_000_000 * 0.05 / 1e6 * 5)


def test_an_on_demand_table_costs_by_request_unit() -> None:
    found = costs(TABLE)
    # 60 % reads of 1 unit, 20 % pages of 12, 20 % writes of 4: 30 and 8 million units.
    assert found == {
        "table_read": pytest.approx(30 * 0.1415),
        "table_write": pytest.approx(8 * 0.7075),
        "table_storage": pytest.approx(5 * 0.283),
    }
    assert costs(TABLE.but(global_secondary_index=[{}, {}]))["table_storage"] == pytest.approx(15 * 0.283)
    keys = {"projection_type": "KEYS_ONLY"}
    assert costs(TABLE.but(global_secondary_index=[keys, keys]))["table_storage"] == pytest.approx(7.5 * 0.283)
    assert "table_recovery" in costs(TABLE.but(point_in_time_recovery=[{"enabled": True}]))


def test_a_provisioned_table_costs_by_the_hour_its_index_included() -> None:
    index = [{"read_capacity": 5, "write_capacity": 1}]
    units = {"read_capacity": 5, "write_capacity": 2, "global_secondary_index": index}
    found = costs(TABLE.but(billing_mode="PROVISIONED", **units), load=Load(0, 0))
    assert found["table_read_hour"] == pytest.approx(10 * 730 * 0.000147)
    assert found["table_write_hour"] == pytest.approx(3 * 730 * 0.000735)


@pytest.mark.parametrize(("name", "kb"), [("/aws/lambda/f", 1.5), ("/aws/apigateway/a", 0.7), (UNKNOWN, 0.3)])
def test_logs_cost_when_written_and_for_as_long_as_they_are_kept(name: object, kb: float) -> None:
    found = costs(Res("aws_cloudwatch_log_group.this", {"name": name, "retention_in_days": 90}))
    gigabytes = 10_000_000 * kb / 1e6
    assert found == {
        "log_ingestion": pytest.approx(gigabytes * 0.57),
        "log_storage": pytest.approx(gigabytes * 3 * 0.03),
    }


def test_without_requests_only_what_is_fixed_costs() -> None:
    found = estimate(plan(FUNCTION, TABLE, Res("aws_kms_key.this", {})), PRICES, Load(0, 0))
    assert found.total(fixed=True) == pytest.approx(1.0)
    metrics = 10 * 0.3  # they are billed once they are sent
    assert found.total() == pytest.approx(1.0 + metrics)


def test_without_a_load_only_what_is_fixed_is_estimated_and_that_is_said() -> None:
    judged = plan(FUNCTION, TABLE, Res("aws_kms_key.this", {}))
    found = estimate(judged, PRICES, None)
    assert [line.price for line in found.lines] == ["key"]
    assert "only what costs without any request; state its load in blueprint.yaml" in as_text(found, PRICES, None, "x")
    assert as_content(found, PRICES, None)["load"] is None


def test_several_functions_tables_and_logs_share_the_requests_and_what_is_stored() -> None:
    def usd(*resources: Res) -> float:
        return estimate(plan(*resources), PRICES, LOAD).total()

    logs = [
        Res(f"aws_cloudwatch_log_group.{name}", {"name": f"/aws/{kind}/{name}", "retention_in_days": 30})
        for kind, name in (("lambda", "a"), ("lambda", "b"), ("apigateway", "c"))
    ]
    functions = [Res(f"aws_lambda_function.{name}", FUNCTION.after) for name in "ab"]
    assert usd(*functions) - 2 * 10 * 0.3 == pytest.approx(usd(FUNCTION) - 10 * 0.3)
    assert usd(*(Res(f"aws_dynamodb_table.{name}", TABLE.after) for name in "abc")) == pytest.approx(usd(TABLE))
    assert usd(*logs) == pytest.approx(usd(logs[0]) + usd(logs[2]))


def test_types_that_nobody_priced_are_told_once_and_what_goes_away_costs_nothing() -> None:
    gone = Res("aws_kms_key.old", None, action="delete", before={})
    queues = [Res(f"aws_sqs_queue.{name}", {}) for name in "ab"]
    found = estimate(plan(Res("aws_rds_cluster.this", {}), *queues, gone), PRICES, LOAD)
    assert found == Estimate((), ("aws_rds_cluster", "aws_sqs_queue"))
    text = as_text(found, PRICES, LOAD, "x")
    assert text.endswith("\nnot priced, so the total is too low: aws_rds_cluster, aws_sqs_queue\n")
    assert "not priced" not in as_text(estimate(plan(), PRICES, LOAD), PRICES, LOAD, "x")


def test_the_report_states_prices_date_and_traffic() -> None:
    alarms = [Res(f'aws_cloudwatch_metric_alarm.this["{name}"]', {}) for name in "ab"]
    found = estimate(plan(*alarms), PRICES, LOAD)
    text = as_text(found, PRICES, LOAD, "lax")
    assert text.startswith("lax: about 0.20 USD a month, 0.20 of it without any request\n")
    for part in ("2 alarms", PRICES.as_of, PRICES.region, "10,000,000 requests", "5 GB", "not verified"):
        assert part in text
    content = as_content(found, PRICES, LOAD)
    assert content["usd_a_month"] == {"total": 0.2, "fixed": 0.2, "traffic": 0}


def test_every_price_has_a_source() -> None:
    assert all(price.source.startswith("aws.amazon.com/") for price in PRICES.prices.values())


def test_a_damaged_price_list_is_one_clear_line() -> None:
    with pytest.raises(HarnessError, match=r"prices.yaml: .*as_of"):
        read_prices(TEXT.replace(b"as_of", b"since"))


def test_the_load_of_an_environment_stands_in_the_blueprint_alone() -> None:
    with pytest.raises(FactError, match="lists no environment zz-none"):
        read_blueprint().environment("zz-none")
    assert b"traffic" not in TEXT
    assert any(one.load for one in read_blueprint().environments.values())
