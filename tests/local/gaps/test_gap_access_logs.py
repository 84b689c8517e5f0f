"""Probe of gap_access_logs."""

from __future__ import annotations

import json

from tests.local.gaps.conftest import Answer, Emulator, Stack, make_stack

_FORMAT = (
    '{"id":"$context.requestId","status":$context.status,"path":"$context.path","route":"$context.resourcePath",'
    '"error":"$context.error.responseType","integration":"$context.integrationStatus","what":"$context.nonsense"}'
)
_HOSTILE_FORMAT = (
    '{"path":"$context.path","agent":"$context.identity.userAgent","message":"$context.error.message",'
    '"quoted":"$context.error.messageString","failure":"$context.integration.error"}'
)


def _logging(emulator: Emulator, name: str, line_format: str) -> Stack:
    """Make a stack whose stage writes its access log to the group ``/NAME``."""
    stack = make_stack(emulator, name)
    emulator.client("logs").create_log_group(logGroupName=f"/{name}")
    settings = {"destinationArn": f"arn:aws:logs:eu-west-1:000000000000:log-group:/{name}", "format": line_format}
    emulator.client("apigateway").update_stage(
        restApiId=stack.api_id,
        stageName="v1",
        patchOperations=[
            {"op": "replace", "path": f"/accessLogSettings/{setting}", "value": value}
            for setting, value in settings.items()
        ],
    )
    return stack


def _lines(emulator: Emulator, name: str) -> list[str]:
    return [event["message"] for event in emulator.client("logs").filter_log_events(logGroupName=f"/{name}")["events"]]


def _logged(emulator: Emulator) -> tuple[list[Answer], list[str]]:
    stack = _logging(emulator, "logged", _FORMAT)
    return [stack.get(), stack.exactly("/nowhere")], _lines(emulator, "logged")


def test_stock_still_logs_nothing(stock: Emulator) -> None:
    assert _logged(stock)[1] == [], "upstream writes access logs: delete gap_access_logs"


def test_one_line_per_request_in_the_stages_format(filled: Emulator) -> None:
    answers, lines = _logged(filled)
    served, refused = (json.loads(line) for line in lines)
    assert [served["id"], refused["id"]] == [answer.headers["x-amzn-requestid"] for answer in answers]
    assert answers[0].headers["request-id"] == served["id"]  # the function was told the same id
    assert served | {"id": ""} == {
        "id": "",
        "status": 200,
        "path": "/v1/do/ok",
        "route": "/do/{kind}",
        "error": "-",
        "integration": "200",
        "what": "-",
    }
    assert (refused["status"], refused["error"], refused["integration"]) == (403, "MISSING_AUTHENTICATION_TOKEN", "-")


def test_a_hostile_request_leaves_one_valid_line(filled: Emulator) -> None:
    stack = _logging(filled, "hostile", _HOSTILE_FORMAT)
    agent = 'a"b\\c","status":"200'
    for segment in ('"', "%22", "%0A%0D%00", "a%2Fb", '","x":"y', "fail"):
        stack.exactly(f"/do/{segment}", ("User-Agent", agent))
    stack.exactly('/no"where%0A', ("User-Agent", agent))
    *served, failed, refused = [json.loads(line) for line in _lines(filled, "hostile")]
    assert [line["path"] for line in served] == [
        f"/v1/do/{segment}" for segment in ("%22", "%22", "%0A%0D%00", "a%2Fb", "%22,%22x%22:%22y")
    ]
    assert {line["agent"] for line in (*served, failed, refused)} == {agent}
    assert "secret detail" in failed["failure"]
    assert (refused["path"], refused["message"], refused["quoted"]) == (
        "/v1/no%22where%0A",
        "Missing Authentication Token",
        '"Missing Authentication Token"',
    )


def test_another_format_gets_values_as_they_are(filled: Emulator) -> None:
    stack = _logging(filled, "plain", '$context.status "$context.identity.userAgent"')
    stack.exactly("/do/ok", ("User-Agent", 'a"b'))
    assert _lines(filled, "plain") == ['200 "a"b"']
