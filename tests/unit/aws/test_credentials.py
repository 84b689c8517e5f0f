"""Credentials of long commands: a client asks for new ones when its own end, and says so when there are none."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from harness.aws.clients import aws_client
from harness.aws.missing import refusing
from harness.base.causes import LOG_IN
from harness.base.errors import HarnessError

_SIGNS_IN = """
import json, pathlib, sys
count, answers = map(pathlib.Path, sys.argv[1:])
turn = int(count.read_text()) if count.exists() else 0
count.write_text(str(turn + 1))
answer = json.loads(answers.read_text())[turn]
if answer is None:
    sys.exit("signed out")
print(json.dumps({"Version": 1, "AccessKeyId": f"KEY{turn}", "SecretAccessKey": "s", "SessionToken": "t", **answer}))
"""
Keys = Callable[..., Any]


def _until(minutes: float) -> dict[str, str]:
    return {"Expiration": (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()}


@pytest.fixture
def caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keys:
    """A caller whose profile signs in by a program, and a client made for it once; returns what makes the client."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "sign_in.py").write_text(_SIGNS_IN)
    words = " ".join(map(str, (sys.executable, tmp_path / "sign_in.py", tmp_path / "turns", tmp_path / "answers")))
    (tmp_path / "config").write_text(f"[profile signed-in]\ncredential_process = {words}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_PROFILE", "signed-in")

    def make(*answers: dict[str, str] | None) -> Any:
        (tmp_path / "answers").write_text(json.dumps(answers))
        return _client(monkeypatch)

    return make


def _client(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client that never leaves the machine: it answers with the key that a call was signed with."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    client: Any = aws_client("dynamodb", "eu-west-1", {})

    def answer(request: Any, **_: Any) -> AWSResponse:
        signed = request.headers["Authorization"].decode()
        key = signed.split("Credential=")[1].split("/")[0]

        class Body:
            def stream(self) -> Any:
                yield json.dumps({"TableNames": [key]}).encode()

        return AWSResponse(request.url, 200, HTTPHeaders(), Body())

    client.meta.events.register("before-send.dynamodb", answer)
    return client


def _signed_with(client: Any) -> str:
    return str(client.list_tables()["TableNames"][0])


def test_a_client_is_signed_in_anew_while_it_lives(caller: Keys) -> None:
    """botocore asks for new keys in the last minutes of the old ones; a client with frozen keys would not."""
    client = caller(*[_until(5)] * 6, _until(60))
    keys = [_signed_with(client) for _ in range(8)]
    assert keys == sorted(keys)
    assert keys[0] < keys[-1] == keys[-2] == "KEY6"


def test_a_sign_in_that_is_over_says_what_to_do(caller: Keys) -> None:
    client = caller(_until(5), None)
    with pytest.raises(HarnessError, match="signed out") as told, refusing("cannot list tables", "allow it"):
        _signed_with(client)
    assert told.value.remedy == LOG_IN


def test_keys_from_variables_that_name_their_end_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "KEY"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("AWS_SESSION_TOKEN", "t"),
        ("AWS_CREDENTIAL_EXPIRATION", _until(-1)["Expiration"]),
    ):
        monkeypatch.setenv(name, value)
    with pytest.raises(HarnessError) as told, refusing("cannot list tables", "allow it"):
        _signed_with(_client(monkeypatch))
    assert told.value.remedy == LOG_IN
