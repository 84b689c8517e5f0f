"""Planted secrets are found, in files and in the zip, and never printed."""

from __future__ import annotations

import pytest
from tests.policies.conftest import PLANTED

from harness.scan.launch import Scanned

EXPECTED = {
    "aws": "SECRET_AWS_KEY",
    "github": "SECRET_GIT_HUB_TOKEN",
    "key": "SECRET_PRIVATE_KEY",
    "password": "SECRET_KEYWORD",
    "entropy": "SECRET_BASE64_HIGH_ENTROPY_STRING",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_secret_in_a_file_is_found(name: str, scanned: Scanned) -> None:
    found = {(one.check, one.line) for one in scanned.findings if one.file == f"{name}.py"}
    assert (EXPECTED[name], 2) in found


def test_a_secret_in_the_zip_is_found(scanned: Scanned) -> None:
    found = [one for one in scanned.findings if one.file == "items.zip!items/settings.py"]
    assert [(one.check, one.line) for one in found] == [("SECRET_AWS_KEY", 3)]


def test_no_finding_shows_the_secret(scanned: Scanned) -> None:
    text = "".join(f"{one.message}{one.address}" for one in scanned.findings)
    for secret in PLANTED.values():
        value = secret.partition('"')[2].rstrip('"') or secret
        assert value not in text
