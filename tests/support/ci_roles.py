"""CI's roles on a local AWS: made by an administrator's bootstrap, signed in to as GitHub's jobs do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.clone import Clone
from tests.support.deployed import PRODUCT, STATES, clients_of
from tests.support.github import token

from harness.aws.clients import aws_client
from harness.localaws.control import SESSION, LocalAws

NAME, OWNER_ID, REPOSITORY_ID, BRANCH = "example/shop", "4711", "815", "main"
"""The made-up repository that the roles trust."""
PURPOSES = ("plan", "apply")
_VALUES = "ci.auto.tfvars.json"
_ACCOUNT_STATE = "account/account/terraform.tfstate"


@dataclass(frozen=True)
class Role:
    """One of CI's roles.

    Attributes:
        purpose: what it is for, of ``PURPOSES``.
    """

    environment: str
    purpose: str
    arn: str

    @property
    def name(self) -> str:
        """Return the name of the role."""
        return self.arn.rpartition("/")[2]

    @property
    def claims(self) -> dict[str, str]:
        """Return the claims of a job's token that this role is for."""
        if self.purpose == "apply":
            return claims(f"environment:{self.environment}", environment=self.environment)
        if PRODUCT.environments[self.environment].guarded:
            return claims(f"ref:refs/heads/{BRANCH}")
        return claims("pull_request", ref="refs/pull/7/merge")


def claims(place: str, *, immutable: bool = False, **others: str) -> dict[str, str]:
    """Return a job's claims; ``place`` is the end of its subject.

    Args:
        immutable: the subject has ids beside the names, as newer repositories' have.
    """
    owner, name = NAME.split("/")
    repository = f"{owner}@{OWNER_ID}/{name}@{REPOSITORY_ID}" if immutable else NAME
    fixed = {"repository": NAME, "repository_id": REPOSITORY_ID, "ref": f"refs/heads/{BRANCH}"}
    return {"sub": f"repo:{repository}:{place}", **fixed, **others}


def bootstrap(clone: Clone, aws: Any) -> tuple[Role, ...]:
    """Prepare the account as its administrator would, with roles for the repository; return them."""
    repository = {"name": NAME, "id": REPOSITORY_ID, "owner_id": OWNER_ID, "default_branch": BRANCH}
    (clone.root / "envs" / "account" / _VALUES).write_text(json.dumps({"github_repository": repository}))
    prepared = clone.run("bootstrap")
    assert prepared.returncode == 0, prepared.stderr
    state = json.loads(aws("s3").get_object(Bucket=STATES, Key=_ACCOUNT_STATE)["Body"].read())
    arns: Mapping[str, Mapping[str, str]] = state["outputs"]["ci_role_arns"]["value"]
    return tuple(Role(name, purpose, arns[name][purpose]) for name in PRODUCT.environments for purpose in PURPOSES)


def sign_in(local: LocalAws, role: Role, given: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Take a role with a job's token, its own claims unless others are given; return the session's keys.

    Raises:
        ClientError: the role does not trust the token.
    """
    identity = token(local, **(role.claims if given is None else given))
    answer = clients_of(local)("sts").assume_role_with_web_identity(
        RoleArn=role.arn, RoleSessionName="job", WebIdentityToken=identity
    )
    keys: dict[str, Any] = answer["Credentials"]
    return keys


def settings(keys: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables with which a verb works as the owner of a session's keys."""
    names = {"AWS_ACCESS_KEY_ID": "AccessKeyId", "AWS_SECRET_ACCESS_KEY": "SecretAccessKey"}
    names |= {"AWS_SESSION_TOKEN": "SessionToken"}
    return {f"{SESSION}{name}": str(keys[key]) for name, key in names.items()}


def client(endpoint: str, keys: Mapping[str, Any], service: str) -> Any:
    """Return a client of a service that works as the owner of a session's keys."""
    env = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": keys["AccessKeyId"]}
    env |= {"AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"], "AWS_SESSION_TOKEN": keys["SessionToken"]}
    return aws_client(service, PRODUCT.region, env)
