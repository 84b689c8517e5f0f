"""Probe of gap_request_limits."""

from __future__ import annotations

from tests.local.gaps.conftest import Answer, Emulator, Stack, make_stack

from harness.localaws.gap_request_limits import MOST_BODY_BYTES, MOST_EVENT_BYTES, MOST_HEADER_BYTES


def _of_size(stack: Stack, size: int, *, in_path: bool) -> Answer:
    """Send a request whose request line and header values, as sent to AWS, have ``size`` bytes."""
    host = f"127.0.0.1:{stack.emulator.local.port}"
    filling = "x" * (size - len("GET /v1/do/ HTTP/1.1" + host + "identity" + "0") - (0 if in_path else 2))
    lines = () if in_path else (("x-filling", filling),)
    return stack.exactly(f"/do/{filling if in_path else 'ok'}", *lines)


def test_stock_still_takes_any_size(stock_stack: Stack) -> None:
    assert _of_size(stock_stack, MOST_HEADER_BYTES + 1, in_path=False).status == 200, (
        "upstream limits headers: thin gap_request_limits out"
    )
    assert stock_stack.exactly("/do/ok", data=b"x" * (MOST_BODY_BYTES + 1)).status == 200, (
        "upstream limits the payload: thin gap_request_limits out"
    )


def test_request_line_and_header_values_are_limited(filled_stack: Stack) -> None:
    for in_path in (False, True):
        assert _of_size(filled_stack, MOST_HEADER_BYTES, in_path=in_path).status == 200
        refused = _of_size(filled_stack, MOST_HEADER_BYTES + 1, in_path=in_path)
        assert (refused.status, refused.body) == (413, "HTTP header is larger than 10240 bytes.")
    assert _of_size(filled_stack, 100_000, in_path=False).status == 413


def test_other_services_keep_their_own_limits(filled: Emulator) -> None:
    assert filled.exactly("/_ministack/health", [("x-filling", "x" * 12_288)]).status == 200


def test_a_large_payload_is_refused_before_the_api_and_a_large_event_by_the_api(filled: Emulator) -> None:
    stack = make_stack(filled, "limits")
    filled.client("apigateway").put_gateway_response(
        restApiId=stack.api_id,
        responseType="REQUEST_TOO_LARGE",
        statusCode="413",
        responseTemplates={"application/json": '{"own":$context.error.messageString}'},
    )
    stack.deploy()
    assert stack.exactly("/do/ok", data=b"x" * (MOST_EVENT_BYTES - 4096)).status == 200
    event = stack.exactly("/do/ok", data=b"x" * MOST_EVENT_BYTES)
    assert (event.status, event.body) == (413, '{"own":"Request Too Long"}')
    payload = stack.exactly("/do/ok", data=b"x" * (MOST_BODY_BYTES + 1))
    assert (payload.status, payload.body) == (413, "HTTP content length exceeded 10485760 bytes.")
