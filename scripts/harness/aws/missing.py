"""Answers of AWS that say that something does not exist: the one list of their codes."""

import botocore.exceptions

# S3: a key, a bucket, either of them to a HEAD request; then DynamoDB, Lambda and CloudWatch Logs; API Gateway and KMS;
# IAM; SNS.
_CODES = frozenset(
    {
        "NoSuchKey",
        "NoSuchBucket",
        "404",
        "ResourceNotFoundException",
        "NotFoundException",
        "NoSuchEntity",
        "NotFound",
    }
)


def is_missing(error: BaseException) -> bool:
    """Tell if an error of boto3 says that what was asked for does not exist."""
    return isinstance(error, botocore.exceptions.ClientError) and error.response["Error"]["Code"] in _CODES
