"""An app answers each operation of its contract with one function, and whatever happens with a document."""

from __future__ import annotations

import json
from base64 import b64encode
from http import HTTPStatus
from typing import Any

import pytest
from tests.support.events import REQUEST_ID, Context, event
from tests.support.small_app import CONTRACT, ENVIRONMENT, OPERATIONS, send, whole

from rest.answers import Answer, json_answer, text_answer
from rest.app import App, AppError, Request
from rest.problems import Code, Kind, Problem, timed_out, unavailable
from rest.settings import SettingsError

ORIGIN = "https://www.example.com"


class Own(Kind):
    FULL = "shelf_full", HTTPStatus.CONFLICT, "Shelf is full", "FullShelves"
    LOST = "place_lost", HTTPStatus.BAD_REQUEST, "No such place"


def raising(error: Exception) -> Any:
    def answer(_: Request) -> Answer:
        raise error

    return answer


# --- functions and operations


def test_a_request_reaches_the_function_of_its_operation_checked(app: App) -> None:
    def listed(request: Request) -> Answer:
        query, header = request.parameters.query, request.parameters.header
        return json_answer(200, {"limit": query["limit"], "mark": header["X-Mark"], "caller": request.caller})

    def make(request: Request) -> Answer:
        return json_answer(201, request.body(), {"Location": "shelves/a"})

    whole(app, listShelves=listed, makeShelf=make, getShelf=lambda request: text_answer(204))
    found = send(app, "GET", "/shelves?limit=7", headers={"x-mark": "m"}, api_key_id="key")
    assert (found.status, found.json) == (200, {"limit": 7, "mark": "m", "caller": "key"})
    made = send(app, "POST", "/shelves", body={"name": "n"})
    assert (made.status, made.json) == (201, {"name": "n", "kind": "oak"})
    assert made.headers == {"Content-Type": "application/json", "Location": "shelves/a"}
    gone = send(app, "GET", "/shelves/a")
    assert (gone.status, gone.headers, gone.json) == (204, {}, None)


def test_a_function_stays_what_it_was(app: App) -> None:
    def listed(_: Request) -> Answer:
        return text_answer(200, "x")

    assert app.answers("listShelves")(listed) is listed


def test_an_operation_without_a_function_stops_the_start_and_is_named(app: App) -> None:
    app.answers("makeShelf")(lambda _: text_answer(204))
    with pytest.raises(AppError, match=r"^no function answers getShelf, listShelves: write one for each, above "):
        app.handler  # noqa: B018 (it is read, as a service's module does)


def test_a_function_of_no_operation_stops_the_start(app: App) -> None:
    with pytest.raises(AppError, match=r"^getShelve is no operation .*: name one of getShelf, listShelves, makeShelf$"):
        app.answers("getShelve")


def test_two_functions_of_one_operation_stop_the_start(app: App) -> None:
    whole(app)
    with pytest.raises(AppError, match=r"^two functions answer getShelf: remove one$"):
        app.answers("getShelf")


def test_a_decorator_kept_for_later_registers_once(app: App) -> None:
    first, second = app.answers("getShelf"), app.answers("getShelf")
    first(lambda _: text_answer(204))
    for again in (first, second):
        with pytest.raises(AppError, match=r"^two functions answer getShelf: remove one$"):
            again(lambda _: text_answer(204))


def test_an_environment_that_lacks_a_variable_stops_the_start() -> None:
    with pytest.raises(SettingsError, match=r"empty: ENVIRONMENT$"):
        App(CONTRACT, ENVIRONMENT | {"ENVIRONMENT": ""})


def test_a_request_has_the_time_that_the_function_has_left(app: App) -> None:
    def listed(request: Request) -> Answer:
        return json_answer(200, {"left": [request.budget.allows(seconds) for seconds in (9, 10.1)]})

    assert send(whole(app, listShelves=listed), "GET", "/shelves").json == {"left": [True, False]}


JSON = "application/json"


