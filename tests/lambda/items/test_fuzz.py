"""Schemathesis against the handler: requests made from the contract, right and wrong ones, alone and in sequences.

The handler is called in this process: a requests adapter makes each request an API Gateway event.
"""

from __future__ import annotations

from io import BytesIO
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from tests.support.contract import document
from tests.support.events import Context, event
from tests.support.fake_table import FakeTable
from urllib3 import HTTPResponse

from rest import contract

# The key is the gateway's business: the function never sees a request without one.
DOCUMENT = document("items") | {"security": []}
# Nothing about a request for health can be wrong in a way the contract describes.
CASES = [
    (operation.operation_id, mode)
    for operation in contract.operations(DOCUMENT).values()
    for mode in GenerationMode
    if (operation.operation_id, mode) != ("getHealth", GenerationMode.NEGATIVE)
]
CONFIG = {
    "checks": {
        # An id or a version that came from nowhere is refused, and a key or an id that is taken: rightly.
        "positive_data_acceptance": {"expected-statuses": ["2xx", 404, 409, 412]},
        # What the gateway does, and the function behind it never sees.
        "unsupported_method": {"enabled": False},
    }
}
QUIET = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


class Gateway(requests.adapters.BaseAdapter):
    """Hands every request to the handler as API Gateway would."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__()
        self.module = module
        self.statuses: dict[str, set[int]] = {}

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Answer one request."""
        url = urlsplit(str(request.url))
        headers: dict[str, str | list[str]] = {
            name: value if isinstance(value, str) else value.decode("latin-1")
            for name, value in request.headers.items()
        }
        body = request.body
        # The gateway, too, puts the replacement character where a body is not UTF-8.
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "") or None
        given_event = event(str(request.method), f"{url.path}?{url.query}", body=text, headers=headers)
        raw = self.module.handler(given_event, Context())
        sent = {name: values[0] for name, values in raw["multiValueHeaders"].items()}
        answer = HTTPResponse(BytesIO(raw["body"].encode()), sent, raw["statusCode"], preload_content=False)
        response = requests.adapters.HTTPAdapter().build_response(request, answer)
        self.statuses.setdefault(str(request.method), set()).add(response.status_code)
        return response

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def gateway(module: ModuleType, table: FakeTable) -> Gateway:
    return Gateway(module)


@pytest.fixture
def session(gateway: Gateway) -> requests.Session:
    session = requests.Session()
    session.mount("http://items.test", gateway)
    return session


@pytest.fixture
def schema() -> Any:
    loaded = schemathesis.openapi.from_dict(DOCUMENT, config=SchemathesisConfig.from_dict(CONFIG))
    loaded.config.update(base_url="http://items.test")

    @loaded.hook
    def filter_query(_: Any, query: dict[str, Any] | None) -> bool:
        """No schema can say which cursors the list has made, so none made up here is right."""
        return "cursor" not in (query or {})

    return loaded


@pytest.mark.parametrize(("operation_id", "mode"), CASES)
def test_every_operation_keeps_the_contract(
    schema: Any, session: requests.Session, gateway: Gateway, operation_id: str, mode: GenerationMode
) -> None:
    operation = schema.find_operation_by_id(operation_id)

    @QUIET
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        case.call_and_validate(session=session)

    fuzz()
    assert gateway.statuses


def test_sequences_keep_the_contract(schema: Any, session: requests.Session, gateway: Gateway) -> None:
    class Sequences(schema.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"session": session}

    run_state_machine_as_test(Sequences, settings=settings(QUIET, max_examples=10, stateful_step_count=8))
    assert gateway.statuses["POST"] >= {201}
    assert gateway.statuses["PUT"] >= {200}
