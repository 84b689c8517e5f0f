"""The judgement on a plan's contracts: who is compared, what is said, what keeps it from being applied."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.builder import Res, plan

from harness.base.errors import HarnessError
from harness.base.findings import Severity
from harness.operate.contract_change import Agreed, ContractChange, contract_change
from harness.operate.served_contract import Served, UnreadableError
from harness.plan import UNKNOWN

OPERATION = {"responses": {"200": {"description": "It."}}}
SERVED: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Things", "version": "1.2.0"},
    "paths": {"/things": {"get": OPERATION, "post": OPERATION}, "/more": {"get": OPERATION}},
}
GONE = "was served, is removed"
Contracts = dict[str, Any]


def without(*paths: str, version: str = "1.2.0") -> Contracts:
    """Return the served contract without some paths."""
    wanted = copy.deepcopy(SERVED)
    wanted["info"]["version"] = version
    for path in paths:
        del wanted["paths"][path]
    return wanted


def function(key: str, *, action: str = "no-op", name: str = "", zipped: Any = None) -> tuple[Res, Res]:
    """Return a function that runs ``build/bundle/<key>.zip``, and its alias."""
    name = name or f"api-{key}-x"
    after = {"function_name": name, "filename": f"../../build/bundle/{key}.zip" if zipped is None else zipped}
    alias = {"function_name": name, "name": "live"}
    before = (None, None) if action == "create" else ({"function_name": name, "filename": "old.zip"}, alias)
    left = (None, None) if action == "delete" else (after, alias)
    return (
        Res(f'aws_lambda_function.this["{key}"]', left[0], action=action, before=before[0]),
        Res(f'aws_lambda_alias.live["{key}"]', left[1], action=action, before=before[1]),
    )


def judged(
    folder: Path,
    *resources: Res,
    wanted: dict[str, Contracts],
    served: dict[str, Any] | None = None,
    guarded: bool = True,
    agreed: Agreed = Agreed(),  # noqa: B008 - frozen
) -> ContractChange:
    """Judge a plan; ``served`` is a contract, or what asking for it raises, by the function's name."""
    for name, contract in wanted.items():
        (folder / f"{name}.json").write_text(json.dumps(contract))

    def read(name: str, alias: str) -> Served | None:
        assert alias == "live"
        held = {"api-things-x": SERVED, **(served or {})}[name]
        if isinstance(held, UnreadableError):
            raise held
        return held if held is None or isinstance(held, Served) else Served("7", held)

    return contract_change(plan(*resources), read, environment="e", guarded=guarded, agreed=agreed, bundles=folder)


def messages(change: ContractChange) -> list[tuple[str, str, str]]:
    return [(one.severity, one.address, one.message) for one in change.findings]


def test_what_no_client_notices_is_said_and_is_no_finding(tmp_path: Path) -> None:
    change = judged(tmp_path, *function("things"), wanted={"things": SERVED | {"tags": [{"name": "t"}]}})
    assert change == ContractChange((), ("api-things-x version 7: no client notices",))
    assert change.rendered() == "contract-change: api-things-x version 7: no client notices\n"


def test_a_break_is_an_error_in_a_guarded_environment_and_a_note_elsewhere(tmp_path: Path) -> None:
    wanted = {"things": without("/more")}
    hint = "if that is meant, raise the major number of its info.version, 1.2.0"
    address = 'aws_lambda_function.this["things"]'
    for guarded, severity in ((True, Severity.ERROR), (False, Severity.NOTE)):
        change = judged(tmp_path, *function("things"), wanted=wanted, guarded=guarded)
        assert messages(change) == [(severity, address, f"GET /more: {GONE}; {hint}")]
        assert change.lines == ("api-things-x version 7: 1 break",)
        assert [one.environment for one in change.findings] == ["e"]
    assert "  note contract-change aws_lambda_function.this" in change.rendered()


@pytest.mark.parametrize(("version", "meant"), [("2.0.0", True), ("1.3.0", False), ("1.2.0", False)])
def test_a_raised_major_number_says_that_breaks_are_meant(tmp_path: Path, version: str, meant: bool) -> None:
    wanted = {"things": without("/more", "/things", version=version)}
    change = judged(tmp_path, *function("things"), wanted=wanted)
    assert {one.severity for one in change.findings} == {Severity.NOTE if meant else Severity.ERROR}
    assert len(change.findings) == 3
    if meant:
        assert change.lines == ("api-things-x version 7: 3 breaks, meant: info.version 1.2.0 is raised to 2.0.0",)
        assert messages(change)[0][2] == f"GET /more: {GONE}"


