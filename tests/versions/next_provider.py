"""Compare HCL with the recorded schema of the next major provider: names, nesting, and what is required."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tests.support.hcl import own_files, parsed

from harness.base.paths import REPO

DEPRECATED = Path(__file__).parent / "deprecated.yaml"
SCHEMA = Path(__file__).parent / "next_provider.json"
PINS = REPO / "requirements" / "next_provider.txt"
REMEDY = "PYTHONPATH=scripts build/venv/bin/python -m tests.versions.record records the types in use anew"
REQUIRED, OPTIONAL, COMPUTED = "required", "optional", "computed"
# Terraform's own, in every resource, data source or provider block.
META = {"count", "for_each", "depends_on", "provider", "lifecycle", "provisioner", "connection", "alias"}
_PARSER = {"__is_block__", "__comments__", "__inline_comments__"}
_INDEX = r"(?:\[(?:[^\[\]]|\[[^\[\]]*\])*\])?"
_REFERENCE = re.compile(rf"(?<![\w.])(data\.)?(aws_\w+)\.(\w+){_INDEX}\.(\w+)")
_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A top-level block of HCL.

    Attributes:
        where: file and address, for people.
        kind: key of the schema: ``resource TYPE``, ``data TYPE`` or ``provider``.
    """

    where: str
    kind: str
    body: Mapping[str, Any]


def pinned() -> str:
    """Return package, version and checksum of the bindings, as pip takes them."""
    (pin,) = [line for line in PINS.read_text().splitlines() if line and not line.startswith("#")]
    return pin


def read_schema() -> dict[str, Any]:
    """Read what was recorded."""
    schema: dict[str, Any] = json.loads(SCHEMA.read_text())
    return schema


def deprecated() -> set[tuple[str, str]]:
    """Read (key of the schema, path) of what is taken with a warning."""
    listed = yaml.safe_load(DEPRECATED.read_text())
    return {(kind, path) for kind, found in listed.items() for path in found}


def write_schema(version: str, source: str, types: Mapping[str, Any]) -> None:
    """Write one type a line, so that a diff shows which types changed."""
    head = [f' "provider": {json.dumps(version)},', f' "source": {json.dumps(source)},', ' "types": {']
    lines = [f"  {json.dumps(kind)}: {json.dumps(types[kind], sort_keys=True)}" for kind in sorted(types)]
    SCHEMA.write_text("\n".join(["{", *head, ",\n".join(lines), " }", "}", ""]))


def blocks(tree: Path) -> list[Block]:
    """List resources, data sources and configurations of the AWS provider in ``modules/`` and ``envs/``."""
    kinds = re.compile(r"(resource|data) aws_\w+|provider")
    files = [file for folder in (*tree.glob("modules/*/"), *tree.glob("envs/*/")) for file in own_files(folder)]
    found = (block for file in sorted(files) for block in _blocks_of(file, tree))
    return [block for block in found if kinds.fullmatch(block.kind)]


def _blocks_of(file: Path, tree: Path) -> Iterator[Block]:
    document, place = parsed(file), file.relative_to(tree)
    for mode in ("resource", "data"):
        named = ((kind, entries) for entry in document.get(mode, []) for kind, entries in entry.items())
        for kind, entries in named:
            for name, body in entries.items():
                yield Block(f"{place}: {_bare(kind)}.{_bare(name)}", f"{mode} {_bare(kind)}", body)
    for entry in document.get("provider", []):
        for name, body in entry.items():
            yield Block(f"{place}: provider.{_bare(name)}", "provider", body)


def kinds_in_use(tree: Path) -> set[str]:
    """List the keys of the schema that ``tree`` needs."""
    return {block.kind for block in blocks(tree)} | {kind for _, kind, _ in references(tree)}


def references(tree: Path) -> list[tuple[str, str, str]]:
    """List (file, key of the schema, attribute) of each reference to an attribute of a resource or data source."""
    found = []
    for file in sorted([*tree.glob("modules/*/*.tf"), *tree.glob("envs/*/*.tf")]):
        if not file.is_symlink():
            for data, kind, _, attribute in _REFERENCE.findall(_COMMENT.sub("", file.read_text())):
                found.append((str(file.relative_to(tree)), f"{'data' if data else 'resource'} {kind}", attribute))
    return found


def refused(tree: Path, types: Mapping[str, Any]) -> list[str]:
    """List what the recorded provider would refuse in ``tree``, or what is not recorded."""
    found: list[str] = []
    for block in blocks(tree):
        schema = types.get(block.kind)
        if schema is None:
            found.append(f"{block.where}: {block.kind} is not recorded: {REMEDY}")
            continue
        found += [f"{block.where}: {problem}" for problem in _problems(block.body, schema, "")]
        found += [f"{block.where}: {problem}" for problem in _ignored(block.body, schema)]
    for file, kind, attribute in references(tree):
        if attribute not in types.get(kind, {}):
            found.append(f"{file}: {kind} has no attribute {attribute} to refer to")
    return found


def paths(tree: Path) -> set[tuple[str, str]]:
    """List (key of the schema, path) of each argument, block and reference, at all depths."""
    written = {(block.kind, path) for block in blocks(tree) for path in _paths(block.body, "")}
    return written | {(kind, attribute) for _, kind, attribute in references(tree)}


def _paths(body: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, inner in _written(body, path):
        yield f"{path}{name}"
        for one in inner:
            yield from _paths(one, f"{path}{name}.")


def _written(body: Mapping[str, Any], path: str) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """List what a body sets, with the bodies of blocks; what Terraform itself understands is left out."""
    own = _PARSER | {"dynamic"} | (set() if path else META)
    found = [(name, value if _is_block(value) else []) for name, value in body.items() if name not in own]
    dynamic = [(_bare(name), one["content"]) for entry in body.get("dynamic", []) for name, one in entry.items()]
    return sorted([*found, *dynamic], key=lambda one: one[0])


def _problems(body: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    written = _written(body, path)
    for name, inner in written:
        place, known = f"{path}{name}", schema.get(name)
        if wrong := _misfit(known, bool(inner)):
            yield f"{place} is {wrong}"
        elif isinstance(known, dict):
            for one in inner:
                yield from _problems(one, known, f"{place}.")
    for name in sorted(set(schema) - {""} - {name for name, _ in written}):
        if _need(schema[name]) == REQUIRED:
            yield f"{path}{name} is required"


def _misfit(known: str | Mapping[str, Any] | None, block: bool) -> str:
    if known is None:
        return "unknown"
    if known == COMPUTED:
        return "computed: it cannot be set"
    if isinstance(known, str) is block:
        return f"{'an argument' if block else 'a block'}, and written as the other"
    return ""


def _ignored(body: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    for lifecycle in body.get("lifecycle", []):
        for path in lifecycle.get("ignore_changes", []):
            name = re.split(r"[.\[]", _bare(path).removeprefix("${").removesuffix("}"))[0]
            if name not in schema:
                yield f"ignore_changes names {name}, which is unknown"


def _is_block(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and "__is_block__" in one for one in value)
    )


def _need(known: str | Mapping[str, Any]) -> str:
    return known if isinstance(known, str) else str(known[""])


def _bare(text: str) -> str:
    return text.strip('"')
