"""The AWS a command talks to: endpoint, credentials, region, account. boto3 clients come from here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import botocore.config
import botocore.exceptions

from harness.aws.missing import refusing
from harness.base.errors import HarnessError, UsageError
from harness.base.options import Options
from harness.base.paths import LOCAL_STATE, Target
from harness.facts import read_blueprint
from harness.localaws import control

if TYPE_CHECKING:
    from botocore.client import BaseClient

_RETRIES = botocore.config.Config(
    connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 3, "mode": "standard"}
)


@dataclass(frozen=True, slots=True)
class Aws:
    """One reachable AWS.

    Attributes:
        env: variables for Terraform and SDKs; empty on real AWS, where the caller's own are used.
        endpoint: address of the local AWS, ``""`` on real AWS.
    """

    target: Target
    env: Mapping[str, str]
    region: str
    endpoint: str

    def client(self, service: str) -> Any:
        """Return a low-level boto3 client for ``service``."""
        return aws_client(service, self.region, self.env)

    def account_id(self) -> str:
        """Return the 12-digit account the credentials belong to.

        Raises:
            HarnessError: there are no credentials, or they are refused.
        """
        with refusing("AWS does not accept the credentials", "log in (aws sso login) or export AWS_PROFILE"):
            return str(self.client("sts").get_caller_identity()["Account"])


def aws_client(service: str, region: str, env: Mapping[str, str]) -> BaseClient:
    """Make a boto3 client with endpoint and keys from ``env`` where it has them, else from the caller's setup."""
    given: dict[str, Any] = {}
    if "AWS_ENDPOINT_URL" in env:
        given = {
            "endpoint_url": env["AWS_ENDPOINT_URL"],
            "aws_access_key_id": env["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": env["AWS_SECRET_ACCESS_KEY"],
            "aws_session_token": env.get("AWS_SESSION_TOKEN"),
        }
    config = _RETRIES.merge(botocore.config.Config(s3={"addressing_style": "path"})) if given else _RETRIES
    client: BaseClient = boto3.client(service, region_name=region, config=config, **given)  # type: ignore[call-overload]
    return client


def connect(options: Options) -> Aws:
    """Return the AWS that ``options.target`` names.

    Raises:
        HarnessError: the local AWS is not running.
        UsageError: the profile that the environment names does not exist.
    """
    if options.target is Target.LOCAL:
        local = control.running(LOCAL_STATE)
        if local is None:
            raise HarnessError("the local AWS is not running", "make up starts it")
        env = control.environment(local)
        return Aws(Target.LOCAL, env, env["AWS_REGION"], local.endpoint)
    region = os.environ.get("AWS_REGION") or _region_of_profile() or read_blueprint().region
    return Aws(Target.AWS, {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}, region, "")


def _region_of_profile() -> str | None:
    """Return the region that AWS_DEFAULT_REGION or the caller's profile names."""
    try:
        return boto3.session.Session().region_name
    except botocore.exceptions.BotoCoreError as error:
        raise UsageError(f"AWS_PROFILE cannot be used: {error}", "name one of: aws configure list-profiles") from error
