"""The state bucket: made once, prepared every time, and one clear error where AWS refuses or is silent.

On real AWS nothing is made before the account was checked, and before somebody agreed to what is shown.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import botocore.exceptions
import pytest
from tests.support.builder import Res, plan

from harness.aws.clients import Aws
from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.paths import Target
from harness.plan import Plan
from harness.terraform.state import State
from harness.verbs import bootstrap
from harness.verbs.bootstrap import AccountContext, ensure_bucket

PREPARED = ["versioned", "encrypted by aws:kms", "cleaned up"]


class Buckets:
    """An account whose answer to a new bucket is known."""

    def __init__(self, error: Exception | None) -> None:
        self.error, self.done = error, list[str]()

    def create_bucket(self, **_: Any) -> None:
        if self.error is not None:
            raise self.error
        self.done.append("created")

    def put_bucket_versioning(self, **_: Any) -> None:
        self.done.append("versioned")

    def put_bucket_encryption(self, *, ServerSideEncryptionConfiguration: dict[str, Any], **_: Any) -> None:
        (rule,) = ServerSideEncryptionConfiguration["Rules"]
        self.done.append(f"encrypted by {rule['ApplyServerSideEncryptionByDefault']['SSEAlgorithm']}")

    def put_bucket_lifecycle_configuration(self, **_: Any) -> None:
        self.done.append("cleaned up")


def ensure(buckets: Buckets) -> list[str]:
    ensure_bucket(cast(Aws, SimpleNamespace(region="eu-west-1", client=lambda _: buckets)), "states")
    return buckets.done


def refusal(code: str) -> botocore.exceptions.ClientError:
    return botocore.exceptions.ClientError({"Error": {"Code": code, "Message": "no"}}, "CreateBucket")


def test_a_bucket_of_ours_is_prepared_again() -> None:
    assert ensure(Buckets(None)) == ["created", *PREPARED]
    assert ensure(Buckets(refusal("BucketAlreadyOwnedByYou"))) == PREPARED


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (refusal("BucketAlreadyExists"), "check the credentials"),
        (botocore.exceptions.EndpointConnectionError(endpoint_url="https://nowhere"), "nobody listens there"),
    ],
)
def test_a_refusal_and_a_silence_are_told(error: Exception, remedy: str) -> None:
    buckets = Buckets(error)
    with pytest.raises(HarnessError, match=rf"^cannot create the state bucket states: .* -> {remedy}"):
        ensure(buckets)
    assert buckets.done == []


ID = "123456789012"
SOME = plan(Res("aws_s3_bucket.state", {"bucket": "states"}))
NONE = plan(Res("aws_s3_bucket.state", {"bucket": "states"}, action="no-op", before={"bucket": "states"}))


class Steps:
    """What a bootstrap does, in order, in place of doing it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, found: Plan, bucket: bool) -> None:
        self.done = list[str]()
        for name, answer in {
            "require_account": None,
            "bucket_exists": bucket,
            "plan_account": found,
            "plan_new_account": found,
            "refuse_oversized": None,
            "refuse_wrong_provider": None,
            "ensure_bucket": None,
            "save_meta": None,
            "execute": None,
        }.items():
            monkeypatch.setattr(bootstrap, name, self._step(name, answer))
        monkeypatch.setattr(AccountContext, "account_id", ID)

    def _step(self, name: str, answer: object) -> Any:
        def step(*_: object) -> object:
            self.done.append(name)
            return answer

        return step

    def run(self, target: Target, confirm: str = "") -> bool:
        """Bootstrap, and tell whether the account is ready."""
        aws = cast(Aws, SimpleNamespace(target=target, client=lambda _: None, region="eu-west-1", env={}))
        return bootstrap.bootstrap(Options(target=target, confirm=confirm), aws)


CHECKED = ["refuse_oversized", "refuse_wrong_provider"]
DONE = ["require_account", "ensure_bucket", "plan_account", *CHECKED, "save_meta", "execute"]


@pytest.mark.parametrize(("target", "confirm"), [(Target.AWS, ID), (Target.LOCAL, "")])
def test_what_is_agreed_is_done_after_the_account_was_checked(
    target: Target, confirm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(monkeypatch, SOME, bucket=False)
    assert steps.run(target, confirm) is True
    assert steps.done == DONE


@pytest.mark.parametrize(("bucket", "planned"), [(True, "plan_account"), (False, "plan_new_account")])
def test_without_consent_a_real_account_is_shown_its_plan_and_left_alone(
    bucket: bool, planned: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = Steps(monkeypatch, SOME, bucket)
    assert steps.run(Target.AWS) is False
    assert steps.done == ["require_account", "bucket_exists", planned, *CHECKED]
    shown = capsys.readouterr()
    assert "aws_s3_bucket.state" in shown.out
    assert f"nothing is changed; to do it add CONFIRM={ID}" in shown.err


@pytest.mark.parametrize(("roles", "printed"), [({"live": {"plan": "p"}}, '{"live": {"plan": "p"}}\n'), ({}, "")])
def test_the_roles_for_ci_are_printed_of_an_account_that_is_ready(
    roles: dict[str, Any], printed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Steps(monkeypatch, NONE, bucket=True)
    monkeypatch.setattr(bootstrap, "connect", lambda _: SimpleNamespace(target=Target.LOCAL, client=lambda _: None))
    monkeypatch.setattr(State, "outputs", lambda _: {"ci_role_arns": roles})
    assert bootstrap.run(Options()) == 0
    assert capsys.readouterr().out == printed


def test_an_account_that_is_ready_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps(monkeypatch, NONE, bucket=True)
    assert steps.run(Target.AWS) is True
    assert steps.done == ["require_account", "bucket_exists", "plan_account"]
