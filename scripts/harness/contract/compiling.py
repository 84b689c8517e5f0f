"""From the text of a contract to its canonical JSON, or one error with every problem in it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.base.errors import HarnessError
from harness.contract.checking import check
from harness.contract.gathering import gathered
from harness.contract.located import Problem
from harness.contract.yaml12 import load


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
