"""A key that encrypts logs and the alarms' topic lets the two services use it."""

import fnmatch
import json
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

# Service -> what it has to be granted (SNS and CloudWatch Logs developer guides, "key policy").
_NEEDS = {
    "cloudwatch.*": ("kms:Decrypt", "kms:GenerateDataKey"),
    "logs.*": ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:ReEncryptFrom"),
}


class KeyLetsCloudwatchAndLogsIn(BaseResourceCheck):  # type: ignore[misc]
    """A plan shows the key's policy; HCL builds it from locals, so nothing can be said there."""

    frameworks = ("terraform_plan",)

    def __init__(self) -> None:
        super().__init__(
            name="Ensure the key's policy lets CloudWatch alarms and CloudWatch Logs use it",
            id="HOUSE_10",
            categories=[CheckCategories.ENCRYPTION],
            supported_resources=["aws_kms_key"],
            guideline=(
                "CloudWatch drops its message to a topic whose key it may not use, without a trace: alarms turn red "
                "and nobody is told. A log group cannot be created with a key its service may not use."
            ),
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Fail unless both services are granted what they need."""
        self.evaluated_keys = ["policy"]
        policy = (conf.get("policy") or [None])[0]
        if isinstance(policy, str):
            policy = json.loads(policy)
        if not isinstance(policy, dict):
            return CheckResult.FAILED
        statements = _listed(policy.get("Statement"))
        met = all(
            any(_grants(statement, service, action) for statement in statements)
            for service, actions in _NEEDS.items()
            for action in actions
        )
        return CheckResult.PASSED if met else CheckResult.FAILED


def _grants(statement: dict[str, Any], service: str, action: str) -> bool:
    principal = statement.get("Principal")
    services = _listed(principal.get("Service")) if isinstance(principal, dict) else []
    return (
        statement.get("Effect") == "Allow"
        and any(fnmatch.fnmatchcase(one, f"{service}amazonaws.com") for one in services)
        and any(fnmatch.fnmatchcase(action, pattern) for pattern in _listed(statement.get("Action")))
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


check = KeyLetsCloudwatchAndLogsIn()
