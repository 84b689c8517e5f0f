"""Errors of boto3 become one error with what was tried and what to do; those about missing things become nothing."""

from __future__ import annotations

import botocore.exceptions
import pytest

from harness.aws.missing import error_code, is_expired, is_missing, refusing, unless_missing
from harness.base.causes import LOG_IN, UNREACHABLE
from harness.base.errors import HarnessError

SILENT = botocore.exceptions.EndpointConnectionError(endpoint_url="https://nowhere")


def refusal(code: str) -> botocore.exceptions.ClientError:
    return botocore.exceptions.ClientError({"Error": {"Code": code, "Message": "no"}}, "Look")


def raising(error: Exception) -> None:
    raise error


def test_a_code_is_that_of_a_refusal_and_of_nothing_else() -> None:
    assert [error_code(one) for one in (refusal("Busy"), SILENT, ValueError(), None)] == ["Busy", "", "", ""]
    assert [is_missing(one) for one in (refusal("404"), refusal("Busy"), SILENT, None)] == [True, False, False, False]


def test_what_is_missing_is_nothing_and_any_other_error_is_told() -> None:
    assert unless_missing(lambda: raising(refusal("NoSuchKey")), "cannot look", "look again") is None
    for error, remedy in ((refusal("Busy"), "look again"), (SILENT, UNREACHABLE)):
        with pytest.raises(HarnessError, match=rf"^cannot look: .* -> {remedy}$"):
            unless_missing(lambda: raising(error), "cannot look", "look again")  # noqa: B023 - called at once


@pytest.mark.parametrize(
    "error",
    [
        refusal("ExpiredToken"),
        refusal("ExpiredTokenException"),
        refusal("RequestExpired"),
        botocore.exceptions.CredentialRetrievalError(provider="custom-process", error_msg="over"),
        botocore.exceptions.UnauthorizedSSOTokenError(),
        botocore.exceptions.SSOTokenLoadError(profile_name="p", error_msg="none"),
        botocore.exceptions.TokenRetrievalError(provider="sso", error_msg="over"),
        botocore.exceptions.RefreshWithMFAUnsupportedError(),
        botocore.exceptions.LoginRefreshRequired(),
        RuntimeError("Credentials were refreshed, but the refreshed credentials are still expired."),
    ],
    ids=lambda error: getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__),
)
def test_expired_credentials_are_told_with_what_to_do_whatever_was_tried(error: Exception) -> None:
    with pytest.raises(HarnessError) as told, refusing("cannot look", "look again"):
        raise error
    assert told.value.remedy == LOG_IN
    assert told.value.tried == f"cannot look: {error}"


def test_an_error_of_the_program_stays_one() -> None:
    with pytest.raises(RuntimeError, match="dictionary changed"), refusing("cannot look", "look again"):
        raise RuntimeError("dictionary changed size")
    assert [is_expired(one) for one in (refusal("Busy"), SILENT, None)] == [False, False, False]
