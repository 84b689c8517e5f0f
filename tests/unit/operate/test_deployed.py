"""What is deployed is found by type, whatever the modules are called and however many there are."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.states import context, document, resource

from harness.base.errors import HarnessError, UsageError
from harness.base.paths import Stack, Target
from harness.facts import read_blueprint, service_names
from harness.operate.deployed import (
    Function,
    Table,
    chosen_functions,
    chosen_tables,
    functions_of,
    read_deployed,
    tables_of,
)
from harness.operate.instances import instances_of, read_instances
from harness.operate.recovery.states import parse

STACK, SERVICE = Stack("somewhere", "alice", Target.LOCAL), service_names()[0]
ARN = "arn:aws:lambda:eu-west-1:000000000000:function"
FUNCTIONS = [
    resource(
        "aws_lambda_function",
        {"function_name": "b", "filename": f"./../../build/bundle/{SERVICE}.zip", "handler": "x.y.z"},
        {"function_name": "a", "filename": "./../../build/bundle/other.zip", "handler": "o.handler"},
        module='module.any["x"]',
    ),
    resource("aws_lambda_alias", {"function_name": f"{ARN}:b", "name": "live"}, name="live"),
    resource("aws_lambda_alias", {"function_name": "a", "name": "current"}, module="module.m", name="current"),
]
TABLES = resource(
    "aws_dynamodb_table",
    {
        "name": "t2",
        "hash_key": "name",
        "range_key": "at",
        "attribute": [{"name": "at", "type": "N"}, {"name": "name", "type": "S"}, {"name": "other", "type": "B"}],
        "ttl": [{"enabled": False, "attribute_name": ""}],
        "point_in_time_recovery": [{"enabled": True}],
    },
    {
        "name": "t1",
        "hash_key": "id",
        "range_key": "",
        "attribute": [{"name": "id", "type": "S"}],
        "ttl": [{"enabled": True, "attribute_name": "until"}],
        "point_in_time_recovery": [],
    },
)
STAGE = {"rest_api_id": "r", "stage_name": "v1", "invoke_url": "https://r/v1"}
OUTPUTS = {"base_url": "https://r/v1", "api_key": None, "api_key_required": False}


def deployed(*more: dict[str, Any], stack: Stack = STACK, **outputs: Any) -> Any:
    return read_deployed(context(stack, document(*FUNCTIONS, TABLES, *more, **{**OUTPUTS, **outputs})))


def test_functions_tables_stage_and_groups_are_found_whatever_their_addresses() -> None:
    groups = resource("aws_cloudwatch_log_group", {"name": "/b"}, {"name": "/a"})
    found = deployed(groups, resource("aws_api_gateway_stage", STAGE), api_key="secret", api_key_required=True)
    assert found.functions == (
        Function("a", "current", "other", "./../../build/bundle/other.zip", "o.handler"),
        Function("b", "live", SERVICE, f"./../../build/bundle/{SERVICE}.zip", "x.y.z"),
    )
    assert found.tables == (
        Table("t1", ("id",), ("S",), "until", recoverable=False),
        Table("t2", ("name", "at"), ("S", "N"), "", recoverable=True),
    )
    assert (found.services, found.log_groups) == ((SERVICE,), ("/a", "/b"))
    assert (found.api_id, found.stage_name, found.api_key, found.api_key_required) == ("r", "v1", "secret", True)
    assert found.base_url == "http://local/restapis/r/v1/_user_request_"
    assert "secret" not in repr(found)


def test_on_aws_the_address_is_the_outputs() -> None:
    stack = Stack("somewhere", "alice", Target.AWS)
    stage = resource("aws_api_gateway_stage", STAGE)
    assert deployed(stage, stack=stack, base_url="https://r/v1/").base_url == "https://r/v1"


def test_of_several_stages_the_one_that_answers_is_chosen() -> None:
    other = {"rest_api_id": "o", "stage_name": "v2", "invoke_url": "https://o/v2"}
    assert deployed(resource("aws_api_gateway_stage", other, STAGE)).api_id == "r"
    with pytest.raises(HarnessError, match="none of the stages v2, v1 has the address of the output base_url"):
        deployed(resource("aws_api_gateway_stage", other, STAGE), base_url="https://elsewhere")


@pytest.mark.parametrize("body", [None, document(), document(*FUNCTIONS, **OUTPUTS)])
def test_nothing_is_deployed_without_a_stage(body: bytes | None) -> None:
    with pytest.raises(HarnessError, match=r"somewhere \(suffix alice\) is not deployed -> make up ENV=somewhere"):
        read_deployed(context(STACK, body))


def test_a_function_of_two_aliases_is_refused() -> None:
    second = resource("aws_lambda_alias", {"function_name": "a", "name": "next"}, name="next")
    state = parse(document(*FUNCTIONS, second))
    assert state is not None
    with pytest.raises(HarnessError, match="function a has two aliases, current and next"):
        functions_of(instances_of(state))


def test_addresses_are_as_plans_name_them() -> None:
    state = document(
        resource("aws_x", {"attributes": {"id": "1"}, "index_key": 0}, module='module.m["a"]'),
        resource("aws_x", {"attributes": {"id": "2"}, "index_key": "GET /ü", "status": "tainted"}, name="other"),
        resource("aws_x", {"attributes": {"id": "3"}, "deposed": "d"}, name="third"),
        {"mode": "data", "type": "aws_x", "name": "read", "instances": [{"attributes": {}}]},
    )
    found = read_instances(context(STACK, state).state)
    assert [(one.address, one.module, one.half_made, one.left_over) for one in found] == [
        ('module.m["a"].aws_x.this[0]', 'module.m["a"]', False, False),
        ('aws_x.other["GET /ü"]', "", True, False),
        ("aws_x.third", "", False, True),
    ]


@pytest.mark.parametrize("body", [b"", b'{"resources": [{', b"[]", b"null", b'{"resources": [1]}', b'{"outputs": {}}'])
def test_a_damaged_state_is_one_clear_error(body: bytes) -> None:
    with pytest.raises(HarnessError, match="tfstate is damaged -> make restore WHAT=state brings it back"):
        read_instances(context(STACK, body).state)


def test_a_function_is_chosen_by_its_service_or_its_name() -> None:
    functions = deployed(resource("aws_api_gateway_stage", STAGE)).functions
    assert chosen_functions(functions, "") == functions
    assert [one.name for word in (SERVICE, "b", "a") for one in chosen_functions(functions, word)] == ["b", "b", "a"]
    with pytest.raises(UsageError, match=f"FUNCTION=nobody is not deployed -> use one of: other, {SERVICE}"):
        chosen_functions(functions, "nobody")


def test_a_table_is_chosen_by_its_name_or_its_thing() -> None:
    name = read_blueprint().name("orders", "alice")
    values = {"hash_key": "id", "attribute": [{"name": "id", "type": "S"}]}
    state = parse(document(resource("aws_dynamodb_table", {"name": name, **values}, {"name": "t", **values})))
    assert state is not None
    tables = tables_of(instances_of(state))
    assert chosen_tables(tables, "", STACK) == tables
    assert [one.name for word in ("orders", name, "t") for one in chosen_tables(tables, word, STACK)] == [
        name,
        name,
        "t",
    ]
    with pytest.raises(UsageError, match=f"TABLE=order is no table of .* -> use one of: {name}, t"):
        chosen_tables(tables, "order", STACK)
