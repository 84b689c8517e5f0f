"""Probe of gap_role_keys."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tests.local.gaps.conftest import Emulator, Stack, make_stack
from tests.support.signing import signed_headers

from harness.localaws import control

_PATH = "/?Action=GetCallerIdentity&Version=2011-06-15"


def _identity(emulator: Emulator, keys: dict[str, str]) -> str:
    """Ask who the owner of the keys is; what is answered, also to nobody's."""
    signed = signed_headers(control.environment(emulator.local) | keys, "sts", emulator.local.endpoint + _PATH)
    return emulator.http(_PATH, headers=signed).body


def _computed(stack: Stack) -> dict[str, str]:
    """Compute what the keys of a stack's function are without having seen them."""
    role = stack.emulator.client("lambda").get_function(FunctionName=stack.name)["Configuration"]["Role"]
    digest = hashlib.sha256(f"{stack.function_arn}:{role}".encode()).hexdigest()
    return {
        "AWS_ACCESS_KEY_ID": f"ASIA{digest[:16].upper()}",
        "AWS_SECRET_ACCESS_KEY": hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
        "AWS_SESSION_TOKEN": hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
    }


def _own(stack: Stack) -> dict[str, str]:
    """Return the variables that a function has, which are all of those of AWS's."""
    found: dict[str, Any] = json.loads(stack.get("variables").body)
    return found


def test_stock_still_lets_anybody_compute_them(stock: Emulator) -> None:
    stack = make_stack(stock, "computed")
    assert stack.get().status == 200
    assert ":assumed-role/computed/" in _identity(stock, _computed(stack)), (
        "upstream makes keys at random: delete gap_role_keys"
    )


def test_a_function_has_keys_of_its_role_that_nobody_can_compute(filled: Emulator) -> None:
    stack = make_stack(filled, "computed")
    own = _own(stack)
    assert ":assumed-role/computed/computed" in _identity(filled, own)
    assert "InvalidClientTokenId" in _identity(filled, _computed(stack))
    root = control.environment(filled.local)
    assert not {root["AWS_ACCESS_KEY_ID"], root["AWS_SECRET_ACCESS_KEY"]} & set(own.values())


def test_each_function_has_its_own_and_keeps_them(filled: Emulator) -> None:
    first, second = make_stack(filled, "kept-keys"), make_stack(filled, "other-keys")
    assert _own(first) == _own(first)
    assert _own(first)["AWS_ACCESS_KEY_ID"] != _own(second)["AWS_ACCESS_KEY_ID"]
