"""Errors of boto3: which of them say that something does not exist, and what the others become."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import botocore.exceptions

from harness.base.errors import HarnessError

Answer = TypeVar("Answer")
REFUSALS = (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError)
"""AWS refuses, or does not answer."""

# S3: a key, a bucket, either of them to a HEAD request; then DynamoDB, Lambda and CloudWatch Logs; API Gateway and KMS;
# IAM; SNS.
_CODES = frozenset(
    {"NoSuchKey", "NoSuchBucket", "404", "ResourceNotFoundException", "NotFoundException", "NoSuchEntity", "NotFound"}
)


def error_code(error: BaseException | None) -> str:
    """Return the code that AWS gives for a refusal; empty for any other error."""
    return str(error.response["Error"]["Code"]) if isinstance(error, botocore.exceptions.ClientError) else ""


def is_missing(error: BaseException | None) -> bool:
    """Tell if an error of boto3 says that what was asked for does not exist."""
    return error_code(error) in _CODES


@contextmanager
def refusing(tried: str, remedy: str) -> Iterator[None]:
    """Turn an error of boto3 inside the block into a HarnessError: what was tried, the error, what to do."""
    try:
        yield
    except REFUSALS as error:
        raise HarnessError(f"{tried}: {error}", remedy) from error


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
