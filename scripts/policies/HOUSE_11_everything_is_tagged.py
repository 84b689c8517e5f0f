"""Everything that can be tagged carries the four tags."""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

_TAGS = ("Environment", "ManagedBy", "Owner", "Project")


class EverythingIsTagged(BaseResourceCheck):  # type: ignore[misc]
    """``tags_all`` is computed from the provider's default tags, so only a plan shows it."""

    frameworks = ("terraform_plan",)

    def __init__(self) -> None:
        super().__init__(
            name=f"Ensure the tags {', '.join(_TAGS)} are set",
            id="HOUSE_11",
            categories=[CheckCategories.CONVENTION],
            supported_resources=["aws_*"],
            guideline="What is not tagged can be put down to nobody: neither its cost nor the decision to delete it.",
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Fail when a resource that can be tagged lacks one of the tags."""
        self.evaluated_keys = ["tags"]
        if "tags" not in conf and "tags_all" not in conf:
            return CheckResult.UNKNOWN  # it cannot be tagged
        # Without any tag, the provider's or its own, tags_all is unknown and left out.
        tags = (conf.get("tags_all") or [None])[0]
        complete = isinstance(tags, dict) and all(tags.get(name) not in (None, "", [""], [None]) for name in _TAGS)
        return CheckResult.PASSED if complete else CheckResult.FAILED


check = EverythingIsTagged()
