"""Gap: a log group takes any KMS key.

Upstream: the key's ARN is stored; neither the key nor its policy is looked at.

AWS: "Encrypt log data in CloudWatch Logs using AWS KMS", Amazon CloudWatch Logs User Guide: the key must exist
and its policy must let ``logs.<region>.amazonaws.com`` encrypt and decrypt, with the group's ARN as encryption
context; else creating the group fails.

Fill: the key's policy is asked before the group is made.
"""

from typing import Any

from ministack.core.responses import error_response_json, get_region
from ministack.services import cloudwatch_logs

from harness.localaws.patching import wraps
from harness.localaws.service_policy import key_allows

_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey")


def install() -> None:
    """Patch the creation of log groups."""

    @wraps(cloudwatch_logs, "_create_log_group")
    def _create_log_group(create: Any, data: Any) -> Any:
        key, name = data.get("kmsKeyId"), data.get("logGroupName", "")
        group_arn = cloudwatch_logs._make_group_arn(name).removesuffix(":*")
        context = {"kms:EncryptionContext:aws:logs:arn": group_arn}
        if key and not key_allows(key, f"logs.{get_region()}.amazonaws.com", _ACTIONS, context):
            message = f"The specified KMS key does not exist or is not allowed to be used with Arn '{group_arn}'"
            return error_response_json("InvalidParameterException", message, 400)
        return create(data)
