"""The region: AWS_REGION, else what the profile says, else the blueprint's."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.aws import clients
from harness.base.errors import UsageError
from harness.base.options import read_options
from harness.facts import Blueprint, Environment

REAL = read_options({"TARGET": "aws", "ENV": "live"})


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No setting of the caller's; a profile file with one profile; a blueprint with a region of its own."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "config"
    config.write_text("[profile team]\nregion = ap-southeast-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    blueprint = Blueprint("shop", "shop", "sa-east-1", {"live": Environment()})
    monkeypatch.setattr(clients, "read_blueprint", lambda: blueprint)
    return config


@pytest.mark.parametrize(
    ("given", "region"),
    [
        ({}, "sa-east-1"),
        ({"AWS_PROFILE": "team"}, "ap-southeast-1"),
        ({"AWS_PROFILE": "team", "AWS_DEFAULT_REGION": "us-east-2"}, "us-east-2"),
        ({"AWS_PROFILE": "team", "AWS_DEFAULT_REGION": "us-east-2", "AWS_REGION": "us-west-2"}, "us-west-2"),
    ],
)
def test_the_nearest_word_counts(monkeypatch: pytest.MonkeyPatch, given: dict[str, str], region: str) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    found = clients.connect(REAL)
    assert found.region == found.env["AWS_REGION"] == found.env["AWS_DEFAULT_REGION"] == region


def test_a_profile_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(UsageError, match=r"AWS_PROFILE cannot be used: .*nobody"):
        clients.connect(REAL)
