"""Any number of services: a zip each, with its own packages, or one error that says what is missing."""

from __future__ import annotations

import json
from email.message import Message
from pathlib import Path

import pytest
from tests.unit.bundle.conftest import SERVICE, names, service, sources

from harness.base.errors import HarnessError
from harness.base.paths import bundle_contract, bundle_zip
from harness.bundle import archive, wheels
from harness.bundle.archive import PRUNED, build_bundle
from harness.bundle.wheels import Wheel
from harness.contract import ContractError


def test_every_service_has_a_zip_and_a_contract(tree: Path, built: Path) -> None:
    service(tree, "orders")
    service(tree, "carts")
    (tree / "lambda" / "scratch").mkdir()
    (tree / "lambda" / "scratch" / "notes.txt").write_text("")
    assert build_bundle(built, tree).keys() == {"carts", "orders"}
    assert {path.name for path in built.iterdir()} == {
        f"{name}.{kind}" for name in ("carts", "orders") for kind in ("json", "sha256", "zip")
    }
    for name, other in (("carts", "orders"), ("orders", "carts")):
        found = names(built, name)
        assert {f"{name}/handler.py", f"{name}/contract.json", "aws_lambda_powertools/__init__.py"} <= found
        assert not any(member.startswith((f"{other}/", "scratch/")) for member in found)
        assert json.loads(bundle_contract(name, built).read_bytes())["paths"]


def test_packages_of_a_service_are_in_it_and_caches_are_not(tree: Path, built: Path) -> None:
    folder = service(tree, "orders", **{"rules/__init__.py": "", "rules/deep/tax.py": "RATE = 1\n"})
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "old.py").write_text("")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "x.py").write_text("")
    build_bundle(built, tree)
    own = {name for name in sources(built, "orders") if name.startswith("orders/")}
    code = {"orders/handler.py", "orders/rules/__init__.py", "orders/rules/deep/tax.py"}
    assert own == {*code, "orders/contract.json"}


