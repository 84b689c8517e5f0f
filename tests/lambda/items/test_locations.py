"""A parameter counts where the contract declares it, and nowhere else; the path's id is the item that is acted on."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.contract import document
from tests.support.fake_table import FakeTable

from rest import contract

OPERATIONS = contract.operations(document("items"))
DECLARED = sorted(
    {(place, name) for one in OPERATIONS.values() for place in one.declared for name in one.declared[place]}
)
"""Every parameter that any operation declares: (location, name)."""

BODIES = {"POST": {"name": "made", "id": "made"}, "PUT": {"name": "changed"}}
VALUES = {
    "id": ["b", "a", "no"],
    "limit": ["1", "x"],
    "status": ["archived", "gone"],
    "cursor": ["WzFd"],
    "If-Match": ['"7-00000000"', '"1-00000000"', "*", "1"],
    "Idempotency-Key": ["k", "not a key"],
}
QUIET = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


def test_every_declared_parameter_has_values_to_try() -> None:
    assert {name for _, name in DECLARED} == VALUES.keys()


def fill(api: Any, table: FakeTable) -> None:
    """Start from two items."""
    table.clear()
    for name in ("a", "b"):
        assert api("POST", "/items", body={"id": name, "name": name}).status == 201


def stored(table: FakeTable) -> dict[str, Any]:
    """Read the items without what differs from one request to the next."""
    fickle = {"created_at", "updated_at", "sort_key", "shard", "status_shard"}
    return {
        item["id"]["S"]: {name: value for name, value in item.items() if name not in fickle} for item in table.items()
    }


def send(api: Any, method: str, path: str, query: str = "", headers: dict[str, str] | None = None) -> Any:
    return api(method, path.replace("{id}", "a") + query, body=BODIES.get(method), headers=headers)


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[one.operation_id for one in OPERATIONS.values()])
def test_a_parameter_in_another_location_changes_nothing_or_is_refused(
    api: Any, table: FakeTable, method: str, path: str
) -> None:
    operation = OPERATIONS[method, path]
    fill(api, table)
    plain = send(api, method, path)
    expected = stored(table)

    @QUIET
    @given(st.data())
    def displace(data: st.DataObject) -> None:
        # A path parameter cannot be sent by a client where the path has none of that name: the gateway makes them.
        place = data.draw(st.sampled_from(["query", "header"]))
        names = [name for _, name in DECLARED if name not in operation.declared[place]]
        name = data.draw(st.sampled_from(names))
        spelled = data.draw(st.sampled_from([name, name.lower(), name.upper()])) if place == "header" else name
        value = data.draw(st.sampled_from(VALUES[name]))
        fill(api, table)
        if place == "query":
            reply = send(api, method, path, f"?{name}={quote(value)}")
            assert reply.outcome == (400, "invalid_parameter")
            assert (
                reply.json["detail"] == f"query parameter {name}: the contract does not declare this query parameter."
            )
            assert stored(table).keys() == {"a", "b"}
        else:
            reply = send(api, method, path, headers={spelled: value})
            assert reply.outcome == plain.outcome
            assert stored(table) == expected

    displace()


@pytest.mark.parametrize("query", ["id=b", "id=b&id=b", "%69d=b", "If-Match=*", "ID=b"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_the_query_cannot_name_another_item(api: Any, table: FakeTable, method: str, query: str) -> None:
    fill(api, table)
    before = table.items()
    assert api(method, f"/items/a?{query}", body=BODIES.get(method)).outcome == (400, "invalid_parameter")
    assert table.items() == before


def test_the_paths_item_is_the_one_acted_on(api: Any, table: FakeTable) -> None:
    fill(api, table)
    everywhere = {"id": "b", "x-id": "b"}
    assert api("GET", "/items/a", headers=everywhere).json["id"] == "a"
    assert api("PUT", "/items/a", body={"name": "changed"}, headers=everywhere).json["id"] == "a"
    assert {item["id"]["S"]: item["name"]["S"] for item in table.items()} == {"a": "changed", "b": "b"}
    assert api("DELETE", "/items/a", headers=everywhere).status == 204
    assert [item["id"]["S"] for item in table.items()] == ["b"]


def test_a_query_parameter_is_no_header(api: Any, table: FakeTable) -> None:
    reply = api("POST", "/items?Idempotency-Key=k", body={"name": "n"})
    assert reply.outcome == (400, "invalid_parameter")
    assert "query parameter Idempotency-Key" in reply.json["detail"]
    assert table.sent == []


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("/items?limit=0", "query parameter limit: must satisfy minimum 1."),
        ("/items?limit=1&limit=2", "query parameter limit: may be given once."),
        ("/items?status=gone", 'query parameter status: must satisfy enum ["active", "archived"].'),
        ("/items?page=2", "query parameter page: the contract does not declare this query parameter."),
        ("/items?%3Cscript%3E=2", "The query: the contract does not declare this query parameter."),
        (f"/items?{'x' * 65}=2", "The query: the contract does not declare this query parameter."),
        ("/items?my%20secret=1&my%20secret=2", "A query parameter: may be given once."),
        ("/items?%3Cb%3E=%EF%BF%BD", "A query parameter: must be UTF-8."),
        ("/items?status=%FF", "query parameter status: must be UTF-8."),
        ("/items/a.b", 'path parameter id: must satisfy pattern "^[A-Za-z0-9_-]{1,64}$".'),
        ("/items/%FF", "path parameter id: must be UTF-8."),
    ],
)
def test_a_refusal_names_parameter_location_and_rule(api: Any, logs: Any, url: str, detail: str) -> None:
    reply = api("GET", url)
    assert (reply.outcome, reply.json["detail"]) == ((400, "invalid_parameter"), detail)
    (problem,) = (line for line in logs() if line["message"] == "problem")
    assert "page" not in json.dumps(problem) and "x" * 65 not in json.dumps(problem)
