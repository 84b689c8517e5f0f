"""Every name of an environment ends with its suffix."""

import json
import os
from pathlib import Path
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

# Resource type -> attribute that names it. What is named by something else (an alias by its function) is not here.
NAMES = {
    "aws_api_gateway_api_key": "name",
    "aws_api_gateway_rest_api": "name",
    "aws_api_gateway_usage_plan": "name",
    "aws_cloudwatch_composite_alarm": "alarm_name",
    "aws_cloudwatch_dashboard": "dashboard_name",
    "aws_cloudwatch_metric_alarm": "alarm_name",
    "aws_dynamodb_table": "name",
    "aws_iam_role": "name",
    "aws_kms_alias": "name",
    "aws_lambda_function": "function_name",
    "aws_sns_topic": "name",
}


class NamesEndWithSuffix(BaseResourceCheck):  # type: ignore[misc]
    """State: the suffix of the plan that is being scanned, from ``HOUSE_SUFFIXES``."""

    frameworks = ("terraform_plan",)

    def __init__(self) -> None:
        super().__init__(
            name="Ensure the name ends with the environment's suffix",
            id="HOUSE_01",
            categories=[CheckCategories.CONVENTION],
            supported_resources=list(NAMES),
            guideline=(
                "Two copies of an environment in one account: a name without the suffix is taken by whoever applied "
                "first, and the second apply fails halfway or, worse, adopts the other's resource."
            ),
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Fail unless the name is known and ends with ``-<suffix>``."""
        attribute = NAMES[self.entity_type]
        self.evaluated_keys = [attribute]
        environment = Path(self.entity_path.split(".json:")[0]).name
        suffix = json.loads(os.environ["HOUSE_SUFFIXES"]).get(environment)
        if suffix is None:
            return CheckResult.UNKNOWN
        name = (conf.get(attribute) or [None])[0]
        return CheckResult.PASSED if isinstance(name, str) and name.endswith(f"-{suffix}") else CheckResult.FAILED


check = NamesEndWithSuffix()
