"""The deployed API keeps its contract, whatever is sent to it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from tests.support.contract import document
from tests.support.deployed import Deployed
from tests.support.scenarios import Report
from tests.support.traffic import Answer, send, statuses

from harness.contract.grammar import operations

pytestmark = pytest.mark.example

_CONFIG = {
    "checks": {
        # An id or a version that came from nowhere is refused, and a key or an id that is taken: rightly.
        "positive_data_acceptance": {"expected-statuses": ["2xx", 404, 409, 412]},
        # The gateway's word for an unknown method of a known path is the one for an unknown path: 404, not 405.
        "unsupported_method": {"enabled": False},
    }
}
_TRIES = 60
_QUIET = settings(
    max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def _schema(deployed: Deployed) -> Any:
    promised = document("items")
    if not deployed.outputs["api_key_required"]:
        promised |= {"security": []}
    loaded = schemathesis.openapi.from_dict(promised, config=SchemathesisConfig.from_dict(_CONFIG))
    loaded.config.update(base_url=deployed.outputs["base_url"])

    @loaded.hook
    def filter_query(_: Any, query: dict[str, Any] | None) -> bool:
        """No schema can say which cursors the list has made, so none made up here is right."""
        return "cursor" not in (query or {})

    return loaded


def test_requests_made_from_the_contract(report: Report, deployed: Deployed) -> None:
    schema, seen_statuses = _schema(deployed), Counter[int]()
    with report.scenario(
        "contract-fuzz",
        deployed.environment,
        injected="requests made from openapi.yaml, right ones and wrong ones, for every operation",
        expected="only documented statuses, every answer valid against its schema, no 5xx",
    ) as seen:
        for _, declared in operations(document("items")):
            operation_id = declared["operationId"]
            operation = schema.find_operation_by_id(operation_id)
            modes = [mode for mode in GenerationMode if (operation_id, mode) != ("getHealth", GenerationMode.NEGATIVE)]
            for mode in modes:
                _fuzz(operation.as_strategy(generation_mode=mode), deployed, seen_statuses)
        seen.saw(str(dict(sorted(seen_statuses.items()))))
        assert max(seen_statuses) < 500


def patiently(call: Callable[[], Any]) -> Any:
    """Call again while the throttle refuses: methods share out the rate, so some take a few requests a second."""
    for _ in range(_TRIES):
        answer = call()
        if answer.status_code != 429:
            break
        time.sleep(float(answer.headers["retry-after"][0]))
    return answer


def _fuzz(cases: Any, deployed: Deployed, seen_statuses: Counter[int]) -> None:
    @_QUIET
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        case, headers = data.draw(cases), deployed.headers
        answer = patiently(lambda: case.call(headers=headers))
        case.validate_response(answer, headers=headers, transport_kwargs={"headers": headers})
        seen_statuses[answer.status_code] += 1

    fuzz()


def test_sequences_made_from_the_contracts_links(report: Report, deployed: Deployed) -> None:
    seen_statuses = Counter[int]()

    class Sequences(_schema(deployed).as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": deployed.headers}

        def call(self, case: Any, **kwargs: Any) -> Any:
            return patiently(lambda: super(Sequences, self).call(case, **kwargs))

        def after_call(self, response: Any, case: Any) -> None:
            seen_statuses[response.status_code] += 1

    with report.scenario(
        "contract-sequences",
        deployed.environment,
        injected="create, read, replace and delete along the contract's links",
        expected="every answer keeps the contract, created items are found again",
    ) as seen:
        run_state_machine_as_test(Sequences, settings=settings(_QUIET, max_examples=5, stateful_step_count=6))
        seen.saw(str(dict(sorted(seen_statuses.items()))))
        assert seen_statuses[201] and max(seen_statuses) < 500


_HOSTILE: dict[str, tuple[Callable[[Deployed], Answer], set[int]]] = {
    "no body": (lambda d: send(d, "POST", "/items", b""), {400}),
    "not JSON": (lambda d: send(d, "POST", "/items", b"{"), {400}),
    "deep nesting": (lambda d: send(d, "POST", "/items", b"[" * 20000 + b"]" * 20000), {400}),
    "wrong type": (lambda d: send(d, "POST", "/items", [1]), {400}),
    "NUL": (lambda d: send(d, "POST", "/items", b'{"name": "a\\u0000b"}'), {400}),
    "lone surrogate": (lambda d: send(d, "POST", "/items", b'{"name": "\\ud800"}'), {400}),
    "not UTF-8": (lambda d: send(d, "POST", "/items", b'{"name": "\xff\xfe"}'), {400}),
    "half a pair in UTF-8": (lambda d: send(d, "POST", "/items", b'{"name": "\xed\xa0\x80"}'), {400}),
    "400 KB": (lambda d: send(d, "POST", "/items", {"name": "x", "description": "y" * 400_000}), {400, 413}),
    "largest item": (lambda d: send(d, "POST", "/items", {"name": "x" * 200, "description": "\u20ac" * 4000}), {201}),
    "twice the same property": (lambda d: send(d, "POST", "/items", b'{"name": "a", "name": "b"}'), {400}),
    "no content type": (lambda d: send(d, "POST", "/items", b"{}", content_type=""), {415}),
    "wrong content type": (lambda d: send(d, "POST", "/items", b"{}", content_type="text/plain"), {415}),
    "a form": (lambda d: send(d, "POST", "/items", b"name=x", content_type="application/x-www-form-urlencoded"), {415}),
    "multipart": (lambda d: send(d, "POST", "/items", b"--x--", content_type="multipart/form-data; boundary=x"), {415}),
    "4 KB header": (lambda d: send(d, "GET", "/items", if_none_match="x" * 4096), {200}),
    "9 KB header": (lambda d: send(d, "POST", "/items", {"name": "x"}, idempotency_key="x" * 9000), {400}),
    "header twice": (lambda d: send(d, "PUT", "/items/x", {"name": "x"}, if_match="*", If_Match="*"), {400}),
    "malformed If-Match": (lambda d: send(d, "PUT", "/items/x", {"name": "x"}, if_match="W/1"), {400}),
    "id with a slash": (lambda d: send(d, "GET", "/items/a%2Fb"), {400}),
    "id with a line break": (lambda d: send(d, "PUT", "/items/aaa%0A", {"name": "x"}), {400}),
    "id encoded twice": (lambda d: send(d, "GET", "/items/a%252Db"), {400}),
    "id of dots": (lambda d: send(d, "GET", "/items/%2E%2E"), {400}),
    "id in unicode": (lambda d: send(d, "GET", "/items/%E2%82%AC"), {400}),
    "id of 2 KB": (lambda d: send(d, "GET", f"/items/{'x' * 2048}"), {400}),
    "id of an idempotency record": (lambda d: send(d, "GET", "/items/idem%23x"), {400}),
    "parameter twice": (lambda d: send(d, "GET", "/items?limit=1&limit=2"), {400}),
    "unknown parameter": (lambda d: send(d, "GET", "/items?table=x"), {400}),
}  # fmt: skip


def test_hostile_requests_get_a_documented_answer(report: Report, deployed: Deployed) -> None:
    with report.scenario(
        "hostile-requests",
        deployed.environment,
        injected=", ".join(_HOSTILE),
        expected="a documented status each, a problem body for each refusal, no 5xx",
    ) as seen:
        answers = {name: request(deployed) for name, (request, _) in _HOSTILE.items()}
        seen.saw(str(statuses(list(answers.values()))))
        assert {name: answer.status for name, answer in answers.items() if answer.status not in _HOSTILE[name][1]} == {}
        for answer in answers.values():
            assert answer.status < 400 or (answer.json()["status"] == answer.status and answer.code)


_LARGER = {
    "12 KB header": lambda d: send(d, "POST", "/items", {"name": "x"}, idempotency_key="x" * 12_288),
    "12 KB path": lambda d: send(d, "GET", f"/items/{'x' * 12_288}"),
}


@pytest.mark.parametrize("name", _LARGER)
def test_what_is_larger_than_the_gateway_takes_never_reaches_the_api(deployed: Deployed, name: str) -> None:
    """So the answer is the gateway's plain one, which no gateway response can change."""
    answer = _LARGER[name](deployed)
    assert (answer.status, answer.data) == (413, b"HTTP header is larger than 10240 bytes.")


