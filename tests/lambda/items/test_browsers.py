"""Pages of the origin that CORS is on for may read the service's answers, refusals included."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

ORIGIN = "https://www.example.com"
READABLE = {"etag", "location", "retry-after"}


def test_without_cors_no_page_may_read(api: Any, module: ModuleType) -> None:
    assert module.app.settings.cors_allow_origin == ""
    made = api("POST", "/items", body={"name": "a"})
    assert not [name for name in made.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(("method", "url", "status"), [("POST", "/items", 201), ("GET", "/items/none", 404)])
def test_a_page_may_read_the_answer_and_its_headers(
    api: Any, module: ModuleType, monkeypatch: pytest.MonkeyPatch, method: str, url: str, status: int
) -> None:
    monkeypatch.setattr(module.app, "settings", replace(module.app.settings, cors_allow_origin=ORIGIN))
    answer = api(method, url, **({"body": {"name": "a"}} if method == "POST" else {}))
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, ORIGIN)
    exposed = {name.lower() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert exposed >= READABLE
    simple = {"content-type"}  # readable without being exposed (Fetch, CORS-safelisted response-header name)
    own = {name.lower() for name in answer.headers if not name.lower().startswith("access-control")}
    assert own - simple <= exposed
