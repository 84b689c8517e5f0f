"""The real Terraform and provider with a stub of STS, and one lane for the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.lanes import LOCK, Tools

from harness.aws.offline import offline
from harness.fastlane.lane import Lane
from harness.fastlane.provider import locked_provider
from harness.terraform.binary import find_terraform, terraform_environment


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    """The real ones: without a provider these tests fail, they do not skip."""
    data, cache = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("cache")
    with offline() as stub:
        env = stub.environment() | terraform_environment(data)
        terraform = find_terraform()
        yield Tools(terraform, locked_provider(terraform, LOCK, cache, env), cache, env)


@pytest.fixture(scope="session")
def lane(tools: Tools) -> Iterator[Lane]:
    """A lane that all tests use one after another, as a run does."""
    with tools.lane() as lane:
        yield lane
