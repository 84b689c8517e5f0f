"""Thousands of hostile requests on raw sockets: every answer is a documented one, and only what a path names changes.

``make soak`` sends ten thousand; the ordinary run a sample of the same sequence.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.local.scenarios.hostile import Aim, Hostile, Judge, make
from tests.support.deployed import Deployed
from tests.support.log_lines import torn_lines
from tests.support.raw_http import Response, request_bytes, send_bytes
from tests.support.scenarios import Report
from tests.support.traffic import at_once, send, statuses

pytestmark = pytest.mark.example

_CLIENTS = 6
_SEED = 20261127
_TRIES = 100
_SEEN = {
    "200", "201", "204", "already_exists", "body_too_large", "invalid_body", "invalid_cursor", "invalid_parameter",
    "larger than the gateway takes", "no HTTP", "not_found", "route_not_found", "unsupported_media_type",
}  # fmt: skip
"""The answers that even a short run must have drawn, or it tried too little."""


def _send(deployed: Deployed, request: Hostile) -> Response | None:
    """Send it, again while there are too many at once."""
    headers = (*deployed.headers.items(), *request.headers)
    url = deployed.outputs["base_url"]
    raw = request_bytes(url, request.method, request.target, headers, request.body)
    for _ in range(_TRIES):
        response = send_bytes(url, raw)
        if response is None or response.status != 429:
            break
        time.sleep(0.5)
    return response


def test_every_answer_is_documented_and_only_what_a_path_names_changes(
    report: Report, deployed: Deployed, aws: Any, pytestconfig: pytest.Config
) -> None:
    began = time.time()
    count = int(pytestconfig.getoption("--hostile-requests"))
    run, choose, judge = uuid.uuid4().hex[:8], random.Random(_SEED), Judge()
    kept = send(deployed, "POST", "/items", {"id": f"kept-{run}", "name": "kept"}).json()
    send(deployed, "POST", "/items", {"name": "another"})
    cursor = send(deployed, "GET", "/items?limit=1").json()["next_cursor"]
    requests = [make(choose, Aim(f"own-{run}-{number % 5}", kept["id"], cursor)) for number in range(count)]
    with report.scenario(
        "hostile-soak",
        deployed.environment,
        injected=f"{count} requests made up at random (seed {_SEED}): paths, queries, headers, bodies, on raw sockets",
        expected="a documented answer each, an item that no path names stays as it is, each access-log line is JSON",
    ) as seen:
        with ThreadPoolExecutor(_CLIENTS) as pool:
            responses = list(pool.map(lambda request: _send(deployed, request), requests))
        # What this machine was too busy for is sent again, alone: what takes too long by itself does so again.
        late = [number for number, one in enumerate(responses) if one is not None and one.status in (503, 504)]
        for number in late:
            responses[number] = _send(deployed, requests[number])
        complaints = [
            f"{request.method} {request.target[:80]} {request.headers} {request.body[:60]!r}: {complaint}"
            for request, response in zip(requests, responses, strict=True)
            if (complaint := judge.complaint(request, response))
        ]
        seen.saw(f"{len(late)} sent again, {len(complaints)} undocumented answers; {dict(sorted(judge.codes.items()))}")
        assert not complaints, "\n".join(complaints[:40])
        assert _SEEN - judge.codes.keys() == set()
        assert send(deployed, "GET", f"/items/{kept['id']}").json() == kept
        logged, torn = torn_lines(aws, deployed, began)
        assert logged
        assert not torn, torn[:10]


_SMUGGLED: dict[str, bytes] = {
    "CRLF in a header's value": b"X-A: a\r\nIdempotency-Key: k\r\n",
    "LF in a header's value": b"X-A: a\nIdempotency-Key: k\r\n",
    "NUL in a header's value": b"X-A: a\0b\r\n",
    "a space before the colon": b"X-A : a\r\n",
    "a folded header": b"X-A: a\r\n b\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 200\r\n",
    "length and chunks": b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
    "a length that is no number": b"Content-Length: -1\r\n",
    "bytes that are no ASCII": b"X-A: \xff\xfe\r\n",
}


@pytest.mark.parametrize("name", _SMUGGLED)
def test_no_request_can_be_smuggled_in_another(deployed: Deployed, name: str) -> None:
    """Whatever the server makes of it, it answers once and creates nothing."""
    before = send(deployed, "GET", "/items?limit=1").json()
    url = deployed.outputs["base_url"]
    line, rest = request_bytes(url, "GET", "/items?limit=1", tuple(deployed.headers.items())).split(b"\r\n", 1)
    inner = request_bytes(url, "POST", "/items", (("Content-Type", "application/json"),), b'{"name": "smuggled"}')
    answer = send_bytes(url, line + b"\r\n" + _SMUGGLED[name] + rest + inner)
    assert answer is None or answer.status in (200, 400), answer
    assert send(deployed, "GET", "/items?limit=1").json() == before


def test_one_key_with_many_bodies_at_once(report: Report, deployed: Deployed, aws: Any) -> None:
    key = uuid.uuid4().hex
    with report.scenario(
        "idempotency-conflict",
        deployed.environment,
        injected="the same Idempotency-Key with 4 bodies, each twice, all at once",
        expected="one body wins: 201 with the same item to all that sent it, 409 idempotency_conflict to all others",
    ) as seen:
        answers = at_once(
            8, lambda i: send(deployed, "POST", "/items", {"name": f"{key}-{i % 4}"}, idempotency_key=key)
        )
        answers += [send(deployed, "POST", "/items", {"name": f"{key}-{i}"}, idempotency_key=key) for i in range(4)]
        seen.saw(str(statuses(answers)))
        made = {answer.data for answer in answers if answer.status == 201}
        assert len(made) == 1
        assert sum(answer.status == 201 for answer in answers) == 3
        assert {answer.code for answer in answers if answer.status != 201} == {"idempotency_conflict"}
        winner = json.loads(made.pop())
        rows = aws("dynamodb").scan(TableName=deployed.table, ConsistentRead=True)
        stored = [row for row in rows["Items"] if row.get("name", {}).get("S", "").startswith(key)]
        assert [row["id"]["S"] for row in stored] == [winner["id"]]
