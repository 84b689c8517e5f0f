"""The contract's canonical JSON, compiled again only when something that it depends on has changed."""

import hashlib
import importlib.metadata
import platform
from pathlib import Path

import harness.contract
from harness.base import sealed
from harness.base.paths import CACHE, shown

# What decides beside our own code whether a contract is right.
_JUDGES = ("PyYAML", "fastjsonschema", "jsonschema", "openapi-schema-validator", "openapi-spec-validator")


def compiled_contract(source: Path) -> bytes:
    """Return the canonical JSON of a contract, checked: now, or when it was the same text before.

    Raises:
        ContractError: something is wrong with the contract; holds every problem.
    """
    remembered = CACHE / f"contract-{source.parent.name}"
    text = harness.contract.read_contract(source, shown(source))
    key = _contract_key(text, source.parent.name)
    if (content := sealed.load(remembered, key)) is None:
        content = harness.contract.compile_text(text, shown(source))
        sealed.store(remembered, key, content)
    return content


def _contract_key(text: bytes, service: str) -> str:
    """Return a hash of all that a contract's JSON depends on."""
    code = sorted(Path(harness.contract.__file__).parent.glob("*.py"))
    versions = [f"{name} {importlib.metadata.version(name)}" for name in _JUDGES]
    parts = [text, service.encode(), platform.python_version().encode()]
    parts += [path.read_bytes() for path in code] + [version.encode() for version in versions]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