def test_every_function_is_compared_with_its_own(tmp_path: Path) -> None:
    orders = SERVED | {"info": SERVED["info"]}
    change = judged(
        tmp_path,
        *function("things"),
        *function("orders", action="update"),
        wanted={"things": SERVED, "orders": orders | {"paths": {}}},
        served={"api-orders-x": orders},
    )
    assert [one.address for one in change.findings] == ['aws_lambda_function.this["orders"]'] * 3
    assert change.lines[0] == "api-things-x version 7: no client notices"


def test_where_nothing_is_deployed_nothing_is_compared(tmp_path: Path) -> None:
    change = judged(tmp_path, *function("things", action="create"), wanted={"things": SERVED})
    assert change == ContractChange((), ("api-things-x: nothing serves yet, nothing is compared",))
    lonely = judged(tmp_path, function("things")[0], wanted={"things": SERVED})
    assert lonely == ContractChange((), ("api-things-x: nothing serves, nothing is compared",))
    deleted_by_hand = judged(tmp_path, *function("things"), wanted={"things": SERVED}, served={"api-things-x": None})
    assert deleted_by_hand == lonely


def test_a_plan_without_functions_says_nothing(tmp_path: Path) -> None:
    change = judged(tmp_path, Res("aws_sqs_queue.this", {}), wanted={})
    assert change == ContractChange()
    assert change.rendered() == ""


def test_a_function_under_another_name_is_compared_with_the_one_that_serves(tmp_path: Path) -> None:
    lambda_, alias = function("things", action="replace")
    renamed = lambda_.but(function_name="api-things-y"), alias.but(function_name="api-things-y")
    change = judged(tmp_path, *renamed, wanted={"things": without("/more")})
    assert [one.message.split(";")[0] for one in change.findings] == [f"GET /more: {GONE}"]


@pytest.mark.parametrize("meant", [True, False])
def test_a_service_that_goes_takes_its_operations_along(tmp_path: Path, meant: bool) -> None:
    address = 'aws_lambda_function.this["things"]'
    agreed = Agreed(destroyed=(address,) if meant else ("other",))
    change = judged(tmp_path, *function("things", action="delete"), wanted={"things": SERVED}, agreed=agreed)
    assert [one.severity for one in change.findings] == [Severity.NOTE if meant else Severity.ERROR] * 3
    said = f"ALLOW_DESTROY='{address}'"
    assert change.lines[0].endswith(f"3 breaks, meant: {said}" if meant else "3 breaks")
    hint = f"; if its routes are to go, plan again with {said}"
    assert {one.message.endswith(hint) for one in change.findings} == {not meant}


def test_a_function_without_routes_has_no_clients(tmp_path: Path) -> None:
    change = judged(tmp_path, *function("worker"), wanted={}, served={"api-worker-x": Served("1", None)})
    assert change == ContractChange((), ("api-worker-x version 1: no client notices",))


CALL = "arn:aws:apigateway:r:lambda:path/2015-03-31/functions/arn:aws:lambda:r:1:function:api-{}-x:live/invocations"


def calls(route: str, was: str, now: str, api: str = "a") -> Res:
    """Return the integration of a route that one function answers today, and another one afterwards."""
    before, after = ({"rest_api_id": api, "uri": CALL.format(one)} for one in (was, now))
    action = ("create" if not was else "delete") if not (was and now) else "update"
    address = f'aws_api_gateway_integration.{api}["{route}"]'
    return Res(address, after if now else None, action=action, before=before if was else None)


APIS = tuple(Res(f"aws_api_gateway_rest_api.{name}", {"id": name}) for name in "ab")
MORE = {**SERVED, "paths": {"/more": {"get": OPERATION}}}


@pytest.mark.parametrize("goes", [True, False])
def test_a_route_that_another_function_of_the_api_serves_afterwards_is_no_break(tmp_path: Path, goes: bool) -> None:
    change = judged(
        tmp_path,
        *APIS,
        *function("things", action="delete" if goes else "update"),
        *function("orders", action="create"),
        calls("GET /more", "things", "orders"),
        calls("GET /things", "things", "orders" if goes else "things"),
        wanted={"things": without("/more"), "orders": SERVED if goes else MORE},
    )
    assert messages(change) == []
    assert change.lines[0] == "api-things-x version 7: no client notices"