def test_a_refusal_names_what_it_is_about(deployed: Deployed) -> None:
    for answer, detail in [
        (send(deployed, "POST", "/items", {"name": "x" * 201}), "property name: must satisfy maxLength 200."),
        (send(deployed, "POST", "/items", {}), "property name: is required."),
        (send(deployed, "PUT", "/items/x", {"name": "x", "version": 2}),
         "property version: the contract does not declare this property."),
        (send(deployed, "GET", "/items?limit=0"), "query parameter limit: must satisfy minimum 1."),
    ]:  # fmt: skip
        assert (answer.status, answer.json()["detail"]) == (400, detail)


def test_gateway_and_function_name_problems_alike(deployed: Deployed) -> None:
    by_function, by_gateway = send(deployed, "GET", "/items/none"), send(deployed, "GET", "/nowhere")
    assert by_function.json()["type"] == "urn:problem:not_found"
    assert by_gateway.json()["type"] == "urn:problem:route_not_found"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_the_paths_id_is_the_one_acted_on(deployed: Deployed, method: str) -> None:
    one, other = (send(deployed, "POST", "/items", {"name": name}).json() for name in ("one", "other"))
    body = {"name": "changed"} if method == "PUT" else None
    refused = send(deployed, method, f"/items/{one['id']}?id={other['id']}", body)
    assert (refused.status, refused.code) == (400, "invalid_parameter")
    assert refused.json()["detail"] == "query parameter id: the contract does not declare this query parameter."
    assert send(deployed, "GET", f"/items/{one['id']}").json() == one
    done = send(deployed, method, f"/items/{one['id']}", body, id=other["id"])
    assert done.status in (200, 204)
    assert send(deployed, "GET", f"/items/{other['id']}").json() == other
    found = send(deployed, "GET", f"/items/{one['id']}")
    assert found.status == (404 if method == "DELETE" else 200)
    assert method != "PUT" or found.json()["name"] == "changed"
