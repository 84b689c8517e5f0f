"""Record the schema of the next major provider, which this repository is checked against but not run with.

Run from the repository root: ``build/venv/bin/python -m tests.versions.record``. The bindings of CDK for Terraform on
PyPI are generated from the provider's schema. They are big, so they are downloaded for this alone, with the version
and the checksum of ``requirements/next_provider.txt``, and never installed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.versions.next_provider import (
    COMPUTED,
    OPTIONAL,
    REQUIRED,
    SCHEMA,
    deprecated,
    kinds_in_use,
    pinned,
    write_schema,
)

from harness.base.paths import REPO
from harness.plan.resource_types import TYPES

OFTEN = ("aws_sns_topic_subscription", "aws_sqs_queue", "aws_sqs_queue_policy", "aws_lambda_layer_version")
_BINDING = re.compile(r"package/lib/[^/]+/index\.js")
_PROVIDER = re.compile(r"providerVersion: '([\d.]+)'")
_TYPE = re.compile(r"^    static tfResourceType = \"(\w+)\";$", re.MULTILINE)
_CLASS = re.compile(r"^class (\w+) extends cdktn\.(\w+)", re.MULTILINE)
_WRITER = re.compile(r"^function (\w+)ToHclTerraform\(", re.MULTILINE)
_ATTRIBUTE = re.compile(r"^    // (\w+) - computed: (\w+), optional: (\w+), required: (\w+)$", re.MULTILINE)
_ARGUMENT = re.compile(
    r"^ +(\w+): \{\n +value: .*\n +isBlock: (true|false),\n +type: .*\n +storageClassType: \"(\w+)\"",
    re.MULTILINE,
)


def download(folder: Path) -> Path:
    """Download the pinned wheel and return it; pip refuses another checksum."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--dest", str(folder)]
    subprocess.run([*pip, "-r", str(REPO / "requirements" / "next_provider.txt")], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def bindings(wheel: Path) -> Iterator[str]:
    """Yield the text of each binding: one resource type, data source or the provider."""
    with zipfile.ZipFile(wheel) as packed:
        (inner,) = [name for name in packed.namelist() if name.endswith(".jsii.tgz")]
        with packed.open(inner) as stream, tarfile.open(fileobj=stream, mode="r|gz") as archive:
            for member in archive:
                content = archive.extractfile(member) if _BINDING.fullmatch(member.name) else None
                if content is not None:
                    yield content.read().decode()


def parts(text: str, start: re.Pattern[str]) -> dict[str, str]:
    """Return each class or function that ``start`` finds, by what its first group matched."""
    return {one[1]: text[one.start() : text.index("\n}\n", one.start())] for one in start.finditer(text)}


class Binding:
    """The classes of one binding, as they describe a schema."""

    def __init__(self, text: str) -> None:
        self.classes = parts(text, _CLASS)
        self.writers = {name.lower(): part for name, part in parts(text, _WRITER).items()}
        ((self.top, base),) = [(one[1], one[2]) for one in _CLASS.finditer(text) if not one[2].startswith("Complex")]
        kind = {"TerraformResource": "resource", "TerraformDataSource": "data", "TerraformProvider": "provider"}[base]
        named = _TYPE.search(text)
        self.kind = f"{kind} {named[1]}" if named and kind != "provider" else kind

    def schema(self) -> dict[str, Any]:
        """Describe arguments, attributes and blocks at all depths."""
        return self._described(self.classes[self.top], self.classes[self.top])

    def _block(self, storage: str) -> dict[str, Any]:
        name = storage.removesuffix("List").removesuffix("Struct")
        return self._described(self.classes.get(f"{name}OutputReference", ""), self.writers[name.lower()])

    def _described(self, attributes: str, arguments: str) -> dict[str, Any]:
        """Describe a block by the comments that say what is required and by the names it writes."""
        found: dict[str, Any] = {one[1]: _need(one[2], one[3], one[4]) for one in _ATTRIBUTE.finditer(attributes)}
        for name, block, storage in _ARGUMENT.findall(arguments):
            need = found.get(name, OPTIONAL)
            found[name] = {"": need, **self._block(storage)} if block == "true" else need
        return found


def _keys(name: str) -> set[str]:
    return {"provider"} if name == "aws" else {f"resource {name}", f"data {name}"}


def _need(computed: str, optional: str, required: str) -> str:
    if required == "true":
        return REQUIRED
    return OPTIONAL if optional == "true" or computed == "false" else COMPUTED


def main() -> None:
    """Write the schema of every type that is in use, that the harness knows or that a service often adds."""
    wanted = kinds_in_use(REPO) | {f"resource {name}" for name in (*TYPES, *OFTEN)} | {kind for kind, _ in deprecated()}
    version, types = "", {}
    with tempfile.TemporaryDirectory() as scratch:
        for text in bindings(download(Path(scratch))):
            named = _TYPE.search(text)
            if named is None or not wanted & _keys(named[1]):
                continue
            binding = Binding(text)
            if binding.kind in wanted:
                types[binding.kind] = binding.schema()
            version = version or next(iter(_PROVIDER.findall(text)), "")
    write_schema(version, pinned(), types)
    missing = sorted(kinds_in_use(REPO) - types.keys())
    print(f"recorded {len(types)} types of provider {version} in {SCHEMA.relative_to(REPO)}")
    if missing:
        raise SystemExit(f"provider {version} has no {', '.join(missing)}: take what it offers instead")


if __name__ == "__main__":
    main()