@pytest.mark.parametrize(
    ("body", "types", "is_base64", "answered"),
    [
        (b'{"name": "n"}', [JSON], False, (201, None)),
        (b64encode(b'{"name": "n"}'), [JSON], True, (201, None)),
        (b64encode(b'{"name": "n"}'), [JSON], False, (400, "invalid_body")),
        (b'{"name": "n"}', [JSON, JSON], False, (415, "unsupported_media_type")),
        (b'{"name": "n"}', [], False, (415, "unsupported_media_type")),
        (None, [JSON], False, (400, "invalid_body")),
    ],
)
def test_a_body_has_one_type_and_is_read_as_it_came(
    app: App, body: bytes | None, types: list[str], is_base64: bool, answered: tuple[int, str | None]
) -> None:
    whole(app, makeShelf=lambda request: json_answer(201, request.body()))
    headers: dict[str, Any] = {"CONTENT-TYPE": types} if types else {}
    reply = send(app, "POST", "/shelves", body=body, headers=headers, is_base64=is_base64)
    assert (reply.status, reply.json.get("code")) == answered


def test_a_body_is_checked_before_any_function_sees_the_request(app: App) -> None:
    def never(_: Request) -> Answer:
        raise AssertionError("the body was let in")

    reply = send(
        whole(app, makeShelf=never), "POST", "/shelves", body=b'{"colour": "red"}', headers={"CONTENT-TYPE": JSON}
    )
    assert (reply.status, reply.json["code"]) == (400, "invalid_body")


# --- refusals


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (Problem(Code.NOT_FOUND, "None."), 404, {}),
        (Problem(Own.FULL, "Full."), 409, {}),
        (unavailable(), 503, {"Retry-After": "1"}),
        (timed_out(), 504, {}),
    ],
)
def test_a_problem_is_answered_with_its_document(
    app: App, error: Problem, status: int, headers: dict[str, str]
) -> None:
    reply = send(whole(app, getShelf=raising(error)), "GET", "/shelves/a")
    assert (reply.status, reply.headers) == (status, {"Content-Type": "application/problem+json", **headers})
    assert reply.json == {
        "type": f"urn:problem:{error.code}",
        "title": error.code.summary,
        "status": status,
        "detail": error.detail,
        "code": str(error.code),
        "request_id": REQUEST_ID,
    }


def test_a_refused_parameter_may_have_a_code_of_its_own() -> None:
    app = whole(App(CONTRACT, ENVIRONMENT, {"after": Own.LOST}))
    codes = [send(app, "GET", f"/shelves?{query}").json["code"] for query in ("after=12345", "limit=x", "before=1")]
    assert codes == ["place_lost", "invalid_parameter", "invalid_parameter"]


@pytest.mark.parametrize(("method", "url"), [("GET", "/"), ("DELETE", "/shelves"), ("PUT", "/shelves/a")])
def test_a_route_that_the_contract_has_not_is_404(app: App, method: str, url: str) -> None:
    reply = send(whole(app), method, url)
    assert (reply.status, reply.json["code"]) == (404, "route_not_found")


