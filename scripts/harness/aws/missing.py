"""Errors of boto3: which of them say that something does not exist, and what the others become."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import botocore.exceptions

from harness.base.causes import DENIED, LOG_IN, remedy_of
from harness.base.errors import HarnessError

Answer = TypeVar("Answer")
REFUSALS = (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError)
"""AWS refuses, or does not answer."""

# S3: a key, a bucket, either of them to a HEAD request; then DynamoDB, Lambda and CloudWatch Logs; API Gateway and KMS;
# IAM; SNS.
_CODES = frozenset(
    {"NoSuchKey", "NoSuchBucket", "404", "ResourceNotFoundException", "NotFoundException", "NoSuchEntity", "NotFound"}
)

# What services answer to a session that is over ("Common errors", DynamoDB API Reference, and those of S3 and STS).
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
# Credentials that are renewed by themselves, and could not be: the sign-in behind them is over.
_CANNOT_RENEW = (
    botocore.exceptions.CredentialRetrievalError,
    botocore.exceptions.LoginError,
    botocore.exceptions.RefreshWithMFAUnsupportedError,
    botocore.exceptions.SSOError,
    botocore.exceptions.TokenRetrievalError,
)
# botocore's only word, in a bare RuntimeError, for keys from variables that name their end (AWS_CREDENTIAL_EXPIRATION).
_STILL_EXPIRED = "refreshed credentials are still expired"


def error_code(error: BaseException | None) -> str:
    """Return the code that AWS gives for a refusal; empty for any other error."""
    return str(error.response["Error"]["Code"]) if isinstance(error, botocore.exceptions.ClientError) else ""


def is_missing(error: BaseException | None) -> bool:
    """Tell if an error of boto3 says that what was asked for does not exist."""
    return error_code(error) in _CODES


def is_expired(error: BaseException | None) -> bool:
    """Tell if an error of boto3 says that the credentials were good, and are no longer."""
    if isinstance(error, RuntimeError):
        return _STILL_EXPIRED in str(error)
    return isinstance(error, _CANNOT_RENEW) or error_code(error) in _EXPIRED


@contextmanager
def refusing(tried: str, remedy: str) -> Iterator[None]:
    """Turn an error of boto3 inside the block into a HarnessError: what was tried, the error, what to do.

    The remedy for expired credentials is always the same, new ones; so is that for an AWS that does not answer.
    """
    try:
        yield
    except REFUSALS as error:
        raise HarnessError(f"{tried}: {error}", LOG_IN if is_expired(error) else _elsewhere(error) or remedy) from error
    except RuntimeError as error:
        if not is_expired(error):
            raise
        raise HarnessError(f"{tried}: {error}", LOG_IN) from error


def _elsewhere(error: Exception) -> str:
    """Return what to do where nothing was refused: AWS was not reached, or was asked too much."""
    found = remedy_of(str(error))
    return found if found != DENIED else ""


def unless_missing(call: Callable[[], Answer], tried: str, remedy: str) -> Answer | None:
    """Return the answer of ``call``; ``None`` when what it asks for does not exist.

    Raises:
        HarnessError: AWS refuses or does not answer; as :func:`refusing`.
    """
    try:
        with refusing(tried, remedy):
            return call()
    except HarnessError as error:
        if is_missing(error.__cause__):
            return None
        raise
