"""Probe of gap_lambda_actions."""

from __future__ import annotations

from typing import Any

from tests.local.gaps.conftest import Emulator, allow, as_role, make_function, refused

_ACCOUNT = "arn:aws:lambda:eu-west-1:000000000000:function"


def test_stock_still_takes_a_change_of_an_alias_for_a_list(stock: Emulator) -> None:
    make_function(stock, "aliased")
    client = as_role(stock, "lists", allow("lambda:ListAliases"))("lambda")
    client.update_alias(FunctionName="aliased", Name="live", Description="changed")
    client.delete_alias(FunctionName="aliased", Name="live")  # upstream refuses: delete gap_lambda_actions


def test_each_operation_is_an_action_of_its_own(filled: Emulator) -> None:
    make_function(filled, "aliased")
    client = as_role(filled, "lists", allow("lambda:ListAliases"))("lambda")
    alias: dict[str, Any] = {"FunctionName": "aliased", "Name": "live"}
    asked = {
        "lambda:GetAlias": lambda: client.get_alias(**alias),
        "lambda:UpdateAlias": lambda: client.update_alias(**alias),
        "lambda:DeleteAlias": lambda: client.delete_alias(**alias),
        "lambda:GetFunctionConcurrency": lambda: client.get_function_concurrency(FunctionName="aliased"),
        "lambda:DeleteFunctionConcurrency": lambda: client.delete_function_concurrency(FunctionName="aliased"),
        "lambda:GetAccountSettings": client.get_account_settings,
        "lambda:InvokeFunction": lambda: client.invoke(FunctionName="aliased"),
    }
    assert {action: refused(call) for action, call in asked.items()} == {action: action for action in asked}
    assert refused(lambda: client.list_aliases(FunctionName="aliased")) == ""


def test_an_alias_is_not_its_function(filled: Emulator) -> None:
    make_function(filled, "qualified")
    named = allow("lambda:GetFunctionConfiguration", on=f"{_ACCOUNT}:qualified")
    client = as_role(filled, "of-the-function-alone", named)("lambda")
    assert refused(lambda: client.get_function_configuration(FunctionName="qualified")) == ""
    asked = {"FunctionName": "qualified", "Qualifier": "live"}
    assert refused(lambda: client.get_function_configuration(**asked)) == "lambda:GetFunctionConfiguration"
