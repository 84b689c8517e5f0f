"""Trimming: whole entries go or stay, everything else is kept as it came, and bad bytes are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fastlane.schema import Schema, SchemaFormatError, field_numbers


def field(number: int, content: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def entry(map_number: int, name: str, schema: bytes) -> bytes:
    return field(map_number, field(1, name.encode()) + field(2, schema))


PROVIDER, META, CAPABILITIES = field(1, b"provider"), field(5, b"meta"), field(6, b"\x08\x01")
FUNCTION, LATER = entry(7, "arn_parse", b"f"), varint(99 << 3 | 0) + varint(7)
TABLE, TOPIC = entry(2, "aws_dynamodb_table", b"t" * 300), entry(2, "aws_sns_topic", b"s")
TOPIC_DATA, SECRET = entry(3, "aws_sns_topic", b"d"), entry(8, "aws_secret", b"e")
RAW = TABLE + PROVIDER + TOPIC + META + TOPIC_DATA + FUNCTION + SECRET + CAPABILITIES + LATER


def test_only_the_types_in_use_are_left_and_nothing_else_is_lost() -> None:
    trimmed = Schema.parse(RAW).trimmed(["aws_sns_topic", "aws_no_such_thing"])

    assert trimmed == PROVIDER + META + FUNCTION + CAPABILITIES + LATER + TOPIC + TOPIC_DATA


def test_all_types_can_be_had_back() -> None:
    schema = Schema.parse(RAW)

    assert sorted(schema.entries) == ["aws_dynamodb_table", "aws_secret", "aws_sns_topic"]
    assert Schema.parse(schema.whole()) == schema


@pytest.mark.parametrize(
    "raw",
    [b"", TABLE, PROVIDER, RAW + field(4, b"an error diagnostic"), RAW[:-1], RAW[: len(TABLE) - 1], b"\x0b" + RAW],
    ids=["nothing", "no provider", "no types", "diagnostics", "cut in a number", "cut in a type", "group wire type"],
)
def test_what_is_no_schema_answer_is_refused(raw: bytes) -> None:
    with pytest.raises(SchemaFormatError):
        Schema.parse(raw)


def test_an_entry_without_a_name_is_refused() -> None:
    with pytest.raises(SchemaFormatError, match="without a key"):
        Schema.parse(PROVIDER + field(2, field(2, b"schema")))


@given(st.lists(st.tuples(st.integers(1, 200), st.binary(max_size=300)), max_size=8))
def test_any_message_is_read_to_its_end(parts: list[tuple[int, bytes]]) -> None:
    message = b"".join(field(number, content) for number, content in parts)

    assert field_numbers(message) == {number for number, _ in parts}


@given(st.binary(max_size=60))
def test_no_bytes_make_the_reader_hang_or_fail_otherwise(raw: bytes) -> None:
    try:
        schema = Schema.parse(raw)
    except SchemaFormatError:
        return
    assert schema.entries
