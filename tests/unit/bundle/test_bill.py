"""The bill of materials of a zip: valid by CycloneDX's own schema, and made from what the zip holds."""

from __future__ import annotations

import datetime
import hashlib
import json
import zipfile
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.validation.json import JsonStrictValidator
from tests.unit.bundle.conftest import service

from harness.base.errors import HarnessError
from harness.base.paths import bundle_zip
from harness.bundle import bill
from harness.bundle.archive import build_bundle, pins_of, zip_bytes
from harness.bundle.bill import VERSION, bill_of, write_bills
from harness.bundle.wheels import Wheel, vendored

MADE = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
CONTRACT = {"orders/contract.json": b'{"info": {"version": "2.5.0"}}', "orders/handler.py": b"x"}


def wheel(name: str, files: dict[str, bytes], **described: str) -> Wheel:
    metadata = Message()
    for key, value in {"Name": name, "Version": "1", **described}.items():
        metadata[key.replace("_", "-")] = value
    return Wheel(f"{name}-1-py3-none-any.whl", hashlib.sha256(name.encode()).hexdigest(), files, metadata)


def of(members: dict[str, bytes], *wheels: Wheel, shared: tuple[str, ...] = ()) -> dict[str, Any]:
    text = bill_of("orders", zip_bytes({**CONTRACT, **members}), wheels, shared, MADE)
    assert JsonStrictValidator(VERSION).validate_str(text) is None
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture
def written(tree: Path, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    service(tree, "orders")
    build_bundle(built, tree)
    monkeypatch.setattr(bill, "REPORTS", tmp_path / "reports")
    (file,) = write_bills(MADE.date(), built, tree)
    assert file.name == "sbom-orders.cdx.json"
    return file.read_text()


def test_it_is_valid_by_the_official_schema(written: str) -> None:
    assert JsonStrictValidator(VERSION).validate_str(written) is None
    assert JsonStrictValidator(VERSION).validate_str(written.replace('"SHA-256"', '"SHA-265"')) is not None


def test_every_file_of_the_zip_is_in_it_once_and_nothing_else(written: str, built: Path) -> None:
    listed = [
        (file["name"], file["hashes"])
        for component in json.loads(written)["components"]
        for file in component["components"]
    ]
    with zipfile.ZipFile(bundle_zip("orders", built)) as archive:
        held = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    assert sorted(listed) == sorted((name, [{"alg": "SHA-256", "content": sum}]) for name, sum in held.items())


def test_packages_have_name_version_checksum_licence_and_address(written: str, tree: Path, built: Path) -> None:
    found = json.loads(written)
    packages = {one["name"]: one for one in found["components"] if "purl" in one}
    names = zipfile.ZipFile(bundle_zip("orders", built)).namelist()
    held = {one.metadata["Name"]: one for one in vendored(pins_of("orders", tree)) if set(one.files) & set(names)}
    assert packages.keys() == held.keys()
    assert len(packages) > 1
    for name, package in packages.items():
        assert package["version"] == held[name].metadata["Version"]
        assert package["purl"].startswith("pkg:pypi/")
        assert package["purl"].endswith(f"@{package['version']}")
        assert package["hashes"] == [{"alg": "SHA-256", "content": held[name].sha256}]
        assert package["licenses"]
    zipped = found["metadata"]["component"]
    assert (zipped["type"], zipped["name"], zipped["version"]) == ("application", "orders", "1")
    assert zipped["hashes"][0]["content"] == hashlib.sha256(bundle_zip("orders", built).read_bytes()).hexdigest()
    (depends,) = [one for one in found["dependencies"] if one["ref"] == zipped["bom-ref"]]
    assert set(depends["dependsOn"]) == {one["bom-ref"] for one in found["components"]}


def test_the_same_zip_has_the_same_bill(tree: Path, built: Path, written: str) -> None:
    assert write_bills(MADE.date(), built, tree)[0].read_text() == written


def test_our_own_code_is_the_services_and_what_services_share() -> None:
    found = of({"common/money.py": b"1"}, shared=("common", "unused"))
    own = {one["name"]: [file["name"] for file in one["components"]] for one in found["components"]}
    assert own == {"common": ["common/money.py"], "orders": ["orders/contract.json", "orders/handler.py"]}
    assert {one["version"] for one in found["components"]} == {"2.5.0"}


def test_a_package_that_the_zip_holds_nothing_of_is_left_out() -> None:
    found = of({"one.py": b"1"}, wheel("one", {"one.py": b"1"}), wheel("two", {"two.py": b"2"}))
    assert [one["name"] for one in found["components"]] == ["one", "orders"]


@pytest.mark.parametrize("content", [b"edited", None])
def test_a_file_of_no_package_is_refused_by_name(content: bytes | None) -> None:
    members = {"one.py": content} if content else {"zzz.pth": b"import os"}
    with pytest.raises(HarnessError) as refused:
        of(members, wheel("one", {"one.py": b"1"}))
    (name,) = members
    assert str(refused.value).startswith(f"the zip of orders holds {name}, which is of no package -> ")


@pytest.mark.parametrize(
    ("described", "told"),
    [
        ({"License_Expression": "MIT OR Apache-2.0"}, {"expression": "MIT OR Apache-2.0"}),
        ({"License": "MIT"}, {"license": {"id": "MIT"}}),
        ({"License": "Our own"}, {"license": {"name": "Our own"}}),
        ({"License": "Permission is " + "hereby " * 90, "Classifier": "License :: OSI Approved :: BSD License"},
         {"license": {"name": "BSD License"}}),
        ({}, {"license": {"name": "not told"}}),
    ],
)  # fmt: skip
def test_a_licence_is_told_as_the_package_tells_it(described: dict[str, str], told: dict[str, object]) -> None:
    (one,) = [each for each in of({"one.py": b""}, wheel("one", {"one.py": b""}, **described))["components"]
              if "purl" in each]  # fmt: skip
    assert [{key: value for key, value in each.items() if key != "acknowledgement"} for each in one["licenses"]] == [
        told
    ]
