"""The offline stub answers who we are and nothing else."""

from __future__ import annotations

import os
from unittest.mock import patch

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from harness.aws.offline import ACCOUNT, Offline, offline


def client(stub: Offline, service: str) -> object:
    return boto3.session.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-west-1"
    ).client(service, endpoint_url=stub.url, config=Config(retries={"max_attempts": 1}))  # type: ignore[call-overload]


def test_it_says_who_we_are_and_records_the_call() -> None:
    with offline() as stub:
        assert client(stub, "sts").get_caller_identity()["Account"] == ACCOUNT  # type: ignore[attr-defined]
        assert stub.calls == ["GetCallerIdentity"]


@pytest.mark.parametrize(
    ("service", "call"),
    [("dynamodb", "list_tables"), ("iam", "list_roles"), ("lambda", "list_functions")],
)
def test_anything_else_is_refused_by_name(service: str, call: str) -> None:
    with offline() as stub:
        with pytest.raises(ClientError):
            getattr(client(stub, service), call)()
        assert len(stub.calls) == 1


def test_the_message_says_why() -> None:
    with offline() as stub, pytest.raises(ClientError, match="a plan must not read an account"):
        client(stub, "dynamodb").list_tables()  # type: ignore[attr-defined]


def test_the_users_own_settings_do_not_reach_the_provider() -> None:
    mine = {"AWS_PROFILE": "mine", "AWS_CA_BUNDLE": "x", "AWS_ENDPOINT_URL_STS": "y", "TF_VAR_subscribers": "{}"}
    mine |= {"PATH": "/bin"}
    with offline() as stub, patch.dict(os.environ, mine, clear=True):
        given = stub.environment()
    assert given["AWS_ENDPOINT_URL"] == stub.url
    assert given["PATH"] == "/bin"
    assert not (mine.keys() - {"PATH"}) & given.keys()


def test_the_port_is_free_again_afterwards() -> None:
    with offline() as stub:
        url = stub.url
    with pytest.raises(OSError):
        import urllib.request

        urllib.request.urlopen(url, timeout=1)  # noqa: S310 (our own loopback address)
