"""The program's words become variables; what is misspelt or not taken is one line with the nearest match."""

from __future__ import annotations

import shlex

import pytest

from harness.base.command_line import notes_on, parser_of, read_call
from harness.base.errors import UsageError
from harness.base.options import OPTIONS, flag
from harness.base.verb_list import VERBS


@pytest.mark.parametrize(
    ("words", "name", "given"),
    [
        ([], "help", {}),
        (["--help"], "help", {}),
        (["--version"], "help", {"ARGS": "--version"}),
        (["-V"], "help", {"ARGS": "--version"}),
        (["plan"], "plan", {}),
        (["plan", "--env", "live"], "plan", {"ENV": "live"}),
        (
            ["plan", "--env=live", "--verbose", "--target", "aws"],
            "plan",
            {"ENV": "live", "VERBOSE": "1", "TARGET": "aws"},
        ),
        (["plan", "ENV=live", "VERBOSE=0"], "plan", {"ENV": "live", "VERBOSE": "0"}),
        (["destroy", "--allow-destroy", "a.b c.d"], "destroy", {"ALLOW_DESTROY": "a.b c.d"}),
        (["plan", "--env", "live", "-h"], "help", {"ARGS": "plan"}),
        (["restore", "--help"], "help", {"ARGS": "restore"}),
        (["help", "restore"], "help", {"ARGS": "restore"}),
        (["completion", "bash"], "completion", {"ARGS": "bash"}),
        (["test", "--", "-k", "a or b", "--help"], "test", {"ARGS": "-k 'a or b' --help"}),
        (["test", "tests/unit", "--args=-x", "--", "-k", "a"], "test", {"ARGS": "-x tests/unit -k a"}),
    ],
)
def test_words_become_variables(words: list[str], name: str, given: dict[str, str]) -> None:
    call = read_call(words)
    assert (call.name, call.given, call.verb) == (name, given, VERBS[name])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["pln"], "pln is not a verb -> did you mean plan?"),
        (["dance"], "dance is not a verb -> use one of: setup, up, "),
        (["--env", "live", "plan"], "--env is not a verb -> the verb comes first: scripts/blueprint VERB --env"),
        (["ENV=live", "plan"], "ENV=live is not a verb -> the verb comes first: scripts/blueprint VERB ENV=live"),
        (["--what-is-it"], "--what-is-it is neither a verb nor an option -> scripts/blueprint --help lists the verbs"),
        (["plan", "env=live"], "plan takes no word env=live -> did you mean ENV=live?"),
        (["plan", "--evn", "live"], "plan has no option --evn -> did you mean --env?"),
        (["plan", "--xyz=1"], "plan has no option --xyz -> plan takes --env, --suffix"),
        (["plan", "--env"], "--env: expected one argument -> scripts/blueprint plan --help shows"),
        (["outputs", "--env", "live", "--confirm", "live"], "outputs takes no --confirm -> outputs takes --env, "),
        (["plan", "REVEAL=1"], "plan takes no --reveal -> "),
        (["plan", "--reveal"], "; --reveal is for outputs"),
        (["plan", "live"], "plan takes no word live -> plan takes --env, "),
        (["plan", "--", "live"], "plan takes no word live -> "),
        (["lint", "now"], "lint takes no word now -> lint takes no options"),
        (["test", "-k", "a"], "test has no option -k -> "),
        (["test", "-k", "a"], "what is passed on stands behind --: scripts/blueprint test -- -k"),
        (["plan", "--env", "calm", "ENV=live"], "--env is given twice, as calm and as live -> give it once"),
        (["plan", "--verbose", "--verbose=no"], "--verbose is given twice, as 1 and as no -> give it once"),
        (["plan", "--en", "live"], "plan has no option --en -> did you mean --env?"),
    ],
)
def test_a_mistake_is_one_line(words: list[str], told: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_call(words)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", VERBS)
def test_the_help_of_a_verb_has_its_options_examples_and_exit_codes(name: str) -> None:
    verb, text = VERBS[name], parser_of(name, "live").format_help()
    words = " ".join(text.split())
    assert verb.summary in words
    for variable in verb.takes:
        assert flag(variable) in text
        assert f"{OPTIONS[variable][1].help} ({variable}=)" in words
    assert all(flag(variable) not in text.split() for variable in OPTIONS if variable not in verb.takes)
    assert ("  1    " in text) is bool(verb.finding)
    assert "  2    could not run" in text
    for example in verb.examples:
        shown = example.format(env="live")
        assert read_call([name, *shlex.split(shown)]).name == name
        assert " ".join(["scripts/blueprint", name, *shown.split()]) in words


def test_an_option_of_one_verb_alone_has_its_choices_in_its_help() -> None:
    assert "--what table|state|api" in parser_of("restore").format_help()
    assert "--what WHAT" in parser_of("mutate").format_help()


@pytest.mark.parametrize(
    ("makeflags", "notes"),
    [
        ("", []),
        (" -- ENV=live", []),
        ("w -- ENV=live REVEAL=1", ["plan takes no REVEAL: it changes nothing"]),
        (" -- VERBSOE=1", ["plan takes no VERBSOE: did you mean VERBOSE?"]),
        (" -- env=live", ["plan takes no env: did you mean ENV? Case matters"]),
        (" -- reveal=1 cc=gcc", []),
        (" -j2 --jobserver-auth=3,4 -- ENV=live", []),
        (" -- PYTHON=python3.12", []),
        (r" -- OWNER=me\ REVEAL=1", []),
    ],
)
def test_what_make_was_given_in_vain_is_told(makeflags: str, notes: list[str]) -> None:
    assert notes_on("plan", makeflags) == notes
