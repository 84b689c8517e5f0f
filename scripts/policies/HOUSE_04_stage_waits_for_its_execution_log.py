"""A stage logs to managed groups, and its execution log group is there before it."""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

_GROUP = "aws_cloudwatch_log_group."


class StageWaitsForItsExecutionLog(BaseResourceCheck):  # type: ignore[misc]
    """``depends_on`` stands in HCL only."""

    frameworks = ("terraform",)

    def __init__(self) -> None:
        super().__init__(
            name="Ensure a stage writes access logs to a managed group and waits for its execution log group",
            id="HOUSE_04",
            categories=[CheckCategories.LOGGING],
            supported_resources=["aws_api_gateway_stage"],
            guideline=(
                "API Gateway makes the execution log group itself at the first request: its retention is then for "
                "ever, and the next apply fails because the group exists."
            ),
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Fail unless both groups are referred to."""
        self.evaluated_keys = ["access_log_settings"]
        if _GROUP not in str(conf.get("access_log_settings")):
            return CheckResult.FAILED
        self.evaluated_keys = ["depends_on"]
        return CheckResult.PASSED if _GROUP in str(conf.get("depends_on")) else CheckResult.FAILED


check = StageWaitsForItsExecutionLog()
