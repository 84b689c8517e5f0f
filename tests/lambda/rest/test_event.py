"""Parameters are read where they stand, and what a client makes up is named only where it is a name."""

from __future__ import annotations

import pytest
from tests.support.events import event as made

from rest import event
from rest.problems import Problem


def request(
    query: str = "", path: dict[str, str] | None = None, headers: dict[str, str | list[str]] | None = None
) -> event.Event:
    return made("GET", f"/shelves{query}", headers=headers) | {"pathParameters": path}


def test_each_parameter_stands_in_its_location() -> None:
    given = event.parameters(request("?mark=q", {"mark": "p%2Fp"}, {"Mark": "h"}), ["mark", "other"])
    assert given == {"path": {"mark": "p/p"}, "query": {"mark": "q"}, "header": {"mark": "h"}}


def test_headers_are_one_whatever_their_case() -> None:
    found = event.headers(request(headers={"X-A": "1", "x-a": ["2", "3"]}))
    assert found["x-a"] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        (request("?a=1&a=2"), "query parameter a: may be given once."),
        (request(headers={"X": ["1", "2"]}), "header parameter X: may be given once."),
        (request("?a=%FF"), "query parameter a: must be UTF-8."),
        (request(path={"a": "%FF"}), "path parameter a: must be UTF-8."),
        (request("?%3Cb%3E=1&%3Cb%3E=2"), "A query parameter: may be given once."),
        (request(f"?{'x' * 65}=1&{'x' * 65}=2"), "A query parameter: may be given once."),
    ],
)
def test_a_refusal_names_location_and_rule(asked: event.Event, detail: str) -> None:
    with pytest.raises(Problem) as caught:
        event.parameters(asked, ["X"])
    assert caught.value.document("r")["detail"] == detail


def test_the_caller_is_the_keys_id_and_never_the_key() -> None:
    assert event.caller(made("GET", "/", api_key_id="id")) == "id"
    assert event.caller(made("GET", "/")) == ""
