"""Services behind a deployed stack: their contracts, and the requests that show that they live."""

import json
from typing import Any, cast

from harness.base.paths import contract_source
from harness.bundle.compiled import compiled_contract
from harness.facts import read_service
from harness.facts.script import Script, script_of
from harness.operate.deployed import Deployed


def contract_of(service: str) -> dict[str, Any]:
    """Return the canonical contract of a service.

    Raises:
        ContractError: something is wrong with it.
    """
    return cast(dict[str, Any], json.loads(compiled_contract(contract_source(service))))


def scripts_of(deployed: Deployed) -> tuple[Script, ...]:
    """Return the smoke requests of every service that is deployed.

    Raises:
        HarnessError: a service.yaml or a contract cannot be read, or a step means nothing to its contract.
    """
    return tuple(script_of(name, read_service(name), contract_of(name)) for name in deployed.services)
