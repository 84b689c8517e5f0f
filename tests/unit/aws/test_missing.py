"""Errors of boto3 become one error with what was tried and what to do; those about missing things become nothing."""

from __future__ import annotations

import botocore.exceptions
import pytest

from harness.aws.missing import error_code, is_missing, unless_missing
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
    for error in (refusal("Busy"), SILENT):
        with pytest.raises(HarnessError, match=r"^cannot look: .* -> look again$"):
            unless_missing(lambda: raising(error), "cannot look", "look again")  # noqa: B023 - called at once
