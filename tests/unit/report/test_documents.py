"""Documents generated from plans and data: the comparison of environments and the function's permissions."""

from __future__ import annotations

from typing import Any

from tests.support.builder import Res, plan

from harness.facts import Action, Grant, read_base_grants, read_grants, service_names
from harness.parity import comparison
from harness.plan import UNKNOWN, Plan
from harness.report import iamdoc


def small(**function: Any) -> Plan:
    return plan(
        Res("aws_lambda_function.this", {"memory_size": 512, "timeout": 10, **function}),
        Res("aws_dynamodb_table.this", {"billing_mode": "PAY_PER_REQUEST"}),
    )


def row(setting: str, dev: Plan, prod: Plan) -> list[str]:
    lines = [line for line in comparison.render(dev, prod).splitlines() if line.startswith(f"| {setting}")]
    assert len(lines) == 1
    return [cell.strip() for cell in lines[0].strip("|").split("|")][1:3]


def test_every_row_reads_the_plans(dev: Plan, prod: Plan) -> None:
    assert row("Lambda memory", dev, prod) == ["512 MB / 10 s", "1,024 MB / 10 s"]
    assert row("Lambda reserved", dev, prod) == ["10", "100"]
    assert row("API stage throttle", dev, prod) == ["100 / 200 requests/s", "1,000 / 2,000 requests/s"]
    assert row("usage plan", dev, prod)[0] == "none: no key asked"
    assert "except for GET /health; 1,000 / 2,000 requests/s, 1,000,000 a day" in row("usage plan", dev, prod)[1]
    assert "table 200 read, 1,300 write" in row("table capacity", dev, prod)[0]
    assert "index 14,000 read, 5,000 write" in row("table capacity", dev, prod)[1]
    assert row("point-in-time recovery", dev, prod) == ["off", "on, 35 days"]
    assert row("deletion protection", dev, prod) == ["off", "on"]
    assert row("encryption", dev, prod)[0].startswith("table: AWS-managed key")
    assert row("encryption", dev, prod)[1].startswith("one customer-managed key with rotation")
    assert row("log retention", dev, prod) == ["7 days", "30 days"]
    assert row("access log", dev, prod) == ["on", "on"]
    assert row("alarms", dev, prod)[0] == "1 (`lambda-errors-dev`), 0 composite, without actions"
    assert row("alarms", dev, prod)[1].endswith("3 composite, with actions")
    assert row("X-Ray", dev, prod) == ["off", "on"]
    assert row("destroy", dev, prod)[0] == "free"


def test_every_row_says_what_it_costs(dev: Plan, prod: Plan) -> None:
    for line in comparison.render(dev, prod).splitlines()[2:]:
        assert line.count("|") == 5
        assert line.strip("|").split("|")[3].strip()


def test_what_is_missing_or_unknown_is_none_and_not_a_crash() -> None:
    odd = small(memory_size=UNKNOWN, timeout=None, reserved_concurrent_executions=-1)
    assert row("Lambda memory", odd, plan()) == ["none MB / none s", "none MB / none s"]
    assert row("Lambda reserved", odd, plan())[0] == "none"
    assert row("table capacity", plan(Res("aws_dynamodb_table.this", {"billing_mode": "PROVISIONED"})), odd)[0] == (
        "provisioned"
    )


READ = Action("dynamodb:GetItem", "Reads | one.", required=True, drop="Serve nothing.")
WRITE = Action("dynamodb:PutItem", "Writes.", required=False, drop="Be read-only.")
CARTS = Grant("Carts", "table:carts", "One\ntable.", (READ, WRITE))
LIST = Grant("List", "index:carts/by-x", "A list.", (READ,))
SEND = Grant("Send", "queue:outbox", "Letters.", (WRITE,))
KEY = Grant("Key", "key", "Data.", (READ,), when="customer_key", through=("dynamodb", "lambda"))
TRACE = Grant("Trace", "any", "No narrower.", (READ,), when="tracing")


def test_permissions_of_every_service_are_rendered_with_their_reasons() -> None:
    text = iamdoc.render((KEY, TRACE), {"shop": (CARTS, LIST), "mail": (SEND,), "idle": ()})
    parts = {part.partition("\n")[0]: part for part in text.split("\n## ")}
    assert list(parts)[1:] == [
        "Every function", "The function of idle", "The function of mail", "The function of shop",
    ]  # fmt: skip
    shop = parts["The function of shop"]
    assert "From `lambda/shop/permissions.yaml`." in shop
    assert "| `dynamodb:GetItem` | Carts | the table `carts` | Reads \\| one. | required | Serve nothing. |" in shop
    assert "| `dynamodb:PutItem` | Carts | the table `carts` | Writes. | optional | Be read-only. |" in shop
    assert "- **Carts** on the table `carts`, always. One table." in shop
    assert "- **List** on the index `by-x` of the table `carts`, always. A list." in shop
    assert "- **Send** on the queue `outbox`, always. Letters." in parts["The function of mail"]
    assert "Nothing beyond what every function may" in parts["The function of idle"]
    said = "**Key** on the environment's key, where a customer-managed key encrypts, only through dynamodb and lambda."
    assert said in parts["Every function"]
    assert '**Trace** on everything (`"*"`), where X-Ray is on. No narrower.' in parts["Every function"]
    assert text.endswith("\n")


def test_every_real_permission_is_rendered() -> None:
    services = {name: read_grants(name) for name in service_names()}
    text = iamdoc.render(read_base_grants(), services)
    every = [
        action for grants in (read_base_grants(), *services.values()) for grant in grants for action in grant.actions
    ]
    assert text.count("| required |") + text.count("| optional |") == len(every) > 0
