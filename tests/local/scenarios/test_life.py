"""CI's roles may do what the life of their environment takes, and nothing else: every grant used, no call refused.

It takes down what it deploys, so it has a local AWS of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import yaml
from tests.support import ci_roles
from tests.support.clone import clone_tree
from tests.support.deployed import PRODUCT, Deployed, clients_of
from tests.support.life import Ci, bring_up, change, live_on, passing_tag, side_by_side, sign_in
from tests.support.storms import TIME_FACTOR
from tests.support.usage import Grant, Used, findings, general, granted, read_decisions, used_by

from harness.localaws import control
from harness.localaws.settings import Kind

_UNASKED = Path(__file__).with_name("unasked.yaml")
# Every environment at once on a busy machine: about thirty verbs each.
_SECONDS = 1200
_START_SECONDS = 60


def _declared(purpose: str) -> list[Grant]:
    """Read what the local AWS cannot ask for, with reasons: data, as a waiver is."""
    entries = yaml.safe_load(_UNASKED.read_text(encoding="utf-8"))
    for one in entries:
        assert one.keys() == {"purposes", "statement", "kind", "patterns", "reason", "source"}, one
        assert one["reason"] and one["source"], one
    return [
        Grant(one["statement"], one["kind"], pattern)
        for one in entries
        if purpose in one["purposes"]
        for pattern in one["patterns"]
    ]


@pytest.fixture(scope="module")
def ci(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ci]:
    """CI in an account of its own, whose every decision on a request can be written down."""
    clone = clone_tree(tmp_path_factory.mktemp("life"))
    passing_tag(clone)
    place = clone.root / "build" / "local"
    local = control.start(
        place, None, _START_SECONDS, die_with_parent=True, time_factor=TIME_FACTOR, kind=Kind.RECORDED
    )
    yield sign_in(clone, clients_of(local), local)
    control.stop(local)


@pytest.fixture(scope="module")
def lived(ci: Ci) -> dict[str, Deployed]:
    """Environments that are no more, after a life as CI's roles."""
    with ci.recorded("up"):
        deployments = side_by_side(tuple(PRODUCT.environments), partial(bring_up, ci))
    change(ci.clone, tuple(deployments))
    with ci.recorded("life"):
        side_by_side(tuple(deployments), lambda name: live_on(ci, deployments[name]))
    return deployments


@pytest.mark.timeout(_SECONDS)
@pytest.mark.parametrize("purpose", ci_roles.PURPOSES)
def test_every_grant_is_used_and_no_call_refused(ci: Ci, lived: dict[str, Deployed], purpose: str) -> None:
    """By purpose, since the statements are one text for every environment, and not each has a key or asks for one."""
    has: set[Grant] = set()
    used: set[Grant] = set()
    refused: list[tuple[str, str]] = []
    for environment in lived:
        role = ci.role(environment, purpose)
        did = used_by(role.name, read_decisions(ci.decisions()))
        assert did.grants, f"{role.name} did nothing: were its decisions written down?"
        has |= general(granted(ci.aws("iam"), role.name), environment)
        used |= general(did.grants, environment)
        refused += did.refused
    found = findings(purpose, frozenset(has), Used(frozenset(used), tuple(refused)), _declared(purpose))
    assert not found, "\n" + "\n".join(found)
