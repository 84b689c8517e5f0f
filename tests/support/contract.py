"""The contract under test, as gateway and function get it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, cast

from harness.base.paths import contract_source
from harness.bundle.compiled import compiled_contract
from harness.facts import service_names


def document() -> dict[str, Any]:
    """Return the canonical contract, made of the working tree's YAML; a copy of one's own, to change at will."""
    return cast(dict[str, Any], json.loads(text()))


@cache
def text() -> bytes:
    """Compile the contract, once a session."""
    return compiled_contract(contract_source(service_names()[0]))
