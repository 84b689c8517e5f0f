"""Probe of gap_function_code."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from typing import Any

import urllib3
from tests.local.gaps.conftest import Emulator, make_function

NAME = "two-versions"


def _zip(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("code.py", text)
    return buffer.getvalue()


def _answers(emulator: Emulator) -> dict[str, Any]:
    """Make a second version and ask for the alias, which stays at the first, the second and the newest code."""
    make_function(emulator, NAME)
    functions = emulator.client("lambda")
    functions.update_function_code(FunctionName=NAME, ZipFile=_zip("second"), Publish=True)
    return {name: functions.get_function(FunctionName=NAME, Qualifier=name) for name in ("live", "2", "$LATEST")}


def _code(answer: Any) -> tuple[int, str]:
    found = urllib3.request("GET", answer["Code"]["Location"], retries=False, timeout=60)
    return found.status, base64.b64encode(hashlib.sha256(found.data).digest()).decode()


def test_stock_still_serves_the_newest_code_for_every_version(stock: Emulator) -> None:
    live = _answers(stock)["live"]
    assert live["Configuration"]["Version"] == "1"
    assert _code(live)[1] != live["Configuration"]["CodeSha256"], "upstream serves versions: delete gap_function_code"


def test_the_code_is_that_of_the_version_that_was_asked_for(filled: Emulator) -> None:
    answers = _answers(filled)
    hashes = {name: _code(answer) for name, answer in answers.items()}
    assert hashes == {name: (200, answer["Configuration"]["CodeSha256"]) for name, answer in answers.items()}
    assert hashes["live"] != hashes["2"] == hashes["$LATEST"]


def test_a_version_that_is_no_longer_there_has_no_code(filled: Emulator) -> None:
    make_function(filled, "one-version")
    functions = filled.client("lambda")
    functions.update_function_code(FunctionName="one-version", ZipFile=_zip("second"), Publish=True)
    location = functions.get_function(FunctionName="one-version", Qualifier="2")["Code"]["Location"]
    functions.delete_function(FunctionName="one-version", Qualifier="2")
    assert urllib3.request("GET", location, retries=False, timeout=20).status == 404


def test_an_address_is_good_for_the_version_that_it_was_signed_for(filled: Emulator) -> None:
    make_function(filled, "signed-version")
    functions = filled.client("lambda")
    location = functions.get_function(FunctionName="signed-version", Qualifier="live")["Code"]["Location"]
    assert ":1?" in location
    for other in (location.replace(":1?", ":2?"), location.partition("?")[0]):
        assert urllib3.request("GET", other, retries=False, timeout=60).status == 403
