"""What is asked before the account's root is applied: whose account, what GitHub's identity provider is, who agreed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.support.builder import Res, plan

from harness.base.errors import HarnessError
from harness.base.paths import Target
from harness.operate.account import is_agreed, refuse_wrong_provider, require_account
from harness.terraform.context import Context

PROVIDER = "arn:aws:iam::000000000000:oidc-provider/tokens.example.com"
ROLE = Res(
    "aws_iam_role.ci",
    {"assume_role_policy": json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"Federated": PROVIDER}}]})},
)
SERVICE = Res(
    "aws_iam_role.logs",
    {"assume_role_policy": json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"Service": "x.aws"}}]})},
)
NEW = Res("aws_iam_openid_connect_provider.github[0]", {"url": "https://tokens.example.com"})
OWN = Res(NEW.address, NEW.after, action="no-op", before=NEW.after)


class Iam:
    """Identity providers of an account, by their audiences."""

    def __init__(self, **known: Sequence[str]) -> None:
        self.known = {PROVIDER if name == "github" else name: list(audiences) for name, audiences in known.items()}

    def list_open_id_connect_providers(self) -> dict[str, Any]:
        return {"OpenIDConnectProviderList": [{"Arn": arn} for arn in self.known]}

    def get_open_id_connect_provider(self, *, OpenIDConnectProviderArn: str) -> dict[str, Any]:
        return {"ClientIDList": self.known[OpenIDConnectProviderArn]}


@pytest.mark.parametrize(
    ("resources", "iam"),
    [
        ((SERVICE,), Iam()),
        ((ROLE, NEW), Iam(another=["x"])),
        ((ROLE, OWN), Iam(github=[])),  # ours: its audience is the plan's
        ((ROLE,), Iam(github=["x", "sts.amazonaws.com"])),
    ],
)
def test_a_provider_that_is_what_the_plan_takes_it_for_passes(resources: tuple[Res, ...], iam: Iam) -> None:
    refuse_wrong_provider(plan(*resources), iam)


@pytest.mark.parametrize(
    ("resources", "iam", "said"),
    [
        ((ROLE, NEW), Iam(github=[]), f"the account has the identity provider {PROVIDER} already -> set oidc_provider"),
        (
            (ROLE,),
            Iam(another=[]),
            f"the account has no identity provider {PROVIDER} -> leave oidc_provider_exists out",
        ),
        (
            (ROLE,),
            Iam(github=["x"]),
            f"the identity provider {PROVIDER} is for x, not for sts.amazonaws.com -> aws iam",
        ),
        ((ROLE,), Iam(github=[]), f"the identity provider {PROVIDER} is for nobody, not for sts.amazonaws.com -> aws"),
    ],
)
def test_another_is_refused(resources: tuple[Res, ...], iam: Iam, said: str) -> None:
    with pytest.raises(HarnessError) as refused:
        refuse_wrong_provider(plan(*resources), iam)
    assert str(refused.value).startswith(said)


def asked(root: Path, target: Target = Target.AWS, confirm: str = "", allowed: str = "123456789012") -> Context:
    """Build as much of a context as these questions need."""
    (root / "aws.tfvars").write_text(f'allowed_account_ids = ["{allowed}"]\n')
    stack = SimpleNamespace(target=target, root=root, environment="account")
    options = SimpleNamespace(confirm=confirm)
    return cast(Context, SimpleNamespace(stack=stack, options=options, account_id="123456789012"))


@pytest.mark.parametrize(
    ("given", "agreed"),
    [({}, False), ({"confirm": "123456789012"}, True), ({"target": Target.LOCAL, "allowed": "000000000000"}, True)],
)
def test_an_account_that_is_listed_is_changed_when_it_is_named(
    given: dict[str, Any], agreed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = asked(tmp_path, **given)
    require_account(context)
    assert is_agreed(context) is agreed


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"allowed": "000000000000"}, "allowed_account_ids names no account -> list the account id"),
        ({"allowed": "210987654321"}, "the credentials are for account 123456789012, "),
        (
            {"confirm": "210987654321"},
            "CONFIRM=210987654321 is not the account of the credentials, 123456789012 -> log",
        ),
    ],
)
def test_another_account_is_refused(given: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(HarnessError) as refused:
        require_account(asked(tmp_path, **given))
    assert said in str(refused.value)
