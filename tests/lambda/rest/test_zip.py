"""A whole service as Lambda gets it: nothing but its zip and Python's own modules."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.support.events import event
from tests.support.small_app import CONTRACT, ENVIRONMENT

from harness.base.errors import HarnessError
from harness.base.paths import REPO, bundle_zip
from harness.bundle.archive import build_bundle

HANDLER = """\
from rest.answers import Answer, json_answer
from rest.app import App, Request
from rest.problems import Code, Problem

app = App()


@app.answers("listShelves")
def list_shelves(request: Request) -> Answer:
    return json_answer(200, {"limit": request.parameters.query["limit"]})


@app.answers("makeShelf")
def make_shelf(request: Request) -> Answer:
    return json_answer(201, request.body())


@app.answers("getShelf")
def get_shelf(request: Request) -> Answer:
    raise Problem(Code.NOT_FOUND, "There is no such shelf.")


handler = app.handler
"""
SERVICE = "description: d\nhandler: shelves.handler.handler\nseconds: {typical: 1, call_at_worst: 2, margin: 1}\n"
CALL = """\
import json, sys
sys.path[:0] = [sys.argv[1]]
sys.stdout, told = sys.stderr, sys.stdout  # the function logs to standard output
from shelves.handler import handler
from types import SimpleNamespace
context = SimpleNamespace(
    get_remaining_time_in_millis=lambda: 9000, function_name="f", function_version="1", memory_limit_in_mb=512,
    invoked_function_arn="arn", aws_request_id="r",
)
print(json.dumps([handler(event, context) for event in json.load(sys.stdin)]), file=told)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree of ``rest`` and one service on it, which is no more than a contract, facts and functions."""
    folder = tmp_path / "tree" / "lambda" / "shelves"
    shutil.copytree(REPO / "lambda" / "rest", folder.parent / "rest", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tree" / "requirements").mkdir()
    shutil.copy(REPO / "requirements" / "lambda.txt", tmp_path / "tree" / "requirements")
    folder.mkdir()
    (folder / "openapi.yaml").write_text(json.dumps(CONTRACT))
    (folder / "service.yaml").write_text(SERVICE)
    (folder / "permissions.yaml").write_text("statements: []\n")
    (folder / "handler.py").write_text(HANDLER)
    return tmp_path / "tree"


def answers(zipped: Path, folder: Path, events: list[dict[str, object]]) -> subprocess.CompletedProcess[str]:
    """Import the zip's handler in a Python without packages, and hand it the events."""
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(folder)
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", CALL, str(folder)],
        input=json.dumps(events),
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], **ENVIRONMENT},
    )


def test_the_zip_alone_answers_by_the_contract_in_it(tree: Path, tmp_path: Path) -> None:
    build_bundle(tmp_path / "built", tree)
    events = [
        event("GET", "/shelves"),
        event("POST", "/shelves", body={"name": "n"}),
        event("GET", "/shelves/a") | {"resource": "/shelves/{id}", "pathParameters": {"id": "a"}},
    ]
    done = answers(bundle_zip("shelves", tmp_path / "built"), tmp_path / "unpacked", events)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [(one["statusCode"], json.loads(one["body"]).get("code")) for one in told] == [
        (200, None),
        (201, None),
        (404, "not_found"),
    ]
    assert [json.loads(one["body"]) for one in told[:2]] == [{"limit": 5}, {"name": "n", "kind": "oak"}]


def test_an_operation_without_a_function_is_told_by_the_bundle_and_by_the_import(tree: Path, tmp_path: Path) -> None:
    handler = tree / "lambda" / "shelves" / "handler.py"
    build_bundle(tmp_path / "built", tree)
    handler.write_text(HANDLER.replace('@app.answers("getShelf")\n', ""))
    with pytest.raises(HarnessError, match=r"^lambda/shelves: no function answers getShelf -> "):
        build_bundle(tmp_path / "built", tree)
    with zipfile.ZipFile(bundle_zip("shelves", tmp_path / "built")) as archive:
        archive.extractall(tmp_path / "unpacked")
    with zipfile.ZipFile(tmp_path / "changed.zip", "w") as changed:
        changed.write(handler, "shelves/handler.py")
    done = answers(tmp_path / "changed.zip", tmp_path / "unpacked", [])
    assert done.returncode == 1
    assert "rest.app.AppError: no function answers getShelf: write one for each" in done.stderr
