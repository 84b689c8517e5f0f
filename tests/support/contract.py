"""Contracts under test, as gateway and functions get them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, cast

from harness.base.paths import contract_source
from harness.bundle.compiled import compiled_contract


def document(service: str) -> dict[str, Any]:
    """Return the canonical contract of a service, made of the working tree's YAML; a copy, to change at will."""
    return cast(dict[str, Any], json.loads(text(service)))


@cache
def text(service: str) -> bytes:
    """Compile the contract of a service, once a session."""
    return compiled_contract(contract_source(service))
