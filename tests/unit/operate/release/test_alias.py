"""An alias is moved by whoever read it last; every refusal says what was tried."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import botocore.exceptions
import pytest

from harness.aws.clients import Aws
from harness.base.errors import HarnessError
from harness.operate.release.alias import Alias, Pointer

NOW = Pointer("1", "", 0.0, "seven")


def refusing(error: Exception) -> Alias:
    """Return an alias of an account that answers everything with an error."""

    def refuse(**_: Any) -> None:
        raise error

    client = SimpleNamespace(get_alias=refuse, update_alias=refuse)
    return Alias(cast(Aws, SimpleNamespace(client=lambda _: client)), "api-x", "live")


def refusal(code: str) -> botocore.exceptions.ClientError:
    return botocore.exceptions.ClientError({"Error": {"Code": code, "Message": "no"}}, "UpdateAlias")


def test_an_alias_that_somebody_else_moved_is_not_moved() -> None:
    with pytest.raises(HarnessError, match=r"^somebody else moved the alias live of api-x meanwhile -> look, then run"):
        refusing(refusal("PreconditionFailedException")).move(NOW, "2")


@pytest.mark.parametrize(
    "error", [refusal("AccessDenied"), botocore.exceptions.EndpointConnectionError(endpoint_url="https://nowhere")]
)
def test_a_refusal_and_a_silence_say_what_was_tried(error: Exception) -> None:
    alias = refusing(error)
    with pytest.raises(HarnessError, match=r"^update_alias of api-x failed: .* -> (check the|nobody listens)"):
        alias.move(NOW, "2")
    with pytest.raises(HarnessError, match=r"^get_alias of api-x failed: .* -> (check the|nobody listens)"):
        alias.pointer()
