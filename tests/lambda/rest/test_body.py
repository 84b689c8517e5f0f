"""Bodies: whatever comes in, a value or a Problem comes out."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rest import body
from rest.problems import Code, Problem

JSON = "application/json"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_no_depth_of_nesting_gets_through() -> None:
    """Between what the parser takes and what the writer, which looks for half pairs, takes, there is a gap of a few."""
    for depth in range(200, 1100):
        with contextlib.suppress(Problem):
            body.read_json("[" * depth + "]" * depth, False, JSON)


@given(VALUES)
def test_any_json_value_comes_through(value: object) -> None:
    text = json.dumps(value)
    assert body.read_json(text, False, JSON) == value
    assert body.read_json(base64.b64encode(text.encode()).decode(), True, "Application/JSON ; charset=UTF-8") == value


@given(st.text(st.characters(codec=None)), st.booleans(), st.none() | st.text())
def test_any_body_is_a_value_or_a_problem(text: str, is_base64: bool, content_type: str | None) -> None:
    for kind in (content_type, JSON):
        try:
            body.read_json(text, is_base64, kind)
        except Problem as problem:
            assert problem.status in (400, 413, 415)


@pytest.mark.parametrize(
    ("text", "is_base64", "content_type", "code"),
    [
        pytest.param("", False, JSON, Code.INVALID_BODY, id="empty"),
        pytest.param(None, False, None, Code.INVALID_BODY, id="none"),
        pytest.param("{}", False, None, Code.UNSUPPORTED_MEDIA_TYPE, id="no content type"),
        pytest.param("{}", False, "text/plain", Code.UNSUPPORTED_MEDIA_TYPE, id="text"),
        pytest.param("{}", False, "application/jsonx", Code.UNSUPPORTED_MEDIA_TYPE, id="like json"),
        pytest.param("{}", False, JSON + "; charset=latin-1", Code.UNSUPPORTED_MEDIA_TYPE, id="charset"),
        pytest.param(
            "{}", False, JSON + "; charset = latin-1", Code.UNSUPPORTED_MEDIA_TYPE, id="charset after a space"
        ),
        pytest.param("{", False, JSON, Code.INVALID_BODY, id="not json"),
        pytest.param('{"a":1,"a":1}', False, JSON, Code.INVALID_BODY, id="same key twice"),
        pytest.param('[{"b":{"a":1,"a":2}}]', False, JSON, Code.INVALID_BODY, id="same key twice inside"),
        pytest.param("1e999", False, JSON, Code.INVALID_BODY, id="too large for a float"),
        pytest.param("NaN", False, JSON, Code.INVALID_BODY, id="nan"),
        pytest.param("[-Infinity]", False, JSON, Code.INVALID_BODY, id="infinity"),
        pytest.param("[" * 100_000, False, JSON, Code.INVALID_BODY, id="deep"),
        pytest.param("[" * 100_000 + "]" * 100_000, False, JSON, Code.INVALID_BODY, id="deep and closed"),
        pytest.param("9" * 5000, False, JSON, Code.INVALID_BODY, id="number too long for Python"),
        pytest.param(r'"\ud800"', False, JSON, Code.INVALID_BODY, id="half a pair"),
        pytest.param(r'{"\udfff": 1}', False, JSON, Code.INVALID_BODY, id="half a pair as key"),
        pytest.param('"\ud800"', False, JSON, Code.INVALID_BODY, id="half a pair, raw"),
        pytest.param('"\ufffd"', False, JSON, Code.INVALID_BODY, id="bytes the gateway has replaced"),
        pytest.param("\ufeff{}", False, JSON, Code.INVALID_BODY, id="byte order mark"),
        pytest.param("%%%%", True, JSON, Code.INVALID_BODY, id="not base64"),
        pytest.param("é", True, JSON, Code.INVALID_BODY, id="not ASCII in base64"),
        pytest.param(base64.b64encode(b'"\xff"').decode(), True, JSON, Code.INVALID_BODY, id="not UTF-8"),
        pytest.param('"' + "x" * body.BODY_MAX_BYTES + '"', False, JSON, Code.BODY_TOO_LARGE, id="large"),
        pytest.param('"' + "é" * (body.BODY_MAX_BYTES // 2) + '"', False, JSON, Code.BODY_TOO_LARGE, id="bytes count"),
        pytest.param("A" * (body.BODY_MAX_BYTES * 2), True, JSON, Code.BODY_TOO_LARGE, id="large base64"),
    ],
)
def test_bad_bodies(text: str | None, is_base64: bool, content_type: str | None, code: Code) -> None:
    with pytest.raises(Problem) as caught:
        body.read_json(text, is_base64, content_type)
    assert caught.value.code is code


def test_the_largest_body_is_taken() -> None:
    text = '"' + "x" * (body.BODY_MAX_BYTES - 2) + '"'
    assert body.read_json(text, False, JSON) == body.read_json(base64.b64encode(text.encode()).decode(), True, JSON)
