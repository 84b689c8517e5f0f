"""The arithmetic of the estimate, and that no resource of any environment is left out of it."""

from __future__ import annotations

import re

import pytest
from tests.support.builder import Res, plan

from harness.base.errors import HarnessError
from harness.base.paths import REPO
from harness.cost import FREE, PRICED, Estimate, as_content, as_text, estimate, read_prices
from harness.cost.prices import Traffic
from harness.facts.stacks import environments
from harness.plan import UNKNOWN

TEXT = (REPO / "scripts" / "harness" / "cost" / "prices.yaml").read_bytes()
PRICES = read_prices(TEXT)
TRAFFIC = Traffic(requests=10_000_000, stored_gb=5)
FUNCTION = Res("aws_lambda_function.this", {"memory_size": 512, "tracing_config": [{"mode": "PassThrough"}]})
TABLE = Res(
    "aws_dynamodb_table.this",
    {"billing_mode": "PAY_PER_REQUEST", "point_in_time_recovery": [{"enabled": False}], "global_secondary_index": []},
)


def costs(*resources: Res, traffic: Traffic = TRAFFIC) -> dict[str, float]:
    return {line.price: round(line.usd, 6) for line in estimate(plan(*resources), PRICES, traffic).lines}


@pytest.mark.parametrize("environment", environments())
def test_every_type_of_an_environment_is_priced_or_free(environment: str) -> None:
    inventory = (REPO / "tests" / "envs" / f"{environment}.yaml").read_text()
    counts = inventory.split("counts:\n")[1].split("\nresources:")[0]
    kinds = set(re.findall(r"^  (\w+): \d+$", counts, re.MULTILINE))
    assert len(kinds) > 15
    assert kinds <= FREE | PRICED.keys()
    assert not FREE & PRICED.keys()
    PRICES.traffic_of(environment)


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
    # 60 % reads of 1 unit, 20 % pages of 3, 20 % writes of 3: 12 and 6 million units.
    assert found == {
        "table_read": pytest.approx(12 * 0.1415),
        "table_write": pytest.approx(6 * 0.7075),
        "table_storage": pytest.approx(10 * 0.283),
    }
    assert "table_recovery" in costs(TABLE.but(point_in_time_recovery=[{"enabled": True}]))


def test_a_provisioned_table_costs_by_the_hour_its_index_included() -> None:
    index = [{"read_capacity": 5, "write_capacity": 1}]
    units = {"read_capacity": 5, "write_capacity": 2, "global_secondary_index": index}
    found = costs(TABLE.but(billing_mode="PROVISIONED", **units), traffic=Traffic(0, 0))
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
    found = estimate(plan(FUNCTION, TABLE, Res("aws_kms_key.this", {})), PRICES, Traffic(0, 0))
    assert found.total(fixed=True) == pytest.approx(1.0)
    metrics = 10 * 0.3  # they are billed once they are sent
    assert found.total() == pytest.approx(1.0 + metrics)


def test_what_nobody_priced_is_told_and_what_goes_away_costs_nothing() -> None:
    gone = Res("aws_kms_key.old", None, action="delete", before={})
    found = estimate(plan(Res("aws_rds_cluster.this", {}), gone), PRICES, TRAFFIC)
    assert found == Estimate((), ("aws_rds_cluster.this",))
    assert "NOT PRICED, so the total is too low: aws_rds_cluster.this" in as_text(found, PRICES, TRAFFIC, "dev")


def test_the_report_states_prices_date_and_traffic() -> None:
    alarms = [Res(f'aws_cloudwatch_metric_alarm.this["{name}"]', {}) for name in "ab"]
    found = estimate(plan(*alarms), PRICES, TRAFFIC)
    text = as_text(found, PRICES, TRAFFIC, "dev")
    assert text.startswith("dev: about 0.20 USD a month, 0.20 of it without any request\n")
    for part in ("2 alarms", PRICES.as_of, PRICES.region, "10,000,000 requests", "5 GB", "not verified"):
        assert part in text
    content = as_content(found, PRICES, TRAFFIC)
    assert content["usd_a_month"] == {"total": 0.2, "fixed": 0.2, "traffic": 0}


def test_every_price_has_a_source() -> None:
    assert all(price.source.startswith("aws.amazon.com/") for price in PRICES.prices.values())


def test_a_damaged_price_list_and_an_unknown_environment_are_one_clear_line() -> None:
    with pytest.raises(HarnessError, match=r"prices.yaml: .*as_of"):
        read_prices(TEXT.replace(b"as_of", b"since"))
    with pytest.raises(HarnessError, match="no traffic is assumed for staging -> add it"):
        PRICES.traffic_of("staging")
