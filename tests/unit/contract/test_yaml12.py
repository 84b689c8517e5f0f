"""YAML as its version 1.2 has it, every value on its line, and problems where others raise."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contract.yaml12 import load

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=30,
)


def told(text: str) -> list[str]:
    return [f"{one.line}: {one.wrong}: {one.instead}" for one in load(text).problems]


def value(text: str) -> Any:
    """The value of a scalar, as it stands in a mapping."""
    loaded = load(f"it: {text}\n")
    assert loaded.problems == ()
    return loaded.document["it"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((word, word) for word in ("on", "off", "yes", "no", "y", "N", "On", "tRUE", "2020-01-31", "12:30:45")),
        *((word, word) for word in ("0b11", "1e", "+", ".", "0o8", "0x", "=", "2020-01-31T12:00:00Z", "1.0.0", "1_0")),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, None) for word in ("null", "Null", "NULL", "~", "")),
        ("010", 10), ("0", 0), ("-0", 0), ("+7", 7), ("-012", -12), ("0o17", 15), ("0x1F", 31),
        ("1.5", 1.5), ("1.", 1.0), (".5", 0.5), ("-1e3", -1000.0), ("1E-2", 0.01), ("08.5", 8.5),
        ('"on"', "on"), ("'010'", "010"), ('"\\ud83d\\ude00"', "\U0001f600"), ("'true'", "true"), ('""', ""),
        ("[on, 010, ~]", ["on", 10, None]), ("{200: x, true: y, null: z}", {"200": "x", "true": "y", "null": "z"}),
    ],
)  # fmt: skip
def test_a_value_is_what_the_core_schema_says(text: str, expected: object) -> None:
    found = value(text)
    assert (found, type(found)) == (expected, type(expected))


def test_keys_are_the_text_as_it_is_written() -> None:
    text = "200: a\n010: b\non: c\n2020-01-31: d\n1.50: e\n'404': f\n"
    assert load(text).document == {"200": "a", "010": "b", "on": "c", "2020-01-31": "d", "1.50": "e", "404": "f"}


def test_aliases_are_written_out_and_merge_keys_merged() -> None:
    text = """
base: &base {a: 1, b: {c: 2}}
more: &more
  <<: *base
  a: 3
both:
  <<: [*more, {a: 4, d: 5}]
  e: *base
