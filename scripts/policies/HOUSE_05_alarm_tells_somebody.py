"""An alarm acts by itself, or a composite alarm that is made with it does."""

import re
from collections.abc import Iterator
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

# A known action, or a reference to what will be one. Of an empty value checkov shows the expression it comes from.
_ACTIONS = ("arn:", "aws_sns_topic.")


class AlarmTellsSomebody(BaseResourceCheck):  # type: ignore[misc]
    """State: the composite alarms of the same plan or tree."""

    def __init__(self) -> None:
        super().__init__(
            name="Ensure an alarm has an action, or feeds a composite alarm",
            id="HOUSE_05",
            categories=[CheckCategories.LOGGING],
            supported_resources=["aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"],
            guideline=(
                "An alarm without an action turns red in the console alone: nobody is told, however long it stays red."
            ),
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Fail when there is certainly no action and no composite alarm that names this one."""
        self.evaluated_keys = ["alarm_actions"]
        actions = str(conf.get("alarm_actions") or "")
        if any(sign in actions for sign in _ACTIONS):
            return CheckResult.PASSED
        in_hcl = ".json:" not in self.entity_path
        if in_hcl and re.search(r"[a-z]", actions):
            return CheckResult.UNKNOWN  # a local, a variable: only the plan knows what it comes to
        name = re.escape(str((conf.get("alarm_name") or [None])[0]))
        resource = re.escape(".".join(str(conf.get("__address__") or "").split("[")[0].split(".")[-2:]))
        named = re.compile(rf'ALARM\("{name}"\)|\b{resource}(\[[^\]]*\])?\.alarm_name')
        fed = any(named.search(rule) for rule in self._rules())
        return CheckResult.PASSED if fed else CheckResult.FAILED

    def _rules(self) -> Iterator[str]:
        for _, node in self.graph.nodes():
            if node.get("resource_type") == "aws_cloudwatch_composite_alarm":
                yield str(node.get("alarm_rule", "")).replace('\\"', '"')


check = AlarmTellsSomebody()
