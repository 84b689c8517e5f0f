"""Trees with services, made for a test."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from harness.base.paths import REPO, bundle_zip

CONTRACT = """\
openapi: 3.0.3
info: {title: T, version: "1"}
paths: {/x: {get: {operationId: getX, responses: {"200": {description: d}}}}}
"""
SERVICE = "description: d\nhandler: NAME.handler.handler\nseconds: {typical: 1, call_at_worst: 2, margin: 1}\n"


def service(tree: Path, name: str, **files: str) -> Path:
    """Write a whole service, ``files`` in the place of its plain ones."""
    folder = tree / "lambda" / name
    folder.mkdir(parents=True)
    plain = {"openapi.yaml": CONTRACT, "permissions.yaml": "statements: []\n", "handler.py": "handler = print\n"}
    plain["service.yaml"] = SERVICE.replace("NAME", name)
    for file, text in {**plain, **files}.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with the pins of this one and no service."""
    top = tmp_path / "tree"
    (top / "lambda").mkdir(parents=True)
    (top / "requirements").mkdir()
    shutil.copy(REPO / "requirements" / "lambda.txt", top / "requirements")
    return top


@pytest.fixture
def built(tmp_path: Path) -> Path:
    return tmp_path / "built"


def names(folder: Path, service: str) -> set[str]:
    with zipfile.ZipFile(bundle_zip(service, folder)) as found:
        return set(found.namelist())


def sources(folder: Path, service: str) -> set[str]:
    """List what is in a zip but byte-code."""
    return {name for name in names(folder, service) if not name.endswith(".pyc")}
