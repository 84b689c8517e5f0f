"""Put another version of a deployed function behind its alias for a while, as a bad release would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.clone import Clone
from tests.support.deployed import Deployed

_REAL = "REAL_MODULE"

SLOW = """
import importlib
import time

real = importlib.import_module("REAL_MODULE")

def handler(event, context):
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    time.sleep(float(headers.get("x-sleep", "0")))
    return real.handler(event, context)
"""
"""The deployed service, late by as many seconds as the request's header ``x-sleep`` says."""

BAD = """
import time

def handler(event, context):
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    if headers.get("x-fault") == "crash":
        raise RuntimeError("broken release")
    time.sleep(8.6)
    return {"statusCode": 200, "body": "{}"}
"""
"""Crashes, or takes more than 80 % of the function's time-out. Loads nothing, so that many can start at once."""


@contextmanager
def released(aws: Any, clone: Clone, deployed: Deployed, source: str, service: str = "") -> Iterator[None]:
    """Serve ``source``, a module with a ``handler``; then go back and leave no trace.

    The deployed code comes along where the source names ``REAL_MODULE``, the module of its handler.

    Args:
        aws: gives clients.
        clone: the tree that was deployed.
        deployed: the environment.
        source: code of the module.
        service: whose function; empty: of the only one.
    """
    functions, there = aws("lambda"), deployed.function_of(service)
    name = there["name"]
    alias = {"FunctionName": name, "Name": there["alias"]}
    package = (clone.root / "build" / "bundle" / f"{there['service']}.zip").read_bytes()
    before = functions.get_alias(**alias)["FunctionVersion"]
    handler = functions.get_function_configuration(FunctionName=name)["Handler"]
    functions.update_function_configuration(FunctionName=name, Handler="released.handler")
    code = _package(package, source, handler.rpartition(".")[0])
    version = functions.update_function_code(FunctionName=name, ZipFile=code, Publish=True)["Version"]
    functions.update_alias(**alias, FunctionVersion=version)
    try:
        yield
    finally:
        functions.update_alias(**alias, FunctionVersion=before)
        functions.update_function_configuration(FunctionName=name, Handler=handler)
        functions.update_function_code(FunctionName=name, ZipFile=package)
        functions.delete_function(FunctionName=name, Qualifier=version)


def _package(deployed: bytes, source: str, module: str) -> bytes:
    buffer = io.BytesIO(deployed if _REAL in source else b"")
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("released.py", source.replace(_REAL, module))
    return buffer.getvalue()
