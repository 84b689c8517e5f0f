"""The contract of a version that serves: fetched once, checked, and never in silence when it cannot be had."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import botocore.exceptions
import pytest

from harness.aws.clients import Aws
from harness.operate.served_contract import Served, UnreadableError, read_served

CONTRACT = {"openapi": "3.0.3", "paths": {"/things": {}}}
SECRET = "X-Amz-Signature=sesame"


def zipped(**members: object) -> bytes:
    """Make a zip; ``things__contract`` is things/contract.json."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("things/handler.py", "code")
        for name, held in members.items():
            text = held if isinstance(held, str) else json.dumps(held)
            archive.writestr(f"{name.replace('__', '/')}.json", text)
    return buffer.getvalue()


@dataclass
class Storage:
    """A server that hands out one zip."""

    data: bytes = b""
    status: int = 200
    asked: list[str] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def storage() -> Iterator[Storage]:
    kept = Storage(zipped(things__contract=CONTRACT))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kept.asked.append(self.path)
            self.send_response(kept.status)
            self.end_headers()
            self.wfile.write(kept.data)

        def log_message(self, format: str, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()


@dataclass
class Lambda:
    """An AWS with one function; every call is counted."""

    answer: dict[str, Any]
    failure: Exception | None = None
    asked: list[dict[str, str]] = field(default_factory=list)

    def client(self, service: str) -> Any:
        assert service == "lambda"
        return self

    def get_function(self, **asked: str) -> dict[str, Any]:
        self.asked.append(asked)
        if self.failure:
            raise self.failure
        return self.answer


@pytest.fixture
def functions(storage: Storage) -> Lambda:
    digest = base64.b64encode(hashlib.sha256(storage.data).digest()).decode()
    return Lambda(
        {
            "Configuration": {"Handler": "things.handler.handler", "CodeSha256": digest, "Version": "7"},
            "Code": {"Location": f"http://127.0.0.1:{storage.port}/zip?{SECRET}"},
        }
    )


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def hold(storage: Storage, functions: Lambda, data: bytes) -> None:
    """Deploy other code."""
    storage.data = data
    functions.answer["Configuration"]["CodeSha256"] = base64.b64encode(hashlib.sha256(data).digest()).decode()


def read(functions: Lambda, kept: Path) -> Served | None:
    return read_served(cast(Aws, functions), "api-things-x", "live", kept)


def refused(functions: Lambda, kept: Path, message: str) -> None:
    with pytest.raises(UnreadableError, match=message) as caught:
        read(functions, kept)
    assert caught.value.remedy
    assert SECRET not in str(caught.value)
    assert not list(kept.glob("*"))


def test_the_alias_is_asked_once_and_the_zip_fetched_once_a_version(
    storage: Storage, functions: Lambda, tmp_path: Path
) -> None:
    assert read(functions, tmp_path) == read(functions, tmp_path) == Served("7", CONTRACT)
    assert functions.asked == [{"FunctionName": "api-things-x", "Qualifier": "live"}] * 2
    assert storage.asked == [f"/zip?{SECRET}"]
    hold(storage, functions, zipped(things__contract=CONTRACT | {"info": {"version": "2"}}))
    second = read(functions, tmp_path)
    assert second is not None and second.document == CONTRACT | {"info": {"version": "2"}}


def test_nothing_is_served_where_nothing_is_deployed(functions: Lambda, tmp_path: Path) -> None:
    functions.failure = botocore.exceptions.ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetFunction")
    assert read(functions, tmp_path) is None


def test_a_function_without_routes_serves_no_contract(storage: Storage, functions: Lambda, tmp_path: Path) -> None:
    """Neither a vendored file of that name nor a deeper one is its contract."""
    other: dict[str, object] = {"paths": {}}
    hold(storage, functions, zipped(vendored__contract=CONTRACT, deep__er__contract=other))
    assert read(functions, tmp_path) == read(functions, tmp_path) == Served("7", None)
    assert len(storage.asked) == 1


def test_lambda_that_does_not_answer_is_told(functions: Lambda, tmp_path: Path) -> None:
    functions.failure = botocore.exceptions.ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetFunction")
    refused(functions, tmp_path, "GetFunction is refused .AccessDeniedException. -> allow lambda:GetFunction")
    functions.failure = botocore.exceptions.ConnectTimeoutError(endpoint_url=f"https://lambda.test/?{SECRET}")
    refused(functions, tmp_path, "Lambda does not answer .ConnectTimeoutError.")


def test_an_image_is_told(functions: Lambda, tmp_path: Path) -> None:
    functions.answer["Configuration"]["CodeSha256"] = "sha"
    refused(functions, tmp_path, "names no hash of the code")
    functions.answer |= {"Configuration": {"Version": "7"}}
    refused(functions, tmp_path, "names no hash of the code")


def test_code_without_an_address_is_told(functions: Lambda, tmp_path: Path) -> None:
    functions.answer["Code"] = {"ImageUri": "registry/image"}
    refused(functions, tmp_path, "names no address of the code")


@pytest.mark.parametrize("status", [403, 404, 500, 206])
def test_an_address_that_is_refused_is_told(storage: Storage, functions: Lambda, tmp_path: Path, status: int) -> None:
    storage.status = status
    refused(functions, tmp_path, f"fetching the code is answered {status}")


def test_a_storage_that_cannot_be_reached_is_told(functions: Lambda, tmp_path: Path) -> None:
    functions.answer["Code"]["Location"] = f"http://127.0.0.1:1/zip?{SECRET}"
    refused(functions, tmp_path, "the code cannot be fetched .EndpointConnectionError.")


def test_other_code_than_the_versions_is_told(storage: Storage, functions: Lambda, tmp_path: Path) -> None:
    storage.data = zipped(things__contract=CONTRACT | {"openapi": "3.0.1"})
    refused(functions, tmp_path, "the code that was fetched is not the version's")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"no zip", "the code is no zip"),
        (zipped(things__contract="{"), "the contract in the code is no JSON"),
        (zipped(things__contract="[]"), "the contract in the code is none of OpenAPI"),
        (zipped(things__contract={"info": {}}), "the contract in the code is none of OpenAPI"),
    ],
)
def test_code_that_cannot_be_read_is_told(
    storage: Storage, functions: Lambda, tmp_path: Path, data: bytes, message: str
) -> None:
    hold(storage, functions, data)
    refused(functions, tmp_path, message)
