"""One local AWS for each worker's session, every environment applied to it once, from a copy of the tree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.clone import Clone, clone_tree
from tests.support.deployed import FREE, PRODUCT, Deployed, bring_up, clients_of
from tests.support.faults import Faults
from tests.support.life import Ci, sign_in
from tests.support.storms import TIME_FACTOR

from harness.localaws import control
from harness.localaws.control import LocalAws

_HERE = Path(__file__).parent
_START_SECONDS = 60
_SHARED = {"local_aws", "recorded"}
"""The session's local AWS, and the report of its scenarios: what asks for neither has a local AWS of its own."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, before ``-m`` selects: whatever is in this folder needs the local AWS."""
    here = [item for item in items if _HERE in item.path.parents]
    # By file: its tests share what they deploy.
    sharing = {item.path for item in here if _SHARED & set(getattr(item, "fixturenames", ()))}
    for item in here:
        item.add_marker(pytest.mark.local)
        if item.path not in sharing:
            item.add_marker(pytest.mark.own)


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return clone_tree(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="session")
def faults() -> Iterator[Faults]:
    """The fault proxy all functions call AWS through; transparent until a scenario injects something."""
    proxy = Faults()
    yield proxy
    proxy.stop()


@pytest.fixture(scope="session")
def local_aws(clone: Clone, faults: Faults) -> Iterator[LocalAws]:
    """The session's local AWS, on a free port; it dies with the test run, however that ends."""
    running = control.start(
        clone.root / "build" / "local",
        None,
        _START_SECONDS,
        function_endpoint=faults.endpoint,
        die_with_parent=True,
        time_factor=TIME_FACTOR,
    )
    faults.start(control.environment(running))
    yield running
    control.stop(running)


@pytest.fixture(scope="session")
def ci(clone: Clone, local_aws: LocalAws, aws: Any) -> Ci:
    """CI in an account that an administrator prepared for it."""
    return sign_in(clone, aws, local_aws)


@pytest.fixture(scope="session")
def deployments(ci: Ci) -> dict[str, Deployed]:
    """Every environment, brought up at the same time."""
    return bring_up(ci.clone, *PRODUCT.environments)


@pytest.fixture(scope="session")
def dev(deployments: dict[str, Deployed]) -> Deployed:
    return deployments["dev"]


@pytest.fixture(scope="session")
def prod(deployments: dict[str, Deployed]) -> Deployed:
    return deployments["prod"]


@pytest.fixture(scope="session")
def free(deployments: dict[str, Deployed]) -> Deployed:
    return deployments[FREE]


@pytest.fixture(scope="session", params=list(PRODUCT.environments))
def deployed(request: pytest.FixtureRequest, deployments: dict[str, Deployed]) -> Deployed:
    return deployments[request.param]


@pytest.fixture(scope="session")
def aws(local_aws: LocalAws) -> Any:
    """``aws("dynamodb")`` is a client of the session's local AWS with the account's root keys."""
    return clients_of(local_aws)


@pytest.fixture
def scratch(tmp_path: Path) -> Clone:
    """A copy of the tree for tests that break something in it."""
    return clone_tree(tmp_path / "tree")
