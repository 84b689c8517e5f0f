"""Packages of others find what they need in the zip or in Lambda's Python, or the bundle says what is missing."""

from __future__ import annotations

from email.message import Message
from pathlib import Path

import pytest
from tests.unit.bundle.conftest import service

from harness.base.errors import HarnessError
from harness.bundle import archive
from harness.bundle.archive import build_bundle
from harness.bundle.needs import require_needs
from harness.bundle.wheels import Wheel, vendored

OWN = "lambda/orders/requirements.txt"


def wheel(name: str, *needs: str) -> Wheel:
    described = Message()
    described["Name"] = name
    for need in needs:
        described["Requires-Dist"] = need
    return Wheel(f"{name}-1-py3-none-any.whl", "", {f"{name}/__init__.py": b""}, described)


@pytest.mark.parametrize(
    "need",
    [
        "Two_2",
        "two.2 (>=1.0,<2.0)",
        "two-2>=1 ; python_version >= '3.13' and sys_platform == 'linux'",
        "two-2[fast] ; extra == 'all' or platform_machine == 'aarch64'",
    ],
)
def test_a_package_that_another_needs_is_missing(need: str) -> None:
    with pytest.raises(HarnessError) as refused:
        require_needs([wheel("one", need, need), wheel("Three", "four")], OWN)
    assert str(refused.value) == (
        f"one needs two-2, three needs four, which {OWN} does not pin -> add it to {OWN} and run make lock"
    )
    require_needs([wheel("one", need), wheel("TWO_2")], OWN)


@pytest.mark.parametrize(
    "need",
    [
        "boto3>=1.34",
        "botocore",
        "python_dateutil (>=2.8)",
        "six",
        "urllib3<3",
        "two; extra == 'all'",
        'two>=1 ; extra == "all"',
        "two ; python_version < '3.11'",
        "two ; sys_platform == 'win32'",
        "two ; python_version >= '3.8' and extra == 'all'",
    ],
)
def test_what_lambda_has_and_what_is_not_for_it_is_not_needed(need: str) -> None:
    require_needs([wheel("one", need)], OWN)


@pytest.mark.parametrize(
    ("need", "told"), [("two ; os_nam == 'x'", "is no marker"), ("@@", "cannot be read -> pin another version of it")]
)
def test_a_need_that_means_nothing_is_told_in_one_line(need: str, told: str) -> None:
    with pytest.raises(HarnessError, match=told):
        require_needs([wheel("one", need)], OWN)


def test_a_bundle_lacks_no_package(tree: Path, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service(tree, "orders", **{"requirements.txt": "# a test's\n"})
    monkeypatch.setattr(archive, "vendored", lambda _: (wheel("one", "two"),))
    with pytest.raises(HarnessError, match=rf"^one needs two, which {OWN} does not pin -> add it to {OWN} and "):
        build_bundle(built, tree)
    (tree / "lambda" / "orders" / "requirements.txt").unlink()
    with pytest.raises(HarnessError, match=r"^one needs two, which .* -> add it to requirements/lambda\.in and run"):
        build_bundle(built, tree)
    assert not built.exists()


def test_what_is_pinned_for_all_services_is_whole(tree: Path) -> None:
    found = vendored(tree / "requirements" / "lambda.txt")
    require_needs(found, "requirements/lambda.txt")
    with pytest.raises(HarnessError, match=r"^aws-lambda-powertools needs typing-extensions, which "):
        require_needs([one for one in found if not one.file.startswith("typing_")], "requirements/lambda.txt")
