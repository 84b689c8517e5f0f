"""The API Gateway account resource belongs to the account's root."""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

_HOME = ("/account/", "/account.json:")


class GatewayAccountOnlyInAccountRoot(BaseResourceCheck):  # type: ignore[misc]
    """State: which root is being scanned."""

    def __init__(self) -> None:
        super().__init__(
            name="Ensure aws_api_gateway_account stands in envs/account only",
            id="HOUSE_07",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["aws_api_gateway_account"],
            guideline=(
                "There is one per account and region: destroying the copy that holds it takes the log role away from "
                "every other stage of the account."
            ),
        )

    def scan_resource_conf(self, _conf: dict[str, list[Any]]) -> CheckResult:
        """Pass in the account root alone."""
        self.evaluated_keys = []
        at_home = any(place in self.entity_path for place in _HOME)
        return CheckResult.PASSED if at_home else CheckResult.FAILED


check = GatewayAccountOnlyInAccountRoot()
