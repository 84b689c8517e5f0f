"""All rules over a document, all their problems at once."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.contract import constraints, inputs, keywords, routing, standard, trial
from harness.contract.grammar import walk
from harness.contract.located import Fault, Loaded, Problem, located


def check(loaded: Loaded) -> tuple[Problem, ...]:
    """Return everything that is wrong with a contract, by line; nothing when it can be served as it is written."""
    if loaded.problems:
        return loaded.problems
    version = loaded.document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3.0."):
        said = constraints.shown(version) if "openapi" in loaded.document else "missing"
        fault = Fault(
            ("openapi",), f"openapi is {said}, not a version 3.0.x", "write openapi: 3.0.3, and the document in it"
        )
        return located([fault], loaded.lines)
    return located(_faults(loaded.document), loaded.lines)


def _faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    places = list(walk(document))
    ours = [
        *routing.faults(document, places),
        *inputs.faults(document),
        *keywords.faults(document),
        *constraints.faults(document, places),
    ]
    told = {fault.path for fault in ours}
    ours += (fault for fault in standard.structural(document) if fault.path not in told)
    ours += standard.values(document, places, {fault.path for fault in ours})
    ours = ours or list(standard.remaining(document))
    yield from ours or trial.faults(document)