@pytest.mark.parametrize(
    ("integrations", "orders"),
    [
        # Behind another API, behind one that is not known, behind none, of a contract without the route.
        ((calls("GET /more", "", "orders", "b"), calls("GET /more", "things", "")), MORE),
        ((calls("GET /more", "things", "", "c"), calls("GET /more", "", "orders", "d")), MORE),
        ((calls("GET /more", "things", ""),), MORE),
        ((calls("GET /more", "things", "orders"),), {**SERVED, "paths": {"/other": {"get": OPERATION}}}),
        ((calls("GET /more", "things", "orders"),), {**SERVED, "paths": {"/more": {"post": OPERATION}}}),
    ],
)
def test_a_route_that_nobody_of_the_api_serves_afterwards_is_removed(
    tmp_path: Path, integrations: tuple[Res, ...], orders: Contracts
) -> None:
    functions = (*function("things"), *function("orders", action="create"))
    wanted = {"things": without("/more"), "orders": orders}
    change = judged(tmp_path, *APIS, *functions, calls("GET /things", "things", "things"), *integrations, wanted=wanted)
    assert [one.message.split(";")[0] for one in change.findings] == [f"GET /more: {GONE}"]


def test_a_route_that_moves_is_held_against_the_contract_it_moves_to(tmp_path: Path) -> None:
    asking = {"parameters": [{"in": "query", "name": "q", "required": True, "schema": {}}], **OPERATION}
    change = judged(
        tmp_path,
        *APIS,
        *function("things"),
        *function("orders", action="create"),
        calls("GET /more", "things", "orders"),
        wanted={"things": without("/more"), "orders": {**SERVED, "paths": {"/more": {"get": asking}}}},
    )
    assert [one.message.split(";")[0] for one in change.findings] == [
        "GET /more, query parameter q: was not asked for, is required"
    ]


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("meant", [True, False])
def test_a_contract_that_cannot_be_read_is_a_finding(tmp_path: Path, guarded: bool, meant: bool) -> None:
    agreed = Agreed(uncompared=("api-things-x",) if meant else ("api-other-x",))
    failure = UnreadableError("GetFunction is refused", "allow it")
    change = judged(
        tmp_path,
        *function("things"),
        wanted={"things": SERVED},
        served={"api-things-x": failure},
        guarded=guarded,
        agreed=agreed,
    )
    hint = "" if meant else "; to go on without, plan again with ALLOW_UNCOMPARED=api-things-x"
    message = f"cannot compare with what api-things-x serves: GetFunction is refused -> allow it{hint}"
    severity = Severity.ERROR if guarded and not meant else Severity.NOTE
    assert messages(change) == [(severity, 'aws_lambda_function.this["things"]', message)]
    assert change.lines == ("api-things-x: not compared",)


def test_code_without_a_contract_cannot_be_compared(tmp_path: Path) -> None:
    served = {"api-things-x": Served("1", None)}
    change = judged(tmp_path, *function("things"), wanted={"things": SERVED}, served=served)
    assert "the code that serves holds no contract" in change.findings[0].message
    assert change.findings[0].severity is Severity.ERROR


@pytest.mark.parametrize("filename", [UNKNOWN, 7])
def test_a_function_whose_zip_is_not_known_cannot_be_compared(tmp_path: Path, filename: Any) -> None:
    change = judged(tmp_path, *function("things", zipped=filename), wanted={"things": SERVED})
    assert "names no zip" in change.findings[0].message
    assert change.findings[0].severity is Severity.ERROR


def test_a_function_whose_name_is_hidden_cannot_be_compared(tmp_path: Path) -> None:
    lambda_, alias = function("things")
    hidden = replace(lambda_, before={"function_name": 7})
    change = judged(tmp_path, hidden, alias, wanted={"things": SERVED})
    assert "its name is not in the plan" in change.findings[0].message
    assert change.findings[0].severity is Severity.ERROR


def test_a_damaged_contract_beside_the_zip_is_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "things.json").write_text("{")
    with pytest.raises(HarnessError, match="is no JSON -> make bundle writes it"):
        judged(tmp_path, *function("things"), wanted={})
