"""Which resource belongs to which, in plans of several instances of one module."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.plan import Plan, read_plan
from harness.rules.relations import aliases, referred, related

FUNCTION, ROLE, API = "aws_lambda_function", "aws_iam_role", "aws_api_gateway_rest_api"


def change(
    module: str, kind: str, values: dict[str, Any], unknown: dict[str, Any], index: Any = None
) -> dict[str, Any]:
    address = f"{module}.{kind}.this" + (f"[{json.dumps(index)}]" if index is not None else "")
    sides = {"before": None, "after": values, "after_unknown": unknown}
    marks = {"before_sensitive": False, "after_sensitive": {}}
    entry = {
        "address": address,
        "module_address": module,
        "mode": "managed",
        "type": kind,
        "name": "this",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["create"], **sides, **marks},
    }
    return entry | ({"index": index} if index is not None else {})


def block(kind: str, **expressions: list[str]) -> dict[str, Any]:
    made = {name: {"references": references} for name, references in expressions.items()}
    return {"type": kind, "name": "this", "mode": "managed", "expressions": made}


def planned(services: tuple[str, ...]) -> Plan:
    """A module call for each service: a function with its role and alias; one more with what all of them share."""
    calls = {
        "function": {
            "expressions": {},
            "module": {
                "resources": [
                    block(ROLE),
                    block(FUNCTION, role=[f"{ROLE}.this.arn", f"{ROLE}.this"]),
                    block("aws_lambda_alias", function_name=[f"{FUNCTION}.this.function_name", f"{FUNCTION}.this"]),
                ],
                "outputs": {"arn": {"expression": {"references": [f"{FUNCTION}.this.arn", f"{FUNCTION}.this"]}}},
            },
        },
        "more": {
            "expressions": {"of": {"references": ["module.function"]}, "one": {"references": ["module.function.arn"]}},
            "module": {
                "resources": [
                    block(
                        "aws_x", one=["var.one"], keyed=[f"{API}.this[0].id", f"{API}.this"], each=[f"{API}.this.id"]
                    ),
                    block(API),
                ]
            },
        },
    }
    resources = [
        one
        for name in services
        for module in [f'module.function["{name}"]']
        for one in (
            change(module, ROLE, {"name": name}, {"arn": True}),
            change(module, FUNCTION, {"function_name": name}, {"role": True, "arn": True}),
            change(module, "aws_lambda_alias", {"name": "live"}, {"function_name": True}),
        )
    ]
    unknown = {"one": True, "keyed": True, "each": True}
    resources += [change("module.more", "aws_x", {}, unknown, index=1)]
    resources += [change("module.more", API, {"name": f"api-{at}"}, {"id": True}, index=at) for at in (0, 1)]
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "errored": False,
        "complete": True,
        "applyable": True,
        "resource_changes": resources,
        "checks": [],
        "configuration": {"root_module": {"resources": [], "module_calls": calls}},
    }
    return read_plan(json.dumps(document).encode())


PLAN = planned(("one", "two"))


@pytest.mark.parametrize("name", ["one", "two"])
def test_a_reference_within_a_module_is_to_the_same_instance_of_it(name: str) -> None:
    function = PLAN.resource(f'module.function["{name}"].{FUNCTION}.this')
    assert [one.address for one in related(PLAN, function, "role", ROLE, "arn")] == [
        f'module.function["{name}"].{ROLE}.this'
    ]


def test_aliases_are_of_their_own_function() -> None:
    assert aliases(PLAN) == {("one", "live"), ("two", "live")}


def test_a_reference_to_an_output_of_several_instances_may_be_any_of_them() -> None:
    found = referred(PLAN, PLAN.resource("module.more.aws_x.this[1]"), "one", FUNCTION)
    assert [one.find("function_name") for one in found] == ["one", "two"]


@pytest.mark.parametrize(("attribute", "api"), [("keyed", "api-0"), ("each", "api-1")])
def test_a_key_that_is_written_is_followed_and_one_that_is_not_is_the_same(attribute: str, api: str) -> None:
    found = referred(PLAN, PLAN.resource("module.more.aws_x.this[1]"), attribute, API)
    assert [one.find("name") for one in found] == [api]


def test_only_the_output_that_is_asked_for_counts() -> None:
    change = PLAN.resource("module.more.aws_x.this[1]")
    assert referred(PLAN, change, "keyed", API, "id")
    assert not referred(PLAN, change, "keyed", API, "execution_arn")
