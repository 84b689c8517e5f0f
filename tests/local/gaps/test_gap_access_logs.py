"""Probe of gap_access_logs."""

from __future__ import annotations

import json

from tests.local.gaps.conftest import Answer, Emulator, make_stack

_FORMAT = (
    '{"id":"$context.requestId","status":$context.status,"path":"$context.path","route":"$context.resourcePath",'
    '"error":"$context.error.responseType","integration":"$context.integrationStatus","what":"$context.nonsense"}'
)


def _logged(emulator: Emulator) -> tuple[list[Answer], list[str]]:
    stack = make_stack(emulator, "logged")
    logs = emulator.client("logs")
    logs.create_log_group(logGroupName="/access")
    settings = {"destinationArn": "arn:aws:logs:eu-west-1:000000000000:log-group:/access", "format": _FORMAT}
    emulator.client("apigateway").update_stage(
        restApiId=stack.api_id,
        stageName="v1",
        patchOperations=[
            {"op": "replace", "path": f"/accessLogSettings/{name}", "value": value} for name, value in settings.items()
        ],
    )
    answers = [stack.get(), emulator.http(f"/restapis/{stack.api_id}/v1/_user_request_/nowhere")]
    events = logs.filter_log_events(logGroupName="/access")["events"]
    return answers, [event["message"] for event in events]


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
