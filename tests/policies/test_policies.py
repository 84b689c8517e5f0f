"""Every house policy fails its ``fail_*`` resources and passes its ``pass_*`` ones, in plan and HCL alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.base.paths import REPO
from harness.plan.addresses import plain_address
from harness.scan.launch import Scanned

FIXTURES = Path(__file__).parent / "fixtures"
POLICIES = sorted(
    path.name[:8] for path in (REPO / "scripts" / "policies").glob("HOUSE_*") if path.suffix in (".py", ".yaml")
)
_RESOURCE = re.compile(r'^resource "(\w+)" "((?:pass|fail)_\w+)"', re.MULTILINE)
SOURCES = {"terraform_plan": "fixtures", "terraform": ""}


def resources(policy: str) -> Iterator[str]:
    """Addresses of the policy's fixtures, with what is expected of them in their names."""
    for kind, name in _RESOURCE.findall((FIXTURES / policy / "main.tf").read_text()):
        yield f"module.{policy}.{kind}.{name}"


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_has_both_kinds_of_fixtures(policy: str) -> None:
    names = {address.rpartition(".")[2][:4] for address in resources(policy)}
    if policy == "HOUSE_07":  # its pass_ stands in envs/account
        names |= {match[1][:4] for match in _RESOURCE.findall((FIXTURES / "HOUSE_07_account" / "main.tf").read_text())}
    assert names == {"pass", "fail"}


@pytest.mark.parametrize("policy", POLICIES)
def test_fixtures_are_judged_as_their_names_say(policy: str, scanned: Scanned) -> None:
    found = {(one.environment, one.address) for one in scanned.findings if one.check == policy}
    passed = {
        ("" if source == "hcl" else source, address) for source, check, address in scanned.passed if check == policy
    }
    wrong = []
    for framework in scanned.policies[policy].frameworks:
        for address in resources(policy):
            verdict = (SOURCES[framework], address)
            name = address.rpartition(".")[2]
            if name.startswith("fail_hcl_") and framework == "terraform_plan":
                continue
            right = found if name.startswith("fail") else passed
            if verdict not in right:
                wrong.append(f"{framework}: {address}")
    assert wrong == []


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_says_why_and_where(policy: str, scanned: Scanned) -> None:
    assert len(scanned.policies[policy].guideline) > 40
    for finding in scanned.findings:
        if finding.check == policy and finding.environment and f"module.{policy}." in finding.address:
            lines = (FIXTURES / policy / "main.tf").read_text().splitlines()
            block = f'"{plain_address(finding.address).rpartition(".")[2]}"'
            assert finding.file == f"modules/{policy}/main.tf"
            start = next(number for number, line in enumerate(lines, start=1) if block in line)
            assert start <= finding.line <= start + 25
            assert finding.guideline == scanned.policies[policy].guideline


def test_the_account_resource_passes_in_the_account_root(scanned: Scanned) -> None:
    assert ("hcl", "HOUSE_07", "aws_api_gateway_account.pass_in_the_account") in scanned.passed
