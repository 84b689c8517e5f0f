"""What is loaded for AWS alone must not be taken for a look at anything else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.builder import Res, plan

from harness.base.errors import ToolError
from harness.scan import launch
from harness.scan.launch import Scanner


@pytest.mark.parametrize("provider", ["registry.terraform.io/hashicorp/google", "registry.terraform.io/other/aws"])
def test_a_plan_with_resources_of_another_provider_is_refused(
    provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan(Res("aws_sns_topic.this", {"name": "x"}))
    (address,) = made.resources
    foreign = replace(made, resources={address: replace(made.resources[address], provider=provider)})
    monkeypatch.setattr(launch, "_typed", lambda name, data: foreign)
    with Scanner() as scanner, pytest.raises(ToolError, match=rf"no checks for aws_sns_topic\.this \({provider}\)"):
        scanner.scan({"dev": b""}, tmp_path, tree=tmp_path, suffixes={})


def test_the_answer_does_not_hang_on_the_order_of_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    class Started:
        def __init__(self, command: list[str], **options: Any) -> None:
            given.update(options)

    monkeypatch.setattr("subprocess.Popen", Started)
    Scanner()
    assert given["env"]["PYTHONHASHSEED"] == "0"
