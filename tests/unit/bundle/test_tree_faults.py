"""A folder of ours never takes the place of a package of others, and no link brings a file from outside into a zip."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.bundle.conftest import names, service

from harness.base.errors import HarnessError
from harness.bundle.archive import build_bundle

PINNED = "requirements/lambda.txt brings"


@pytest.mark.parametrize(
    ("folder", "brought"),
    [
        ("aws_lambda_powertools", PINNED),
        ("typing_extensions", PINNED),
        ("jmespath", PINNED),
        ("boto3", "Lambda's Python brings"),
        ("urllib3", "Lambda's Python brings"),
    ],
)
def test_a_folder_with_the_name_of_a_package_of_others_is_refused(
    tree: Path, built: Path, folder: str, brought: str
) -> None:
    service(tree, "orders")
    (tree / "lambda" / folder).mkdir()
    (tree / "lambda" / folder / "__init__.py").write_text("OURS = True\n")
    with pytest.raises(HarnessError) as refused:
        build_bundle(built, tree)
    assert str(refused.value) == (
        f"lambda/{folder} has the name of a package that {brought}, and would take its place in the zip"
        " -> give the folder another name"
    )
    assert not built.exists()


def test_a_service_with_such_a_name_is_refused(tree: Path, built: Path) -> None:
    service(tree, "fastjsonschema")
    with pytest.raises(HarnessError, match=r"^lambda/fastjsonschema has the name of a package that "):
        build_bundle(built, tree)


def test_a_name_is_compared_with_the_pins_of_that_zip(tree: Path, built: Path) -> None:
    service(tree, "orders", **{"requirements.txt": "# none\n"})
    (tree / "lambda" / "fastjsonschema").mkdir()
    (tree / "lambda" / "fastjsonschema" / "__init__.py").write_text("")
    build_bundle(built, tree)
    assert "fastjsonschema/__init__.py" in names(built, "orders")


@pytest.mark.parametrize(
    "link", ["orders/tax.py", "orders/deep/tax.py", "orders/service.yaml", "common", "orders/rules"]
)
def test_a_link_that_leads_out_of_the_tree_is_refused(tree: Path, built: Path, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "__init__.py").write_text("")
    folder = service(tree, "orders")
    (folder / "deep").mkdir()
    path = tree / "lambda" / link
    path.rename(outside / path.name) if path.exists() else (outside / path.name).write_text("")
    path.symlink_to(outside / path.name if path.suffix else outside)
    with pytest.raises(HarnessError) as refused:
        build_bundle(built, tree)
    assert str(refused.value) == (
        f"lambda/{link} is a link that leads out of this repository -> put the file itself there"
    )
    assert not built.exists()


def test_a_link_inside_of_the_tree_and_what_no_zip_holds_are_fine(tree: Path, built: Path, tmp_path: Path) -> None:
    (tree / "tax.py").write_text("RATE = 1\n")
    folder = service(tree, "orders")
    (folder / "tax.py").symlink_to("../../tax.py")
    (folder / ".venv").symlink_to(tmp_path)
    build_bundle(built, tree)
    assert names(built, "orders") == names(built, "orders") | {"orders/tax.py"}
