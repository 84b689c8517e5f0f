"""Probe of gap_repeated_values."""

from __future__ import annotations

from tests.local.gaps.conftest import Stack

_TWICE = (("x-twice", "1"), ("X-Twice", "2, 3"))


def test_stock_still_takes_the_first_and_joins_lines(stock_stack: Stack) -> None:
    event = stock_stack.event("/do/ok?a=1&a=2", *_TWICE)
    assert event["queryStringParameters"] == {"a": "1"}, "upstream takes the last: thin gap_repeated_values out"
    assert event["multiValueHeaders"]["x-twice"] == ["1, 2, 3"], "upstream keeps lines: thin gap_repeated_values out"
    assert stock_stack.event("/do/ok?a=1;b=2")["queryStringParameters"] == {"a": "1;b=2"}


def test_the_last_value_is_the_single_one_and_all_are_kept(filled_stack: Stack) -> None:
    event = filled_stack.event("/do/ok?a=1&b=&a=2", *_TWICE)
    assert event["queryStringParameters"] == {"a": "2", "b": ""}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": [""]}
    assert event["headers"]["x-twice"] == "2, 3"
    assert event["multiValueHeaders"]["x-twice"] == ["1", "2, 3"]


def test_parameters_are_decoded_and_split_at_semicolons(filled_stack: Stack) -> None:
    event = filled_stack.event("/do/ok?%61=%2B+%26&b=1;c=2&d=%FF&e")
    assert event["queryStringParameters"] == {"a": "+ &", "b": "1", "c": "2", "d": "\ufffd", "e": ""}


def test_no_parameters_are_null(filled_stack: Stack) -> None:
    event = filled_stack.event("/do/ok?")
    assert (event["queryStringParameters"], event["multiValueQueryStringParameters"]) == (None, None)
