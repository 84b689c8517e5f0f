"""Text edits of YAML and HCL: keys are found by their place alone, and what is laid out otherwise is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from harness.scaffold.hcl_text import HclText
from harness.scaffold.naming import camel, singular, snake
from harness.scaffold.tree_edits import ScaffoldError
from harness.scaffold.yaml_text import YamlText, names_in, scalar

TEXT = """\
# Head.
---
title: |
  paths:
    /fake: {}

# About paths.
paths:
  # The first.
  /a/{id}:
    get: {operationId: getA}   # read
    description: >
      get:
        no key
  "/b: c": {}
  '/d':
  - 1
  - paths: no
# Trailing.

last: "x # y"  # z
"""


def at(text: str) -> YamlText:
    return YamlText(Path("a.yaml"), text)


def test_keys_are_those_of_their_level() -> None:
    text = at(TEXT)
    assert [key.name for key in text.held()] == ["title", "paths", "last"] == [*yaml.safe_load(TEXT)]
    assert [key.name for key in text.held(text.need("paths"))] == ["/a/{id}", "/b: c", "/d"]
    assert [key.name for key in text.held(text.need("paths", "/a/{id}"))] == ["get", "description"]
    assert text.find("paths", "/a/{id}", "put") is None
    assert text.need("last").value == '"x # y"'


def test_a_key_goes_with_the_comments_above_it() -> None:
    text = at(TEXT)
    assert text.cut(text.need("paths", "/a/{id}")).text == TEXT.replace(
        TEXT[TEXT.index("  # The first.") : TEXT.index('  "/b: c"')], ""
    )
    assert text.cut(text.need("last")).text.endswith("# Trailing.\n")
    assert "About paths" not in text.cut(text.need("paths")).text


@pytest.mark.parametrize(
    ("line", "value", "expected"),
    [
        ("a: 1 # b", "22", "a: 22 # b"),
        ("a: long   # b", "x", "a: x      # b"),
        ("a: 'x # y' # b", "z", "a: z       # b"),
        ("a: 1", "2", "a: 2"),
        ("GET /a:b/{c}: 40 # most", "5", "GET /a:b/{c}: 5  # most"),
    ],
)
def test_a_value_is_put_and_the_comment_stays(line: str, value: str, expected: str) -> None:
    text = at(line)
    assert text.put(text.held()[0], value).text == f"{expected}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n  b: 1\n ? c\n", "a.yaml:3: a key was expected here"),
        ("a: {b: 1}\n", "a.yaml:1: a does not hold its keys on lines of their own"),
        ("a: &x\n  b: 1\n", "a.yaml:1: a does not hold its keys"),
        ("a:\n  &x b: 1\n", "a.yaml:2: a key was expected here"),
        ("a:\n  b: {\n  c: 1}\n  }\n", "a.yaml:4: a key was expected here"),
        ("c: 1\n", "a.yaml has no a"),
    ],
)
def test_another_layout_is_refused_by_its_line(text: str, said: str) -> None:
    with pytest.raises(ScaffoldError, match=said):
        at(text).held(at(text).need("a"))


@pytest.mark.parametrize("name", ["shop", "web.shop", "123", "1e3", "true", "off", "No", "null", "a-b_c", "0x1f", "~"])
def test_a_name_is_read_back_as_it_was(name: str) -> None:
    assert yaml.safe_load(f"a: {scalar(name)} # b")["a"] == name
    assert [*yaml.safe_load(f"{scalar(name)}: 1")] == [name]


def test_names_are_found_in_block_and_in_flow() -> None:
    assert [*names_in("a: one\n- {a: 'two', ba: no}\n  a: \"three\"\n", "a")] == ["one", "two", "three"]


VALUES = """\
locals {
  services = {
    # The first.
    one = {
      memory_mb = 512 # small
      share     = 60
    }

    # Short.
    two = { memory_mb = 256, share = 40 }
  }
  tables = {}
}
"""


def values(text: str = VALUES) -> HclText:
    return HclText(Path("locals.tf"), text)


def test_entries_are_read_with_their_values() -> None:
    one, two = values().entries("services")
    assert (one.name, one.value("memory_mb"), one.value("share"), one.value("timeout_seconds")) == (
        "one",
        "512",
        "60",
        "",
    )
    assert (two.name, two.value("memory_mb"), two.value("share")) == ("two", "256", "40")
    assert values().entries("tables") == ()


def test_entries_come_go_and_change() -> None:
    text = values().add("tables", "one", {"recovery_days": "35", "deletion_protection_enabled": "true"})
    made = "    one = {\n      recovery_days               = 35\n      deletion_protection_enabled = true\n    }\n"
    assert f"  tables = {{\n{made}  }}\n" in text.text
    assert text.cut("tables", "one").text == VALUES
    assert "share     = 25\n" in values().put("services", "one", "share", "25").text
    assert "{ memory_mb = 256, share = 75 }" in values().put("services", "two", "share", "75").text
    assert "{ memory_mb = 1, share = 40 }" in values().put("services", "two", "memory_mb", "1").text
    assert values().cut("services", "none").text == VALUES
    left = values().cut("services", "one").cut("services", "two").text
    assert left == "locals {\n  services = {}\n  tables = {}\n}\n"


def test_a_comment_is_no_value() -> None:
    text = values(VALUES.replace("# small", "# of two, share = 1").replace("# The first.", "# share = 2"))
    assert text.numbers("services", "share") == {"one": 60, "two": 40}
    changed = text.put("services", "one", "share", "25").text
    assert changed == text.text.replace("share     = 60", "share     = 25")


def test_what_is_no_number_is_refused_by_its_line() -> None:
    with pytest.raises(ScaffoldError, match=r"locals\.tf:6: share is no number"):
        values(VALUES.replace("= 60", "= local.most")).numbers("services", "share")


def test_an_entry_is_not_added_twice() -> None:
    with pytest.raises(ScaffoldError, match=r"locals\.tf has two in services already"):
        values().add("services", "two", {"memory_mb": "1"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("locals {\n}\n", "locals.tf has no services"),
        ("locals {\n  services = { one = {} }\n}\n", "locals.tf:2: services does not hold its entries"),
        (
            "locals {\n  services = {\n    one = merge({}, {})\n  }\n}\n",
            "locals.tf:3: an entry of services was expected",
        ),
        ("locals {\n  services = {\n    one = {\n", "locals.tf:2: this is closed nowhere"),
    ],
)
def test_another_layout_of_values_is_refused(text: str, said: str) -> None:
    with pytest.raises(ScaffoldError, match=said):
        values(text).entries("services")


@pytest.mark.parametrize(
    ("plural", "one"),
    [("orders", "order"), ("boxes", "box"), ("addresses", "address"), ("entries", "entry"), ("stock", "stock"),
     ("status", "status"), ("address", "address"), ("my-orders", "my-order"), ("cases", "case"), ("s", "s")],
)  # fmt: skip
def test_a_singular_is_the_words_own(plural: str, one: str) -> None:
    assert singular(plural) == one


def test_words_are_joined() -> None:
    assert camel("my_old-orders", "v2") == "MyOldOrdersV2"
    assert snake("createMyOrder2Line") == "create_my_order2_line"