def test_a_service_with_pins_of_its_own_has_those_packages_alone(
    tree: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vendored(requirements: Path) -> tuple[Wheel, ...]:
        package = requirements.read_text().partition("==")[0].strip()
        return (Wheel(f"{package}.whl", "", {f"{package}/__init__.py": b""}, Message()),)

    monkeypatch.setattr(archive, "vendored", vendored)
    (tree / "requirements" / "lambda.txt").write_text("common==1\n")
    service(tree, "carts")
    service(tree, "orders", **{"requirements.txt": "special==2\n"})
    build_bundle(built, tree)
    assert ("common/__init__.py" in names(built, "carts"), "special/__init__.py" in names(built, "carts")) == (
        True,
        False,
    )
    assert ("common/__init__.py" in names(built, "orders"), "special/__init__.py" in names(built, "orders")) == (
        False,
        True,
    )


def test_a_service_without_packages_is_its_code_alone(
    tree: Path, built: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(wheels, "CACHE", tmp_path / "cache")
    service(tree, "orders", **{"requirements.txt": "# none\n"})
    build_bundle(built, tree)
    assert sources(built, "orders") == {"orders/handler.py", "orders/contract.json"}


@pytest.mark.parametrize(
    "code",
    [
        "from aws_lambda_powertools.utilities.batch import BatchProcessor",
        "import aws_lambda_powertools.utilities.parser",
        "from aws_lambda_powertools.utilities import (\n    typing,\n    idempotency,\n)",
    ],
)
def test_a_service_that_names_what_others_leave_out_keeps_it(tree: Path, built: Path, code: str) -> None:
    service(tree, "orders", **{"handler.py": f"{code}\nhandler = print\n"})
    service(tree, "carts", **{"handler.py": "from aws_lambda_powertools.utilities import typing\nhandler = print\n"})
    build_bundle(built, tree)
    assert any(name.startswith(PRUNED) for name in names(built, "orders"))
    assert not any(name.startswith(PRUNED) for name in names(built, "carts"))


def test_all_that_is_missing_is_told_at_once(tree: Path, built: Path) -> None:
    (service(tree, "carts") / "openapi.yaml").unlink()
    (service(tree, "carts2") / "handler.py").unlink()
    orders = service(tree, "orders")
    for name in ("permissions.yaml", "service.yaml", "handler.py"):
        (orders / name).unlink()
    with pytest.raises(HarnessError) as refused:
        build_bundle(built, tree)
    assert refused.value.tried == (
        "lambda/carts lacks openapi.yaml; lambda/carts2 lacks handler.py (handler: carts2.handler.handler);"
        " lambda/orders lacks permissions.yaml, service.yaml, code in Python"
    )
    assert refused.value.remedy
    assert not built.exists()


@pytest.mark.parametrize(
    ("handler", "right"),
    [
        ("orders.handler.handler", True),
        ("orders.rules.main.handler", True),
        ("orders.rules.handler", True),
        ("aws_lambda_powertools.logging.handler", True),
        ("orders.main.handler", False),
        ("orders.rules.other.handler", False),
        ("handler.handler", False),
        ("handler", False),
    ],
)
def test_the_handler_names_a_module_of_the_zip(tree: Path, built: Path, handler: str, right: bool) -> None:
    files = {
        "rules/__init__.py": "",
        "rules/main.py": "",
        "service.yaml": SERVICE.replace("NAME.handler.handler", handler),
    }
    service(tree, "orders", **files)
    if right:
        build_bundle(built, tree)
        return
    with pytest.raises(HarnessError, match=r"^lambda/orders(/service\.yaml \(handler\): | lacks .* \(handler: )"):
        build_bundle(built, tree)
    assert not built.exists()


def test_a_contract_that_is_wrong_leaves_the_other_services_files_alone(tree: Path, built: Path) -> None:
    service(tree, "carts")
    build_bundle(built, tree)
    before = bundle_zip("carts", built).read_bytes()
    (tree / "lambda" / "carts" / "more.py").write_text("")
    service(tree, "orders", **{"openapi.yaml": "paths: ["})
    with pytest.raises(ContractError, match=r"openapi\.yaml:1: this is no YAML"):
        build_bundle(built, tree)
    assert bundle_zip("carts", built).read_bytes() == before


def test_no_service_at_all_is_told(tree: Path, built: Path) -> None:
    with pytest.raises(HarnessError, match="lambda holds no service -> make lambda/NAME"):
        build_bundle(built, tree)


SMOKE = "smoke: [{name: look, send: GET /y, status: 200}]\n"


def test_a_smoke_step_that_means_nothing_to_the_contract_is_told_before_anything_is_written(
    tree: Path, built: Path
) -> None:
    service(tree, "orders", **{"service.yaml": SERVICE.replace("NAME", "orders") + SMOKE})
    with pytest.raises(HarnessError) as refused:
        build_bundle(built, tree)
    assert str(refused.value) == (
        "lambda/orders/service.yaml (smoke: look): the contract has no operation GET /y"
        " -> remove that step in lambda/orders/service.yaml, or let it send one of: GET /x"
    )
    assert not built.exists()


def test_a_mix_that_is_no_whole_is_told_before_anything_is_written(tree: Path, built: Path) -> None:
    service(tree, "orders", **{"service.yaml": SERVICE.replace("NAME", "orders") + "mix: {GET /x: 90}\n"})
    with pytest.raises(HarnessError, match=r"lambda/orders/service\.yaml \(mix\): the shares add up to 90 percent"):
        build_bundle(built, tree)
    assert not built.exists()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("from carts.handler import handler", "handler.py:1 imports carts.handler"),
        ("import json\n\ndef handler():\n    import carts", "handler.py:4 imports carts"),
        ("import requests.auth", "handler.py:1 imports requests.auth"),
        ("import orders.store", "handler.py:1 imports orders.store"),
        ("from orders.rules.deep import x", "handler.py:1 imports orders.rules.deep"),
        ("from .store import keep", "handler.py:1 imports orders.store"),
        ("from ..carts import keep", "handler.py:1 imports ..carts"),
        ("try:\n    import carts\nexcept ValueError:\n    pass", "handler.py:2 imports carts"),
        ("try:\n    import carts\nexcept ImportError:\n    import karts", "handler.py:4 imports karts"),
        ("if TYPE_CHECKING:\n    import carts\nelse:\n    import karts", "handler.py:4 imports karts"),
        ("if os.name:\n    import carts", "handler.py:2 imports carts"),
        ("def handler(:\n    pass", "handler.py:1 is no Python: invalid syntax"),
    ],
)
def test_an_import_that_the_zip_cannot_satisfy_is_told(tree: Path, built: Path, code: str, told: str) -> None:
    service(tree, "carts")
    service(tree, "orders", **{"handler.py": code, "rules/tax.py": ""})
    with pytest.raises(HarnessError) as refused:
        build_bundle(built, tree)
    assert refused.value.tried.startswith(f"lambda/orders/{told}")
    assert refused.value.remedy
    assert not built.exists()


def test_every_import_that_fails_is_told_at_once(tree: Path, built: Path) -> None:
    service(tree, "orders", **{"handler.py": "import carts\n", "rules.py": "import one, two, carts\n"})
    with pytest.raises(HarnessError) as refused:
        build_bundle(built, tree)
    assert [part.partition(" ")[0] for part in refused.value.tried.split("; ")] == [
        "lambda/orders/handler.py:1", *["lambda/orders/rules.py:1"] * 3
    ]  # fmt: skip


@pytest.mark.parametrize(
    "code",
    [
        "import os.path, tomllib",
        "import boto3\nfrom botocore import exceptions\nimport jmespath, urllib3, dateutil.tz, six.moves, s3transfer",
        "import aws_lambda_powertools.utilities.typing\nfrom typing_extensions import Self",
        "import orders.rules.tax\nfrom orders import rules\nfrom orders.rules.tax import x",
        "from . import rules\nfrom .rules import tax\nfrom .rules.tax import x",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from mypy_boto3_dynamodb import DynamoDBClient",
        "import typing\nif typing.TYPE_CHECKING:\n    import mypy_boto3_dynamodb",
        "try:\n    import orjson\nexcept ImportError:\n    import json",
        "try:\n    import orjson\nexcept Exception:\n    pass\ntry:\n    import orjson\nexcept:\n    pass",
        "try:\n    import orjson\nexcept (OSError, ModuleNotFoundError):\n    orjson = None",
    ],
)
def test_an_import_that_lambda_can_satisfy_is_none_of_it(tree: Path, built: Path, code: str) -> None:
    service(tree, "orders", **{"handler.py": code, "rules/tax.py": "from .. import handler\nfrom ..rules import tax\n"})
    build_bundle(built, tree)
