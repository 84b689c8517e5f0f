"""What is read from a state object: nothing from one that is missing, an error from a damaged one."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from harness.base.errors import HarnessError
from harness.terraform.state import State

STATE = {
    "version": 4,
    "outputs": {
        "table_name": {"value": "shop-orders-x", "type": "string"},
        "api_key": {"value": "k", "sensitive": True},
    },
    "resources": [
        {"mode": "data", "type": "aws_region", "instances": [{"attributes": {}}]},
        {"mode": "managed", "type": "aws_dynamodb_table", "instances": [{"attributes": {"name": "shop-orders-x"}}]},
    ],
}


@dataclass
class _Bucket:
    """An account whose bucket answers one request as given; ``None`` is a missing object."""

    data: bytes | None

    def client(self, service: str) -> Any:
        assert service == "s3"
        client = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
        stub = Stubber(client)
        if self.data is None:
            stub.add_client_error("get_object", "NoSuchKey")
        else:
            stub.add_response("get_object", {"Body": StreamingBody(io.BytesIO(self.data), len(self.data))})
        stub.activate()
        return client


def _state(data: bytes | None) -> State:
    return State(_Bucket(data), "bucket", "dev/dev/terraform.tfstate")  # type: ignore[arg-type]


def test_outputs_and_managed_resources() -> None:
    whole = _state(json.dumps(STATE).encode())
    assert whole.outputs() == {"table_name": "shop-orders-x", "api_key": "k"}
    assert list(whole.resources()) == [("aws_dynamodb_table", {"name": "shop-orders-x"})]
    assert whole.exists()


def test_no_state_is_an_empty_one() -> None:
    missing = _state(None)
    assert missing.outputs() == {}
    assert not missing.exists()


@pytest.mark.parametrize(
    "data", [json.dumps(STATE).encode()[:100], b"", b"[]", b"{}"], ids=["cut", "empty", "list", "object"]
)
def test_a_damaged_state_is_not_taken_for_an_empty_one(data: bytes) -> None:
    with pytest.raises(HarnessError, match=r"dev/dev/terraform\.tfstate is damaged -> make restore WHAT=state"):
        _state(data).outputs()
    with pytest.raises(HarnessError, match="is damaged"):
        list(_state(data).resources())
