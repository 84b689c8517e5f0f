"""Probe of gap_alias_weights."""

from __future__ import annotations

from collections import Counter

from tests.local.gaps.conftest import Emulator, Stack, make_stack

_CALLS = 30
# With weight 0.5 the odds that one of the two versions gets none of 30 calls are 2 in 10**9.


def _weighted(emulator: Emulator, name: str) -> Stack:
    stack = make_stack(emulator, name)
    functions = emulator.client("lambda")
    functions.update_function_configuration(FunctionName=name, MemorySize=256)
    assert functions.publish_version(FunctionName=name)["Version"] == "2"
    functions.update_alias(
        FunctionName=name, Name="live", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}}
    )
    return stack


def test_stock_still_sends_every_call_to_the_primary_version(stock: Emulator) -> None:
    stack = _weighted(stock, "weighted")
    versions = Counter(stack.get().body for _ in range(_CALLS))
    assert versions == {"1": _CALLS}, "upstream follows weights: delete gap_alias_weights"


def test_both_versions_are_called_through_the_api_and_directly(filled: Emulator) -> None:
    stack = _weighted(filled, "weighted")
    assert set(Counter(stack.get().body for _ in range(_CALLS))) == {"1", "2"}
    functions = filled.client("lambda")
    direct = Counter(
        functions.invoke(FunctionName="weighted", Qualifier="live", Payload=b"{}")["ExecutedVersion"]
        for _ in range(_CALLS)
    )
    assert set(direct) == {"1", "2"}


def test_without_weights_only_the_primary_version_is_called(filled: Emulator) -> None:
    stack = _weighted(filled, "unweighted")
    filled.client("lambda").update_alias(
        FunctionName="unweighted", Name="live", FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {}}
    )
    assert {stack.get().body for _ in range(10)} == {"2"}
