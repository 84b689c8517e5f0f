"""Copies of the repository that hold what plans and rules read, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from harness.base.paths import ACCOUNT, REPO, SHARED, bundle_hash, contract_source
from harness.bundle.compiled import compiled_contract
from harness.facts import read_blueprint, service_names
from harness.terraform.sandbox import OVERRIDE, copy_sources, drop_imports, keep_state_local

#: What plans and rules read beside HCL, relative to the tree: each service's own files, and the product's.
FACTS = ("blueprint.yaml", "lambda/*/service.yaml", "lambda/*/permissions.yaml")
_WIRING = re.compile(r"^(data|module|output|provider|resource) |\b(data\.\w+_|module\.\w)", re.MULTILINE)
_INPUTS = re.compile(r"^(variable|terraform) ", re.MULTILINE)
_LOCAL = re.compile(r"\blocal\.(\w+)")
_DEFINED = re.compile(r"^  (\w+) += ", re.MULTILINE)


def roots(tree: Path = REPO) -> tuple[str, ...]:
    """List the folders of ``envs/`` that are planned: the account's, and the environments of blueprint.yaml."""
    return (ACCOUNT, *read_blueprint(tree).environments)


def copy_tree(source: Path, sandbox: Path) -> None:
    """Copy what a plan reads, in the same relative places; zips are stand-ins, local state the backend.

    Links stay links: what several roots share is one text in the copy, too.
    """
    copy_sources(source, sandbox, symlinks=True)
    write_bundles(source, sandbox / "build" / "bundle")
    for root in (sandbox / "envs").glob("*/"):
        if root.name != SHARED:
            keep_state_local(root)
            drop_imports(root)


def write_bundles(source: Path, folder: Path) -> None:
    """Write every service's canonical contract, and a zip and its hash in the place of its package."""
    folder.mkdir(parents=True)
    for service in service_names(source):
        contract = contract_source(service, source)
        if contract.exists():
            (folder / f"{service}.json").write_bytes(compiled_contract(contract))
        with zipfile.ZipFile(folder / f"{service}.zip", "w") as bundle:
            # A fixed date: two copies must plan the same.
            bundle.writestr(zipfile.ZipInfo(f"{service}/handler.py", (2020, 1, 1, 0, 0, 0)), "")
        bundle_hash(service, folder).write_bytes(base64.b64encode(hashlib.sha256(service.encode()).digest()))


def inputs_only(sandbox: Path, root: str) -> str:
    """Cut a root down to what its variables' validations need: no wiring, and no provider to start a call.

    What the environments share is complete in each of them alone: the first stands for it.
    """
    name = Path(root).name
    name = name if name in roots(sandbox) else next(iter(read_blueprint(sandbox).environments))
    cut = sandbox / "inputs" / name
    if not cut.exists():
        cut.mkdir(parents=True)
        texts = {file.name: file.read_text() for file in (sandbox / "envs" / name).glob("*.tf")}
        for file in _inputs({file: text for file, text in texts.items() if not _WIRING.search(text)}):
            (cut / file).write_text(texts[file])
    return f"inputs/{name}"


def _inputs(texts: Mapping[str, str]) -> set[str]:
    """Name the files that hold variables and versions, and those whose locals they refer to."""
    found = {file for file, text in texts.items() if _INPUTS.search(text) and file != OVERRIDE}
    while True:
        used = {name for file in found for name in _LOCAL.findall(texts[file])}
        more = {file for file, text in texts.items() if used & set(_DEFINED.findall(text))} - found
        if not more:
            return found
        found |= more


def facts_below(tree: Path) -> list[Path]:
    """List the files that HCL may read by paths it puts together."""
    return [file for pattern in (*FACTS, "build/bundle/*") for file in tree.glob(pattern)]