def test_a_bug_is_a_500_that_says_nothing_but_to_the_log(app: App, logs: Any) -> None:
    reply = send(whole(app, getShelf=raising(ZeroDivisionError("inside"))), "GET", "/shelves/a")
    assert (reply.status, reply.json["code"], reply.json["request_id"]) == (500, "internal", REQUEST_ID)
    assert not any(word in json.dumps(reply.json) for word in ("inside", "ZeroDivision", "Traceback"))
    failure, told, _ = logs()
    assert (failure["message"], told["message"], told["level"]) == ("internal error", "problem", "WARNING")
    assert (failure["error"], failure["level"]) == ("ZeroDivisionError: inside", "ERROR")
    assert "Traceback" in failure["exception"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda: None, "TypeError: a function returned NoneType, not an answer: use rest.answers"),
        (lambda: "text", "TypeError: a function returned str, not an answer: use rest.answers"),
        (
            lambda: {"statusCode": "200"},
            "TypeError: a function's answer lacks statusCode, multiValueHeaders, body: use ",
        ),
        (lambda: json_answer(200, {"n": float("nan")}), "ValueError: Out of range float values are not JSON compliant"),
        (lambda: json_answer(200, {"n": "\ud800"}), "UnicodeEncodeError: 'utf-8' codec can't encode character "),
        (lambda: text_answer(200, "", {"X-Mark": "\ud800"}), "UnicodeEncodeError: 'utf-8' codec can't encode "),
    ],
)
def test_what_the_gateway_cannot_take_is_a_bug(
    answer: Any, error: str, logs: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    app = whole(App(CONTRACT, ENVIRONMENT | {"CORS_ALLOW_ORIGIN": ORIGIN}), getShelf=lambda _: answer())
    reply = send(app, "GET", "/shelves/a")
    assert (reply.status, reply.json["code"]) == (500, "internal")
    assert [line["error"][: len(error)] for line in logs() if line["message"] == "internal error"] == [error]
    assert '"InternalErrors":[1.0]' in capsys.readouterr().out.replace(" ", "")


def test_an_event_from_elsewhere_fails_the_invocation(app: App) -> None:
    """So that it counts in AWS/Lambda Errors, which the first alarm watches."""
    handler = whole(app).handler
    with pytest.raises(KeyError), pytest.warns(UserWarning, match="No application metrics"):
        handler({"Records": []}, Context())  # type: ignore[arg-type]


def test_a_request_without_headers_or_parameters_is_answered(app: App) -> None:
    handler = whole(app, listShelves=lambda _: text_answer(200)).handler
    raw = event("GET", "/shelves") | {
        "resource": "/shelves",
        "multiValueHeaders": None,
        "multiValueQueryStringParameters": None,
    }
    assert handler(raw, Context())["statusCode"] == 200  # type: ignore[arg-type]


# --- logs and metrics


def test_every_request_is_logged_without_what_the_client_sent(
    app: App, logs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_LOGGER_LOG_EVENT", "true")  # asks Powertools for whole events
    send(whole(app), "POST", "/shelves?secret=1", body={"name": "secret"}, headers={"X-Mark": "secret"})
    told, request = logs()
    assert (told["message"], told["code"], told["level"]) == ("problem", "invalid_parameter", "INFO")
    fields = ("http_method", "resource", "status", "table_attempts", "request_id", "service")
    values = ["POST", "/shelves", 400, 0, REQUEST_ID, "shop-shelves-test"]
    assert [request[field] for field in fields] == values
    assert request["duration_ms"] >= 0
    assert "secret" not in json.dumps(logs())


def test_what_one_request_adds_to_its_lines_is_not_in_the_nexts(app: App, logs: Any) -> None:
    def listed(_: Request) -> Answer:
        app.logger.append_keys(shelf="a")
        return text_answer(200)

    whole(app, listShelves=listed)
    for url in ("/shelves", "/shelves?limit=x"):
        send(app, "GET", url)
    assert ["shelf" in line for line in logs()] == [True, False, False]


def test_a_cause_is_logged_and_not_answered(app: App, logs: Any) -> None:
    def answer(_: Request) -> Answer:
        raise unavailable() from OSError("the wire")

    reply = send(whole(app, getShelf=answer), "GET", "/shelves/a")
    told, _ = logs()
    assert (told["cause"], told["level"]) == ("OSError('the wire')", "WARNING")
    assert "wire" not in json.dumps(reply.json)


@pytest.mark.parametrize(
    ("error", "counted"),
    [
        (unavailable(), {"Unavailable": [1.0]}),
        (timed_out(), {"Timeouts": [1.0]}),
        (ValueError(), {"InternalErrors": [1.0]}),
        (Problem(Own.FULL, "Full."), {"FullShelves": [1.0]}),
        (Problem(Own.LOST, "Lost."), {}),
    ],
)
def test_problems_with_a_metric_are_counted(
    app: App, error: Exception, counted: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(request: Request) -> Answer:
        request.budget.spend(1)
        request.budget.spend(1)
        raise error

    send(whole(app, getShelf=answer), "GET", "/shelves/a")
    (emf,) = (line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" in line)
    (directive,) = emf["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], sorted(directive["Dimensions"][0])) == ("shop", ["environment", "service"])
    assert (emf["environment"], emf["service"]) == ("test", "shop-shelves-test")
    found = {metric["Name"]: emf[metric["Name"]] for metric in directive["Metrics"]}
    assert found == {"Requests": [1.0], "TableAttempts": [2.0], **counted}


# --- browsers


def test_pages_of_the_origin_may_read_answers_and_the_contracts_headers() -> None:
    app = whole(App(CONTRACT, ENVIRONMENT | {"CORS_ALLOW_ORIGIN": ORIGIN}), getShelf=raising(unavailable()))
    headers = send(app, "GET", "/shelves/a").headers
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert headers["Access-Control-Expose-Headers"] == "Location,Retry-After,X-Pause,X-Total"


def test_without_an_origin_no_page_may(app: App) -> None:
    headers = send(whole(app, getShelf=raising(unavailable())), "GET", "/shelves/a").headers
    assert not [name for name in headers if name.lower().startswith("access-control")]


def test_every_operation_of_the_small_contract_is_tried() -> None:
    assert {item["operationId"] for path in CONTRACT["paths"].values() for item in path.values() if item} == {
        *OPERATIONS
    }
