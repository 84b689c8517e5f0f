"""Probe of gap_sealed_environment."""

from __future__ import annotations

from typing import Any

from tests.local.gaps.conftest import Emulator, allow, as_role, make_function

_READS = allow("lambda:Get*", "lambda:List*")


def _function(emulator: Emulator, *, keyed: bool) -> str:
    key = str(emulator.client("kms").create_key()["KeyMetadata"]["Arn"])
    make_function(emulator, "secretive")
    emulator.client("lambda").update_function_configuration(
        FunctionName="secretive", Environment={"Variables": {"A": "told"}}, **({"KMSKeyArn": key} if keyed else {})
    )
    return key


def _seen(client: Any) -> list[Any]:
    shown = client.get_function(FunctionName="secretive")["Configuration"]
    listed = next(one for one in client.list_functions()["Functions"] if one["FunctionName"] == "secretive")
    return [one["Environment"] for one in (shown, client.get_function_configuration(FunctionName="secretive"), listed)]


def test_stock_still_shows_variables_to_everybody(stock: Emulator) -> None:
    _function(stock, keyed=True)
    seen = _seen(as_role(stock, "reads", _READS)("lambda"))
    assert seen == [{"Variables": {"A": "told"}}] * 3, "upstream hides them: delete gap_sealed_environment"


def test_variables_are_shown_to_who_may_decrypt(filled: Emulator) -> None:
    key = _function(filled, keyed=True)
    sealed = _seen(as_role(filled, "reads", _READS)("lambda"))
    assert [one["Error"]["ErrorCode"] for one in sealed] == ["AccessDeniedException"] * 3
    assert all("Variables" not in one for one in sealed)
    via = {"kms:ViaService": "lambda.eu-west-1.amazonaws.com"}
    decrypts = allow("kms:Decrypt", on=key, sid="Key", StringEquals=via)
    assert _seen(as_role(filled, "reads-all", _READS, decrypts)("lambda")) == [{"Variables": {"A": "told"}}] * 3
    assert _seen(filled.client("lambda")) == [{"Variables": {"A": "told"}}] * 3


def test_without_a_customers_key_everybody_sees_them(filled: Emulator) -> None:
    filled.client("lambda").delete_function(FunctionName="secretive")
    filled.client("iam").delete_role(RoleName="secretive")
    _function(filled, keyed=False)
    assert _seen(as_role(filled, "reads-plain", _READS)("lambda")) == [{"Variables": {"A": "told"}}] * 3
