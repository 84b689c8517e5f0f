"""Instance keys that look like addresses hide nothing: references through them are followed to their end."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.base.errors import PlanFormatError
from harness.plan import ValueMissingError, read_plan
from harness.plan.addresses import instance_key, pieces, plain_address
from harness.plan.configuration import module_names
from harness.rules.relations import referred

PLAN = read_plan((Path(__file__).parent / "recorded" / "keys.json").read_bytes())
KEYS = {
    "dotted": "x.y",
    "bracketed": "a[0]",
    "quoted": 'q"uote',
    "escaped": "ü\\back",
    "dollar": "${dollar}",
    "percent": "%{percent}",
    "broken": "line\nfeed",
    "address": 'module.b["c"]',
}
OF_CHILD = "module.child.terraform_data.this.id"


@pytest.mark.parametrize("name", KEYS)
def test_a_reference_is_followed_through_every_key(name: str) -> None:
    found = PLAN.references(f"terraform_data.{name}", "input")
    assert OF_CHILD in found
    assert len(found) == 2


@pytest.mark.parametrize(("name", "key"), KEYS.items())
def test_the_instance_that_is_referred_to_is_found(name: str, key: str) -> None:
    found = referred(PLAN, PLAN.resource(f"terraform_data.{name}"), "input", "terraform_data")
    assert key in [one.index for one in found if one.module == ""]
    assert [one.index for one in found if one.module == "" and one.name == "keyed"] == [key]


@pytest.mark.parametrize("key", KEYS.values())
def test_the_module_of_an_address_is_read(key: str) -> None:
    (found,) = [one for one in PLAN.resources.values() if one.module and instance_key(pieces(one.module)[1]) == key
                and "chained" in one.module]  # fmt: skip
    assert module_names(found.module) == ("chained",)
    assert pieces(found.address)[2:] == ("terraform_data", "this")


def test_each_of_a_module_is_what_it_was_called_for() -> None:
    chained = next(one for one in PLAN.resources.values() if one.module.startswith("module.chained"))
    assert PLAN.references(chained.address, "input") == {"module.child"}


def test_a_missing_resource_below_such_a_key_names_its_like() -> None:
    with pytest.raises(ValueMissingError, match=r"did you mean terraform_data\."):
        PLAN.resource('module.child["x.y"].terraform_data.that')


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("aws_x.y", ("aws_x", "y")),
        ('module.a["x.y"].id', ("module", 'a["x.y"]', "id")),
        ('a.b["]"].c[0][1]', ("a", 'b["]"]', "c[0][1]")),
        (r'a.b["\".\\"].c', ("a", r'b["\".\\"]', "c")),
        ("a.b[*].c", ("a", "b[*]", "c")),
    ],
)
def test_pieces(address: str, expected: tuple[str, ...]) -> None:
    assert pieces(address) == expected


@pytest.mark.parametrize("text", ["a..b", 'a["x', "a]b", "a.", "a[b[c]]"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(PlanFormatError, match="not an address"):
        pieces(text)


@pytest.mark.parametrize(("piece", "key"), [("a", None), ("a[7]", 7), ("a[*]", None), ('a["7"]', "7"), ('a[""]', "")])
def test_keys(piece: str, key: object) -> None:
    found = instance_key(piece)
    assert (found, type(found)) == (key, type(key))


def quoted(key: str) -> str:
    """Quote a key as Terraform does (``addrs.StringKey``)."""
    plain = {"\n": r"\n", "\r": r"\r", "\t": r"\t", '"': r"\"", "\\": r"\\"}
    text = ""
    for at, letter in enumerate(key):
        if letter in "$%" and key[at + 1 : at + 2] == "{":
            text += letter * 2
        elif letter in plain:
            text += plain[letter]
        elif letter.isprintable():
            text += letter
        else:
            text += f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
    return f'["{text}"]'


@given(key=st.text() | st.text(alphabet='$%{}."[]\\n'))
def test_any_key_is_read_as_it_was_written(key: str) -> None:
    address = f"module.a{quoted(key)}.aws_x.y{quoted(key)}"
    parts = pieces(address)
    assert len(parts) == 4
    assert {instance_key(parts[1]), instance_key(parts[3])} == {key}
    assert plain_address(address) == "module.a.aws_x.y"
