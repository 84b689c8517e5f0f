"""What is read from a state object: nothing from one that is missing, an error from a damaged one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from harness.base.errors import HarnessError
from harness.base.options import read_options
from harness.base.paths import Stack, Target
from harness.operate.instances import read_instances
from harness.operate.recovery.states import parse
from harness.terraform.context import Context
from harness.terraform.runner import Runner
from harness.terraform.state import Lock, State

STATE: dict[str, Any] = {
    "version": 4,
    "serial": 1,
    "lineage": "x",
    "outputs": {
        "table_name": {"value": "shop-orders-x", "type": "string"},
        "api_key": {"value": "k", "sensitive": True},
    },
    "resources": [
        {"mode": "data", "type": "aws_region", "name": "here", "instances": [{"attributes": {}}]},
        {
            "mode": "managed",
            "type": "aws_dynamodb_table",
            "name": "this",
            "instances": [{"attributes": {"name": "shop-orders-x"}}],
        },
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


def _with(**parts: object) -> bytes:
    return json.dumps({**STATE, **parts}).encode()


DAMAGED = {
    "empty": b"",
    "cut": json.dumps(STATE).encode()[:100],
    "no text": b"\xff\xfe",
    "null": b"null",
    "list": b"[]",
    "nothing in it": b"{}",
    "no version": _with(version=None),
    "resources null": _with(resources=None),
    "resources of another kind": _with(resources=[1]),
    "instances null": _with(resources=[{**STATE["resources"][1], "instances": None}]),
    "attributes a list": _with(resources=[{**STATE["resources"][1], "instances": [{"attributes": []}]}]),
    "no type": _with(resources=[{"mode": "managed", "name": "x", "instances": []}]),
    "outputs null": _with(outputs=None),
    "output without value": _with(outputs={"x": {}}),
}
READS: dict[str, Callable[[State], object]] = {
    "outputs": State.outputs,
    "resources": lambda state: list(state.resources()),
    "exists": State.exists,
    "instances": read_instances,
}


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_state_is_one_line_however_it_is_read(kind: str, read: str) -> None:
    with pytest.raises(HarnessError) as error:
        READS[read](_state(DAMAGED[kind]))
    assert str(error.value) == (
        "the state dev/dev/terraform.tfstate is damaged -> make restore WHAT=state brings it back"
    )


@pytest.mark.parametrize("read", READS)
def test_a_state_of_another_terraform_is_not_called_damaged(read: str) -> None:
    with pytest.raises(HarnessError, match=r"terraform\.tfstate has format version 5, not 4 -> use the Terraform that"):
        READS[read](_state(_with(version=5)))


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_version_cannot_be_restored(kind: str) -> None:
    assert parse(DAMAGED[kind]) is None
    assert parse(_with()) is not None


@pytest.mark.parametrize(
    "plan", [lambda runner: runner.plan(Path("x"), {}), lambda runner: runner.refresh_only(Path("x"), {})]
)
def test_nothing_is_planned_against_a_damaged_state(plan: Callable[[Runner], object]) -> None:
    """Terraform itself takes an empty one for none, and would make everything once more."""
    state = _state(DAMAGED["empty"])
    context = Context(read_options({}), Stack("any", "any", Target.LOCAL), state.aws)
    context.__dict__.update(state=state, terraform=Path("/nonexistent/terraform"), env={})
    with pytest.raises(HarnessError, match="is damaged"):
        plan(context.runner)


LOCK = {"ID": "5c1a", "Who": "alice@laptop", "Operation": "OperationTypeApply", "Created": "2026-11-23T20:00:00Z"}


def test_a_lock_names_its_holder() -> None:
    held = Lock(lock_id="5c1a", who="alice@laptop", operation="OperationTypeApply", created="2026-11-23T20:00:00Z")
    assert _state(json.dumps(LOCK).encode()).lock() == held
    assert _state(None).lock() is None


@pytest.mark.parametrize("data", [b"", b'{"ID":"x","Oper', b"null", b"[]", b"{}", b"\xff\xfe", b'{"ID": "x"}'])
def test_a_lock_that_cannot_be_read_is_named_as_a_lock(data: bytes) -> None:
    with pytest.raises(HarnessError, match=r"the lock dev/dev/terraform\.tfstate\.tflock is empty or torn.*stuck-lock"):
        _state(data).lock()
