"""From the text of a contract to its canonical JSON, or one error with every problem of all rules in it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.base.errors import HarnessError
from harness.contract import constraints, inputs, keywords, routing, standard, trial
from harness.contract.gathering import gathered
from harness.contract.grammar import walk
from harness.contract.located import Fault, Loaded, Problem, located
from harness.contract.yaml12 import load


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


class ContractError(HarnessError):
    """The contract cannot be served as it is written."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = (f"{file}:{one.line}: {one.wrong}: {one.instead}" for one in problems)
        super().__init__("\n".join((f"{file} has {count} -> correct each, then run the same command again", *lines)))
        self.problems = tuple(problems)


def read_contract(file: Path, shown: str) -> bytes:
    """Read a contract's text.

    Raises:
        HarnessError: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise HarnessError(f"{shown} cannot be read: {error.strerror}", "restore the contract") from error


def compile_text(data: bytes, shown: str) -> bytes:
    """Return the canonical JSON of a contract's text.

    Raises:
        ContractError: something is wrong with it; holds every problem.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ContractError(shown, [Problem(line, "this is no UTF-8", "save the file as UTF-8")]) from None
    loaded = load(text)
    problems = check(loaded)
    if problems:
        raise ContractError(shown, problems)
    return canonical(loaded.document)


def canonical(document: Mapping[str, Any]) -> bytes:
    """Write a contract as the one JSON that everybody reads: sorted, compact, UTF-8.

    Every operation holds all of its parameters and its request body: what stands at its path, or is a reference to a
    component, is put there, so that no reader has to look for it.
    """
    whole = gathered(document)
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode()
