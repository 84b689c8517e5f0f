"""What no plan shows, read from the HCL itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.hcl import own_files, parsed
from tests.support.trees import roots

from harness.base.paths import REPO
from harness.facts import read_base_grants, read_grants, service_names
from harness.report import iamdoc
from harness.terraform.binary import BELOW, MINIMUM

HERE = Path(__file__).parent
ORDER = ("depends_on", "create_before_destroy", "ignore_changes", "prevent_destroy", "replace_triggered_by")
MODULE_VERSIONS = {
    # As the harness finds Terraform.
    "required_version": ">= {}.{}, < {}.{}".format(*MINIMUM[:2], *BELOW[:2]),
    "aws": {"source": "hashicorp/aws", "version": ">= 5.100, < 7.0"},
}


def bare(value: Any) -> Any:
    """A value without the quotes and interpolation marks that the parser keeps."""
    if isinstance(value, list):
        return [bare(part) for part in value]
    return value.removeprefix("${").removesuffix("}").strip('"') if isinstance(value, str) else value


def named_blocks(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Resources as ``type.name``, outputs and modules as ``output.name`` and ``module.name``, imports by target."""
    for entry in document.get("resource", []):
        for kind, entries in entry.items():
            for name, block in entries.items():
                yield f"{bare(kind)}.{bare(name)}", block
    for what in ("output", "module"):
        for entry in document.get(what, []):
            for name, block in entry.items():
                yield f"{what}.{bare(name)}", block
    for block in document.get("import", []):
        yield f"import.{bare(block['to'])}", block


def order(block: dict[str, Any]) -> dict[str, Any]:
    settings = {**block, **(block.get("lifecycle") or [{}])[0]}
    found = {key: bare(settings[key]) for key in ORDER if key in settings}
    return found | ({"id": bare(block["id"])} if "to" in block else {})


def test_order_and_lifecycle_are_as_listed(tree: Path) -> None:
    found: dict[str, dict[str, Any]] = {}
    for folder in sorted([*tree.glob("modules/*/"), *tree.glob("envs/*/")]):
        for file in own_files(folder):
            for name, block in named_blocks(parsed(file)):
                if settings := order(block):
                    found.setdefault(str(folder.relative_to(tree)), {})[name] = settings
    assert found == yaml.safe_load((HERE / "static.yaml").read_text())


def test_every_root_guards_the_account_alike(tree: Path) -> None:
    """No plan shows a provider's configuration."""
    providers = {name: parsed(tree / "envs" / name / "providers.tf")["provider"][0] for name in roots(tree)}
    guards = {name: next(iter(provider.values())).get("allowed_account_ids") for name, provider in providers.items()}
    guard = "${length(var.allowed_account_ids) == 0 ? null : var.allowed_account_ids}"
    assert guards == dict.fromkeys(roots(tree), guard)


def test_every_root_asks_a_service_that_aws_has_for_its_region(tree: Path) -> None:
    """The provider makes up a region for a service that is none: no plan shows the difference."""
    asked = {
        name: [
            (bare(called), bare(block["service_id"]))
            for entry in parsed(tree / "envs" / name / "providers.tf")["data"]
            for kind, entries in entry.items()
            if bare(kind) == "aws_service"
            for called, block in entries.items()
        ]
        for name in roots(tree)
    }
    assert asked == {name: [("dynamodb", "dynamodb")] for name in roots(tree)}


def test_the_lock_files_hold_one_provider_of_the_range(tree: Path) -> None:
    texts = {(tree / "envs" / name / ".terraform.lock.hcl").read_text() for name in roots(tree)}
    (text,) = texts
    assert re.findall(r'^provider "([^"]+)"', text, re.MULTILINE) == ["registry.terraform.io/hashicorp/aws"]
    assert re.findall(r'^  version +=  *"([^"]+)"', text, re.MULTILINE) == ["5.100.0"]
    assert re.findall(r'^  constraints += "([^"]+)"', text, re.MULTILINE) == [">= 5.100.0, < 7.0.0"]


def test_the_document_of_permissions_is_that_of_the_data(tree: Path) -> None:
    grants = {name: read_grants(name, tree) for name in service_names(tree)}
    assert iamdoc.render(read_base_grants(tree), grants) == (REPO / "docs" / "iam.md").read_text()


@pytest.mark.parametrize("pattern", ["modules/*/versions.tf", "envs/*/versions.tf"])
def test_versions_are_pinned_alike(pattern: str, tree: Path) -> None:
    files = sorted(tree.glob(pattern))
    assert files
    for file in files:
        terraform = parsed(file)["terraform"][0]
        aws = next(iter(terraform["required_providers"]))["aws"]
        found = {"required_version": bare(terraform["required_version"]), "aws": {k: bare(v) for k, v in aws.items()}}
        assert found == MODULE_VERSIONS, file
        assert ("backend" in terraform) == ("envs" in pattern), file


def test_only_a_variable_that_defaults_to_null_takes_null(tree: Path) -> None:
    """Terraform lets a caller pass null to any variable that does not say otherwise, validated or not."""
    files = [file for folder in (*tree.glob("modules/*/"), *tree.glob("envs/*/")) for file in own_files(folder)]
    variables = [
        (file, bare(name), variable)
        for file in files
        for entry in parsed(file).get("variable", [])
        for name, variable in entry.items()
    ]
    assert len(variables) > 30
    wrong = [
        f"{file.relative_to(tree)}: {name}"
        for file, name, variable in variables
        if variable.get("nullable", True) is not ("default" in variable and variable["default"] is None)
    ]
    assert wrong == []
