"""What services share: in the zip of each, held to what every zip has, and no service of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.bundle.conftest import names, service, sources

from harness.base.errors import HarnessError
from harness.bundle.archive import PRUNED, build_bundle
from harness.facts import FactError, service_names, shared_packages


def share(tree: Path, name: str = "common", **files: str) -> None:
    """Write a package that services share."""
    for file, text in {"__init__.py": "", **files}.items():
        path = tree / "lambda" / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_shared_package_is_in_the_zip_of_every_service_and_has_none(tree: Path, built: Path) -> None:
    service(tree, "orders", **{"handler.py": "from common.deep import money\nhandler = print\n"})
    service(tree, "carts")
    share(tree, **{"deep/money.py": "import json\nfrom common import deep\nfrom . import __name__\n"})
    (tree / "lambda" / "common" / "notes.txt").write_text("")
    assert build_bundle(built, tree).keys() == {"carts", "orders"}
    for name in ("carts", "orders"):
        shared = {member for member in sources(built, name) if member.startswith("common/")}
        assert shared == {"common/__init__.py", "common/deep/money.py"}
    assert (service_names(tree), shared_packages(tree)) == (("carts", "orders"), ("common",))


def test_a_change_of_it_changes_every_zip(tree: Path, built: Path) -> None:
    service(tree, "orders")
    service(tree, "carts")
    share(tree)
    before = build_bundle(built, tree)
    share(tree, **{"__init__.py": "RATE = 1\n"})
    after = build_bundle(built, tree)
    assert all(before[name] != after[name] for name in ("carts", "orders"))


def test_a_folder_without_code_and_caches_are_none(tree: Path) -> None:
    for name in ("scratch", "__pycache__", ".venv"):
        (tree / "lambda" / name).mkdir()
    (tree / "lambda" / "scratch" / "notes.txt").write_text("")
    for name in ("__pycache__", ".venv"):
        (tree / "lambda" / name / "x.py").write_text("")
    assert shared_packages(tree) == ()


@pytest.mark.parametrize(("name", "told"), [("my-code", "no name of a package"), ("json", "Python itself has")])
def test_a_name_that_cannot_be_imported_is_refused(tree: Path, name: str, told: str) -> None:
    share(tree, name)
    with pytest.raises(FactError, match=told):
        shared_packages(tree)


@pytest.mark.parametrize("lost", ["openapi.yaml", "service.yaml"])
def test_a_service_that_lost_one_of_its_files_is_not_taken_for_shared(tree: Path, built: Path, lost: str) -> None:
    service(tree, "carts")
    (service(tree, "orders") / lost).unlink()
    assert shared_packages(tree) == ()
    with pytest.raises(HarnessError, match=f"^lambda/orders lacks {lost} "):
        build_bundle(built, tree)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import requests", "imports requests, which is not in every service's zip"),
        ("from common.gone import x", "imports common.gone, which is not in every service's zip"),
        ("import orders.handler", "imports orders.handler, which is not in every service's zip"),
        ("def x(:", "is no Python: invalid syntax"),
    ],
)
def test_what_a_used_package_imports_is_in_every_zip(tree: Path, built: Path, code: str, told: str) -> None:
    service(tree, "orders", **{"handler.py": "import other\nhandler = print\n"})
    share(tree, "other", **{"__init__.py": "from common import money\n"})
    share(tree, **{"money.py": f"{code}\n"})
    with pytest.raises(HarnessError) as refused:
        build_bundle(built, tree)
    assert refused.value.tried == f"lambda/common/money.py:1 {told}"
    assert not built.exists()


def test_a_package_that_nothing_imports_asks_a_service_for_nothing(tree: Path, built: Path) -> None:
    """So a service with packages of its own need not have those of shared code that it does not use."""
    service(tree, "orders", **{"requirements.txt": "# none\n"})
    share(tree, **{"money.py": "import fastjsonschema\n"})
    build_bundle(built, tree)
    assert "common/money.py" in names(built, "orders")
    service(tree, "carts", **{"requirements.txt": "# none\n", "handler.py": "import common\nhandler = print\n"})
    with pytest.raises(HarnessError) as refused:
        build_bundle(built, tree)
    assert str(refused.value) == (
        "lambda/common/money.py:1 imports fastjsonschema, which is not in the zip of carts"
        " -> mend the import, or pin its package in lambda/carts/requirements.txt, which replaces"
        " requirements/lambda.txt for this service, and run make lock"
    )


def test_a_package_for_all_services_is_named_where_lock_reads_it(tree: Path, built: Path) -> None:
    service(tree, "orders", **{"handler.py": "import requests\nhandler = print\n"})
    with pytest.raises(HarnessError) as refused:
        build_bundle(built, tree)
    assert str(refused.value) == (
        "lambda/orders/handler.py:1 imports requests, which is not in the service's zip"
        " -> mend the import, or name its package in requirements/lambda.in and run make lock"
    )


def test_what_shared_code_names_is_not_left_out(tree: Path, built: Path) -> None:
    service(tree, "orders")
    share(tree, **{"__init__.py": "from aws_lambda_powertools.utilities.batch import BatchProcessor\n"})
    build_bundle(built, tree)
    assert any(name.startswith(PRUNED) for name in names(built, "orders"))
