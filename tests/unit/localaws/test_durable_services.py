"""A service is saved again when its state changed, if only in code that is counted by its hash."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from harness.localaws.durable_services import _fingerprint, _values

_functions: dict[str, Any] = {}


def get_state() -> Any:
    return _functions


@pytest.mark.parametrize("with_code", [False, True])
def test_a_change_of_code_alone_is_a_change(with_code: bool) -> None:
    def fingerprint(code: bytes) -> int | None:
        _functions["orders"] = {"name": "orders", "code": b"newest", "versions": {"1": [{"code": code}]}}
        return _fingerprint(partial(_values, get_state, with_code))

    assert fingerprint(b"one") == fingerprint(bytes([*b"one"])) is not None
    assert fingerprint(b"one") != fingerprint(b"two")
