"""Options are declared once and read from variables: what is accepted, and the one clear line for what is not."""

from __future__ import annotations

import ast
import re
from dataclasses import fields

import pytest

from harness.base.errors import UsageError
from harness.base.options import OPTIONS, Options, flag, read_options
from harness.base.paths import REPO, Target
from harness.base.verb_list import VERBS


def test_options_are_read_from_variables() -> None:
    source = {
        "ENV": "prod",
        "ALLOW_DESTROY": "module.a.b, module.c.d",
        "ALLOW_UNCOMPARED": "one,two",
        "REVEAL": "1",
        "PORT": "4600",
        "CONFIRM": "prod",
        "ARGS": "-k 'a b'",
    }
    options = read_options(source)
    assert options.acknowledged == ("module.a.b", "module.c.d")
    assert options.uncompared == ("one", "two")
    assert read_options({}).uncompared == ()
    assert (options.reveal, options.port, options.confirm, options.target) == (True, 4600, "prod", Target.LOCAL)
    assert options.arguments == "-k 'a b'"


def test_what_is_not_given_is_left_open() -> None:
    assert read_options({}) == read_options(dict.fromkeys(OPTIONS, "")) == Options()
    assert (Options().environment, Options().port, Options().pace, Options().quick) == ("", None, 1.0, False)


def test_only_what_a_verb_takes_is_read() -> None:
    """Another program's PORT is nothing to a plan."""
    assert read_options({"ENV": "live", "PORT": "any", "MODE": "fast"}, ("ENV",)) == Options(environment="live")


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        *(("PORT", port, "is not a port") for port in ("abc", "0", "70000", "-1", "\u00b2", "\u0661")),
        ("TARGET", "cloud", "is not a target"),
        ("PACE", "0.5", "is not a pace"),
        ("PACE", "fast", "is not a pace"),
        ("REVEAL", "on", "is neither yes nor no"),
    ],
)
def test_a_wrong_value_is_refused_by_both_names(variable: str, value: str, problem: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_options({variable: value})
    assert refused.value.tried == f"{flag(variable)} / {variable}={value} {problem}"
    assert refused.value.remedy


def test_waits_are_not_shortened_on_aws() -> None:
    with pytest.raises(UsageError, match="PACE=60 is for the local AWS"):
        read_options({"PACE": "60", "TARGET": "aws"})


@pytest.mark.parametrize(("text", "on"), [("1", True), ("true", True), ("YES", True), ("0", False), ("no", False)])
def test_a_switch_is_on_or_off(text: str, on: bool) -> None:
    assert read_options({"WRITE": text}).write is on


def test_every_option_is_declared_and_taken_by_a_verb_and_every_verb_takes_declared_ones() -> None:
    assert {name for name, _ in OPTIONS.values()} == {one.name for one in fields(Options)}
    assert {variable for verb in VERBS.values() for variable in verb.takes} == set(OPTIONS)
    assert [name for name, verb in VERBS.items() if len(set(verb.takes)) != len(verb.takes)] == []


def test_options_are_read_in_one_place() -> None:
    """Nobody else asks the environment for one by its name."""
    found = []
    for file in sorted((REPO / "scripts").rglob("*.py")):
        text = file.read_text()
        if not re.search(r"\b(environ|getenv)\b", text):
            continue
        for node in ast.walk(ast.parse(text)):
            place = node.slice if isinstance(node, ast.Subscript) else None
            asked = node.args[0] if isinstance(node, ast.Call) and node.args else place
            if isinstance(asked, ast.Constant) and asked.value in OPTIONS:
                found.append(f"{file.relative_to(REPO)}: {ast.unparse(node)}")
    of_declaration = "scripts/harness/base/options.py"
    allowed = ("wrong(", "_option(")
    assert [
        one for one in found if not one.startswith(of_declaration) and not one.split(": ")[1].startswith(allowed)
    ] == []
