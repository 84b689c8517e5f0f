"""The function's zip: our code, its contract as JSON and vendored packages, the same bytes on every checkout.

The contract's JSON also stands beside the zip: what the gateway is made from and tests and documents read.

Reproducible: sorted names, one fixed date, fixed modes, no compression (zlib's output differs between builds of
Python), no byte-code: releases of Python differ in it, and not all have the function's (docs/performance.md).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

from harness.base.errors import HarnessError
from harness.base.paths import BUNDLE, CACHE, REPO, shown, write_atomically
from harness.base.toolset import vendor
from harness.bundle.compiled import compiled_contract

_SOURCE = REPO / "lambda" / "items"
_REQUIREMENTS = REPO / "requirements" / "lambda.txt"
# The zip format's first representable date.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = ("__pycache__", "bin", ".lock")
_POWERTOOLS = "aws_lambda_powertools"
#: Features that nothing in the zip imports (a test reads every import in it), and the files of a page never served.
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


def build_bundle(destination: Path = BUNDLE) -> str:
    """Build the zip and the contract's JSON beside it; return the SHA-256 of the zip's bytes in hexadecimal.

    A file is left alone when its bytes would not change.

    Raises:
        ContractError: something is wrong with the contract; nothing is written.
        HarnessError: a package cannot be vendored, or a file cannot be written.
    """
    contract = compiled_contract()
    data = zip_bytes({**_vendored(), **_own(), "items/contract.json": contract})
    for path, content in ((destination, data), (destination.with_suffix(".json"), contract)):
        if not path.exists() or path.read_bytes() != content:
            write_atomically(path, content)
    return hashlib.sha256(data).hexdigest()


def zip_bytes(members: dict[str, bytes]) -> bytes:
    """A zip archive of ``members`` (name -> content) whose bytes depend on nothing else."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3  # Unix, whatever builds it
            info.external_attr = 0o644 << 16
            archive.writestr(info, members[name])
    return buffer.getvalue()


def _own() -> dict[str, bytes]:
    members = {f"items/{path.name}": path.read_bytes() for path in sorted(_SOURCE.glob("*.py"))}
    if not members:
        raise HarnessError(f"{shown(_SOURCE)} holds no Python files", "restore the service's code")
    return members


def _vendored() -> dict[str, bytes]:
    digest = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()[:16]
    folder = CACHE / f"vendor-{digest}"
    if not (folder / ".complete").exists():
        vendor(_REQUIREMENTS, folder)
        write_atomically(folder / ".complete", b"")
    return {name: path.read_bytes() for path in sorted(folder.rglob("*")) if (name := _member(folder, path))}


def _member(folder: Path, path: Path) -> str:
    relative = path.relative_to(folder)
    skipped = not path.is_file() or any(part in _LEFT_OUT or part.endswith(".dist-info") for part in relative.parts)
    name = relative.as_posix()
    return "" if skipped or relative.name.startswith(".") or name.startswith(PRUNED) else name
