"""A Lambda permission names one caller, one action, one source and a qualifier."""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


class LambdaPermissionIsNarrow(BaseResourceCheck):  # type: ignore[misc]
    """HCL shows the source's text; in a plan it is unknown until the API exists, so that the rest is checked."""

    def __init__(self) -> None:
        super().__init__(
            name="Ensure a Lambda permission names one caller, invoking alone, one API and stage, and a qualifier",
            id="HOUSE_02",
            categories=[CheckCategories.IAM],
            supported_resources=["aws_lambda_permission"],
            guideline=(
                "A permission for /*/*/* lets every stage of the API call the function, also one that somebody "
                "adds to try something out; one for every API or principal lets others' APIs call it. The "
                "routes of a stage may be a wildcard: they are the contract's. Without the qualifier, calls through "
                "the alias fail with 500."
            ),
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Fail at the first argument that is missing or too wide."""
        arguments = {name: (conf.get(name) or [None])[0] for name in ("principal", "action", "source_arn", "qualifier")}
        for name, value in arguments.items():
            self.evaluated_keys = [name]
            if not value or (name != "source_arn" and "*" in str(value)):
                return CheckResult.FAILED
        self.evaluated_keys = ["action"]
        if arguments["action"] != "lambda:InvokeFunction":
            return CheckResult.FAILED
        self.evaluated_keys = ["source_arn"]
        return CheckResult.FAILED if _is_open(str(arguments["source_arn"])) else CheckResult.PASSED


def _is_open(source: str) -> bool:
    """Tell if API or stage holds a wildcard of ArnLike; method and path may. The provider refuses one elsewhere."""
    segments = _without_expressions(source).split(":")[-1].split("/")
    return any(wildcard in segment for wildcard in "*?" for segment in segments[:2])


def _without_expressions(text: str) -> str:
    """Replace every ``${...}`` in ``text`` by something narrow. Braces inside quotes do not count."""
    kept, depth, quoted, skip = "", 0, False, False
    for position, letter in enumerate(text):
        if skip:
            skip = False
        elif depth and letter == "\\":
            skip = True
        elif depth and letter == '"':
            quoted = not quoted
        elif not quoted and letter == "{" and (depth or text[position - 1 : position] == "$"):
            depth += 1
        elif not quoted and depth and letter == "}":
            depth -= 1
            kept += "" if depth else "x"
        elif not depth and letter != "$":
            kept += letter
    return kept


check = LambdaPermissionIsNarrow()
