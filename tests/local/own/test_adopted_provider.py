"""An account that has GitHub's OIDC provider: bootstrap says so before it changes anything, then uses it as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.ci_requests import PRODUCT, Names
from tests.support.clone import Clone, clone_tree

from harness.aws.clients import aws_client
from harness.localaws import control
from harness.localaws.control import LocalAws

ISSUER = "token.actions.githubusercontent.com"
SETTINGS = {"TF_VAR_github_repository": json.dumps({"id": "456", "name": "owner/name", "owner_id": "123"})}
_START_SECONDS = 60


@pytest.fixture
def account(tmp_path: Path) -> Iterator[tuple[Clone, LocalAws]]:
    """A local AWS of its own, which nobody has bootstrapped."""
    clone = clone_tree(tmp_path / "tree", **SETTINGS)
    running = control.start(clone.root / "build" / "local", None, _START_SECONDS, die_with_parent=True)
    yield clone, running
    control.stop(running)


def test_a_provider_that_is_there_is_told_and_then_used(account: tuple[Clone, LocalAws]) -> None:
    clone, running = account
    iam: Any = aws_client("iam", PRODUCT.region, control.environment(running))
    made = {"Url": f"https://{ISSUER}", "ClientIDList": ["sts.amazonaws.com", "another"], "ThumbprintList": ["0" * 40]}
    arn = iam.create_open_id_connect_provider(**made)["OpenIDConnectProviderArn"]
    before = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)

    refused = clone.run("bootstrap")
    assert refused.returncode != 0
    assert f"the account has the identity provider {arn} already -> set oidc_provider_exists = true" in refused.stderr
    assert [role["RoleName"] for role in iam.list_roles()["Roles"] if role["RoleName"].startswith("ci-")] == []

    done = clone.run("bootstrap", TF_VAR_oidc_provider_exists="true")
    assert done.returncode == 0, done.stderr
    roles = json.loads(done.stdout)
    assert {name: set(arns) for name, arns in roles.items()} == {
        name: {"apply", "plan"} for name in PRODUCT.environments
    }
    for name, arns in roles.items():
        for purpose, role in arns.items():
            assert role == iam.get_role(RoleName=Names(name).ci_role(purpose))["Role"]["Arn"]
    after = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    for answer in (before, after):
        del answer["ResponseMetadata"]
    assert after == before
