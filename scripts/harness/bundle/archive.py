"""Each service's zip: its code, what services share, its contract, vendored packages, and byte-code of all of it.

Beside the zip stand the contract's JSON, which the gateway is made from and tests and documents read, and the hash of
what the zip is made of, by which plans tell that code changed: that of the zip without byte-code. It is the same on
every checkout: sorted names, one fixed date, fixed modes, no compression (zlib's output differs between builds of
Python). Byte-code differs between builds of Python, too, and is left out where there is none of the function's release.
"""

import base64
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from harness.base.errors import HarnessError
from harness.base.paths import BUNDLES, REPO, built_files, contract_source, write_atomically
from harness.base.pythons import runtime_version
from harness.bundle.answers import require_answers
from harness.bundle.byte_code import byte_code
from harness.bundle.compiled import compiled_contract
from harness.bundle.imports import PINS_OF_ALL, require_imports
from harness.bundle.needs import require_needs
from harness.bundle.service_files import module_members, own_code, require_services
from harness.bundle.tree_faults import require_no_way_out, require_own_names
from harness.bundle.wheels import Wheel, vendored
from harness.facts import read_mix, read_service, shared_packages
from harness.facts.script import script_of
from harness.facts.service import SERVICES

# The zip format's first representable date.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = ("__pycache__", "bin")
_POWERTOOLS = "aws_lambda_powertools"
#: Features that few services import, and the files of a page never served. A service that names one keeps all.
PRUNED = (
    *(
        f"{_POWERTOOLS}/utilities/{name}/"
        for name in (
            "auth_alpha",
            "batch",
            "circuit_breaker",
            "data_masking",
            "feature_flags",
            "idempotency",
            "kafka",
            "parameters",
            "parser",
            "streaming",
        )
    ),
    f"{_POWERTOOLS}/event_handler/openapi/swagger_ui/swagger-ui",
)


def build_bundle(folder: Path = BUNDLES, tree: Path = REPO) -> dict[str, str]:
    """Build the zip of every service, its hash and its contract's JSON beside it.

    A file is left alone when its bytes would not change.

    Returns:
        By service the SHA-256, in hexadecimal, of what its zip is made of.

    Raises:
        ContractError: something is wrong with a contract; nothing is written.
        HarnessError: a service lacks a file, its smoke requests, its mix or its imports lead nowhere, a link leads out
            of the tree, a package cannot be vendored, or a file cannot be written.
    """
    names = require_services(tree)
    require_no_way_out(tree)
    # All contracts first: a wrong one is told before packages are fetched for another.
    contracts = {name: compiled_contract(contract_source(name, tree)) for name in names}
    for name, contract in contracts.items():
        script_of(name, read_service(name, tree), json.loads(contract))
        read_mix(name, tree)
    members = {name: _members(name, tree, contract) for name, contract in contracts.items()}
    hashes = {name: hashlib.sha256(zip_bytes(files)) for name, files in members.items()}
    for name in names:
        compiled = byte_code(members[name], runtime_version())
        made = zip_bytes(members[name] | compiled), base64.b64encode(hashes[name].digest()), contracts[name]
        for path, content in zip(built_files(name, folder), made, strict=True):
            if not path.exists() or path.read_bytes() != content:
                write_atomically(path, content)
    return {name: found.hexdigest() for name, found in hashes.items()}


def zip_bytes(members: dict[str, bytes]) -> bytes:
    """Return a zip archive of ``members`` (name -> content) whose bytes depend on nothing else."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3  # Unix, whatever builds it
            info.external_attr = 0o644 << 16
            archive.writestr(info, members[name])
    return buffer.getvalue()


def _members(service: str, tree: Path, contract: bytes) -> dict[str, bytes]:
    """Collect what a service's zip holds.

    Raises:
        HarnessError: its handler or an import stands in no module of the zip, a package cannot be vendored, or one of
            ours has the name of one of others.
    """
    code = {name: own_code(tree / SERVICES / name) for name in (service, *shared_packages(tree))}
    files = {f"{package}/{name}": data for package, texts in code.items() for name, data in texts.items()}
    wheels = vendored(pins_of(service, tree))
    pins = pins_of(service, tree).relative_to(tree).as_posix()
    require_own_names(code, wheels, pins)
    require_needs(wheels, pins)
    members = {**_vendored(wheels, _pruned(files)), **files}
    handler = read_service(service, tree).handler
    if not module_members(handler) & members.keys():
        raise HarnessError(
            f"{SERVICES / service / 'service.yaml'} (handler): {handler} stands in no module of the zip",
            f"name one of {SERVICES / service}, as {service}.MODULE.FUNCTION",
        )
    require_imports(service, code, members, pins)
    require_answers(service, handler, code[service], json.loads(contract))
    return {**members, f"{service}/contract.json": contract}


def pins_of(service: str, tree: Path = REPO) -> Path:
    """Return the file that pins the packages of a service's zip: its own, or that of all services."""
    own = tree / SERVICES / service / "requirements.txt"
    return own if own.exists() else tree / PINS_OF_ALL


def _pruned(code: dict[str, bytes]) -> tuple[str, ...]:
    """Return what a service's zip can do without: nothing where its code names a feature that others leave out."""
    text = b"\n".join(code.values()).decode("utf-8", "replace")
    features = "|".join(name.rstrip("/").rpartition("/")[2] for name in PRUNED if "/utilities/" in name)
    named = rf"{_POWERTOOLS}\.utilities(?:\.|\s+import\s[\w\s,(]*\b)(?:{features})\b"
    return () if re.search(named, text) else PRUNED


def _vendored(wheels: Iterable[Wheel], pruned: tuple[str, ...]) -> dict[str, bytes]:
    files = {name: data for wheel in wheels for name, data in wheel.files.items()}
    return {name: data for name, data in files.items() if not _left_out(name) and not name.startswith(pruned)}


def _left_out(name: str) -> bool:
    *folders, file = name.split("/")
    return file.startswith(".") or any(part in _LEFT_OUT for part in folders)
