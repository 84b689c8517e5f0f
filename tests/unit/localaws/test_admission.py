"""Requests are let in or refused by their address and head alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.localaws.admission import CODE, HEALTH, Head, Refused, Way, admit, may_sign_in, signs_in

_NAMES = frozenset({"127.0.0.1:4566", "localhost:4566"})
_OWN = Head("http", "POST", "/", "127.0.0.1:4566")
_API = "/restapis/a1b2/v1/_user_request_"


@pytest.mark.parametrize(
    ("change", "way"),
    [
        ({}, Way.SIGNED),
        ({"host": "LocalHost:4566"}, Way.SIGNED),
        ({"origin": "http://127.0.0.1:4566", "site": "same-origin"}, Way.SIGNED),
        ({"site": "none"}, Way.SIGNED),
        ({"method": "OPTIONS"}, Way.SIGNED),
        ({"path": HEALTH}, None),
        ({"path": HEALTH, "method": "GET"}, Way.HEALTH),
        ({"path": f"{CODE}f", "method": "GET"}, Way.SIGNED),
        ({"path": f"{CODE}f"}, None),
        ({"path": _API}, Way.API),
        ({"path": f"{_API}/x", "origin": "http://page.example", "site": "cross-site"}, Way.API),
        ({"path": "/_aws/execute-api/a1b2/v1/x", "origin": "null"}, Way.API),
        ({"path": "/_ministack/reset", "host": "a1b2.execute-api.localhost:4566"}, Way.API),
        ({"path": f"{_API}x"}, Way.SIGNED),
        ({"path": "/restapis/a1b2/resources"}, Way.SIGNED),
        ({"path": "/_ministack/reset"}, None),
        ({"path": "//_MiniStack/reset"}, None),
        ({"path": "/_ministack"}, None),
        ({"path": "/_localstack/health", "method": "GET"}, None),
        ({"path": "/latest/meta-data"}, None),
        ({"path": "/v2/credentials/x"}, None),
        ({"path": "/latest-news/key"}, Way.SIGNED),
        ({"host": "page.example"}, None),
        ({"host": ""}, None),
        ({"host": "127.0.0.1"}, None),
        ({"host": "a1b2.execute-api.localhost:80"}, None),
        ({"host": "x.localhost:4566"}, None),
        ({"host": "page.example", "path": _API}, None),
        ({"origin": "http://page.example"}, None),
        ({"origin": "http://localhost:4566"}, None),
        ({"origin": ""}, None),
        ({"site": "same-site"}, None),
        ({"kind": "websocket"}, None),
        ({"kind": "websocket", "path": _API}, None),
    ],
)
def test_a_request_is_let_in_by_one_way_or_refused(change: dict[str, str], way: Way | None) -> None:
    found = admit(replace(_OWN, **change), _NAMES)
    assert found is way if way else isinstance(found, Refused)


def test_a_refusal_says_why_in_one_line() -> None:
    heads = [replace(_OWN, host="x"), replace(_OWN, site="cross-site"), replace(_OWN, path="/latest/x")]
    reasons = [found.reason for head in heads if isinstance(found := admit(head, _NAMES), Refused)]
    assert len(set(reasons)) == len(heads)
    assert not [reason for reason in reasons if "\n" in reason]


def test_a_job_signs_in_by_one_call_alone() -> None:
    assert may_sign_in("POST", "/", "", frozenset({"host", "content-type"}))
    for asked in (("GET", "/", ""), ("POST", "/x", ""), ("POST", "/", "Action=ListRoles")):
        assert not may_sign_in(*asked, frozenset())
    for name in ("x-amz-target", "authorization", "content-encoding", "x-amz-content-sha256", "x-amz-trailer"):
        assert not may_sign_in("POST", "/", "", frozenset({"host", name})), name
    call = "AssumeRoleWithWebIdentity"
    assert [signs_in({"Action": given}) for given in ([call], ["AssumeRole"], [call, call], [])] == [True, *[False] * 3]
    assert not signs_in({})
