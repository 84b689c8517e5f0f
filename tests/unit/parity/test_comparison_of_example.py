"""The comparison of the worked example's environments, row by row."""

from __future__ import annotations

import pytest
from tests.example import ENVIRONMENTS
from tests.support.planning import Plans

from harness.facts import read_blueprint
from harness.parity import comparison

pytestmark = pytest.mark.example


def test_every_row_reads_the_plans(plans: Plans) -> None:
    read = {name: plans.environment(name).result() for name in ENVIRONMENTS}
    lines = comparison.render(read, read_blueprint()).splitlines()

    def row(setting: str) -> list[str]:
        (line,) = (line for line in lines if line.startswith(f"| {setting}"))
        return [cell.strip() for cell in line.strip("|").split("|")][1:3]

    assert row("Lambda memory") == ["512 MB / 10 s", "1,024 MB / 10 s"]
    assert row("Lambda reserved") == ["10", "100"]
    assert row("API throttle") == ["100 / 200 requests/s", "1,000 / 2,000 requests/s"]
    assert row("usage plan")[0] == "none: no key asked"
    assert "except for GET /health; 1,000 / 2,000 requests/s, 1,000,000 a day" in row("usage plan")[1]
    assert "table 2,000 read, 1,300 write; index by-shard 200 read, 100 write" in row("table capacity")[0]
    assert "index by-status 2,000 read, 2,000 write" in row("table capacity")[1]
    assert row("point-in-time recovery") == ["off", "on, 35 days"]
    assert row("deletion protection") == ["off", "on"]
    assert row("encryption")[0].startswith("table: AWS-managed key")
    assert row("encryption")[1].startswith("one customer-managed key with rotation")
    assert row("log retention") == ["7 days", "30 days"]
    assert row("access log") == ["on", "on"]
    assert row("alarms")[0].endswith("0 composite, without actions")
    assert row("alarms")[1].endswith("3 composite, with actions")
    assert row("X-Ray") == ["off", "on"]
    assert row("destroy") == ["free", "refused without acknowledgement, address by address"]