quoted: {"<<": *base}
"""
    base = {"a": 1, "b": {"c": 2}}
    assert load(text).document == {
        "base": base,
        "more": {"a": 3, "b": {"c": 2}},
        "both": {"a": 3, "b": {"c": 2}, "d": 5, "e": base},
        "quoted": {"<<": base},
    }


def test_every_key_and_value_has_its_line() -> None:
    text = "a: &x\n  b: 1\n  c:\n    - 2\n    -\n      d: 3\ne: *x\nf:\n  <<: *x\n  b: 4\n"
    lines = load(text).lines
    expected: dict[tuple[str | int, ...], int] = {
        ("a",): 1, ("a", "b"): 2, ("a", "c", 0): 4, ("a", "c", 1, "d"): 6,
        ("e",): 7, ("e", "b"): 2, ("e", "c", 1, "d"): 6, ("f", "b"): 10, ("f", "c"): 3, ("f", "c", 0): 4,
    }  # fmt: skip
    assert {path: lines.of(path) for path in expected} == expected
    assert lines.values["a", "c"] == 4 and lines.keys["a", "c"] == 3
    assert lines.of(("a", "missing", "deeper")) == 1 and lines.of(("nothing",)) == 1


@pytest.mark.parametrize("odd", ["\x85", "\u2028", "\u2029"], ids=ascii)
def test_lines_are_counted_as_editors_count_them(odd: str) -> None:
    """PyYAML ends a line at these characters, too."""
    lines = load(f"# a{odd}# b\r\na: 1\r# c\nb: 'x{odd}y'\nc: 2\n").lines
    assert [lines.of((key,)) for key in "abc"] == [2, 4, 5]
    assert told(f"# a{odd}# b\na: 1\nb: !x {odd}\n")[0].startswith("3: there is a tag")
    assert told(f"# a{odd}# b\na: [\n")[0].startswith("3: this is no YAML")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("paths: [", "1: this is no YAML"),
        ("a: b: c", "1: this is no YAML: mapping values are not allowed here"),
        ("a:\n\tb: 1", "2: there is a tab where YAML allows only spaces: indent with spaces"),
        ("a: 1\n---\nb: 2", "2: there is a second document: keep one document"),
        ("", "1: the document is empty"),
        ("# nothing\n", "1: the document is empty"),
        ("---\n", "1: the document is empty"),
        ("- a\n- b", "1: the top of the document is no mapping"),
        ("a text", "1: the top of the document is no mapping"),
        ("null", "1: the top of the document is no mapping"),
        ("a: 1\nb: 2\na: 3", '3: the key "a" stands twice, first in line 1: keep one of the two'),
        ('a: 1\n"a": 3', '2: the key "a" stands twice, first in line 1'),
        ("a: &x\n  b: *x", "1: an anchor holds an alias of itself"),
        ("a: &x\n  <<: *x\n  b: 1", "1: a mapping merges itself"),
        ("a: *x", "1: found undefined alias 'x': put the anchor (&name) before the alias"),
        ("a: &x 1\nb: &x 2", "2: found duplicate anchor 'x'"),
        ("a: {<<: [1]}", "1: << merges something that is no mapping"),
        ("a: 1\nb: !!binary aGk=", "2: there is a tag, tag:yaml.org,2002:binary: write the value without it"),
        ("a: !foo {b: 1}", "1: there is a tag, !foo"),
        ("a: !!str 1", "1: there is a tag, tag:yaml.org,2002:str"),
        ("a: ! 1", "1: there is a tag, !"),
        ("a: .inf", "1: JSON has no number .inf: write a finite number, or text in quotes"),
        ("a: -.INF", "1: JSON has no number -.INF"),
        ("a: [.nan]", "1: JSON has no number .nan"),
        ("a: 1e999", "1: JSON has no number 1e999"),
        ("a: " + "9" * 5000, "1: JSON has no number 99999999999999999999"),
        ("a: '\x07'", "1: there is a character that YAML does not allow"),
        ('a: "\\ud800"', "1: there is half a surrogate pair in a text"),
        ('"\\ud800": a', "1: there is half a surrogate pair in a key"),
        ("? [a]\n: b", "1: a key is no text"),
        ("a: " + "[" * 150 + "]" * 150, "1: the document is nested deeper than 100 levels"),
        ("a: " + "[" * 5000 + "]" * 5000, "1: the document is nested too deeply to be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_problem(text: str, problem: str) -> None:
    found = told(text)
    assert len(found) == 1 and found[0].startswith(problem), found
    assert "\n" not in found[0]
    assert load(text).document == {}


def test_all_that_is_not_syntax_is_told_at_once() -> None:
    text = "a: !x 1\nb: .inf\nb: 2\nc: {<<: 3}\n"
    assert [line.split(":")[0] for line in told(text)] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("link", ["[{}, {}, {}, {}, {}, {}, {}, {}]", "{{a: {}, b: {}, c: {}, d: {}, e: {}, f: {}}}"])
def test_aliases_of_aliases_do_not_fill_the_memory(link: str) -> None:
    lines = ["n0: &n0 [x]"]
    lines += [f"n{n}: &n{n} {link.format(*[f'*n{n - 1}'] * 8)}" for n in range(1, 30)]
    (problem,) = told("\n".join(lines))
    assert "aliases make more than 100,000 values" in problem


def test_merges_of_merges_do_not_take_for_ever() -> None:
    lines = ["n0: &n0 {x: 1}"]
    lines += [f"n{n}: &n{n} {{<<: [{', '.join([f'*n{n - 1}'] * 8)}]}}" for n in range(1, 30)]
    loaded = load("\n".join(lines))
    assert loaded.problems == () and loaded.document["n29"] == {"x": 1}


@given(st.dictionaries(st.text(max_size=20), JSON, max_size=5), st.sampled_from([None, 1]))
def test_any_json_document_is_read_as_json_reads_it(document: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(document, indent=indent)
    loaded = load(text)
    assert loaded.problems == ()
    assert json.dumps(loaded.document) == json.dumps(json.loads(text))
