"""The program's command line: a verb and its options become variables; a mistake is one line with the nearest match."""

import argparse
import difflib
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from harness.base.errors import UsageError
from harness.base.options import OPTIONS, flag
from harness.base.verb_list import VERBS, Verb

PROGRAM = "scripts/blueprint"
HELP = "help"
VERSION = "--version"
# A variable that make was given on its command line; a space inside of a value is escaped.
_GIVEN_TO_MAKE = re.compile(r"(?:^|(?<!\\)\s)([A-Za-z][A-Za-z_]*)=")


@dataclass(frozen=True, slots=True)
class Call:
    """A verb that the program was asked for, with its options.

    Attributes:
        given: texts of options, by their variables.
    """

    name: str
    verb: Verb
    given: Mapping[str, str] = field(default_factory=dict)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message.removeprefix("argument "), f"{self.prog} --help shows the options")


class _Once(argparse.Action):
    """Take an option's value, and refuse a second one: the first would be lost without a word."""

    def __call__(self, _parser: object, namespace: argparse.Namespace, values: object, _option: object = None) -> None:
        earlier = getattr(namespace, self.dest)
        if earlier is not None:
            raise UsageError(f"{flag(self.dest)} is given twice, as {earlier} and as {values}", "give it once")
        setattr(namespace, self.dest, values)


def read_call(words: Sequence[str]) -> Call:
    """Read a verb, its options, and the words it passes on.

    Raises:
        UsageError: there is no such verb or option, or this verb does not take it.
    """
    name, *rest = words or [HELP]
    if name in ("-h", "--help"):
        name = HELP
    if name in ("-V", VERSION):
        return Call(HELP, VERBS[HELP], {"ARGS": VERSION})
    verb = find_verb(name)
    own, passed = _split(rest)
    if {"-h", "--help"} & set(own):
        return Call(HELP, VERBS[HELP], {"ARGS": name})
    found, others = parser_of(name).parse_known_args([_as_option(word) for word in own])
    given = {variable: text for variable, text in vars(found).items() if text is not None}
    if "ARGS" in verb.takes:
        passed = [*(word for word in others if not word.startswith("-")), *passed]
        others = [word for word in others if word.startswith("-")]
    if others or (passed and "ARGS" not in verb.takes):
        raise _not_taken(name, verb, (others or passed)[0])
    if passed:
        given["ARGS"] = " ".join(filter(None, [given.get("ARGS"), shlex.join(passed)]))
    return Call(name, verb, given)


def find_verb(name: str) -> Verb:
    """Return a verb.

    Raises:
        UsageError: there is none of this name; the message has the nearest.
    """
    if name in VERBS:
        return VERBS[name]
    if name.partition("=")[0] in {*OPTIONS, *map(flag, OPTIONS)}:
        raise UsageError(f"{name} is not a verb", f"the verb comes first: {PROGRAM} VERB {name}")
    if name.startswith("-"):
        raise UsageError(f"{name} is neither a verb nor an option", f"{PROGRAM} --help lists the verbs")
    raise UsageError(f"{name} is not a verb", nearest(name, VERBS) or f"use one of: {', '.join(VERBS)}")


def nearest(word: str, known: Iterable[str]) -> str:
    """Ask if the most similar of ``known`` was meant; empty when none is similar."""
    close = difflib.get_close_matches(word, tuple(known), 1)
    return f"did you mean {close[0]}?" if close else ""


def parser_of(name: str, environment: str = "NAME") -> argparse.ArgumentParser:
    """Build the parser of a verb's options; its help is the verb's, with examples for an environment."""
    verb = VERBS[name]
    words = " [--] [WORDS]" if "ARGS" in verb.takes else ""
    parser = _Parser(
        prog=f"{PROGRAM} {name}",
        usage=f"{PROGRAM} {name}{' [options]' if verb.takes else ''}{words}\n       make {name} [VARIABLE=value]",
        description=verb.summary,
        epilog=_epilog(name, verb, environment),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for variable in verb.takes:
        option = OPTIONS[variable][1]
        about = f"{option.help} ({variable}=)".replace("%", "%%")
        if option.value:
            metavar = "|".join(verb.choices(variable) or option.choices) or option.value
            parser.add_argument(flag(variable), dest=variable, action=_Once, metavar=metavar, help=about)
        else:
            parser.add_argument(
                flag(variable), dest=variable, action=_Once, nargs="?", const="1", metavar="yes|no", help=about
            )
    return parser


def notes_on(name: str, makeflags: str) -> list[str]:
    """List what make was given for a verb that does not take it: an option of others, or one that nobody knows."""
    takes, notes = VERBS[name].takes, []
    for variable in dict.fromkeys(_GIVEN_TO_MAKE.findall(makeflags)):
        near = nearest(variable, takes)
        if variable not in OPTIONS and variable.upper() in takes:
            notes.append(f"{name} takes no {variable}: did you mean {variable.upper()}? Case matters")
        elif variable in OPTIONS and variable not in takes:
            notes.append(f"{name} takes no {variable}: it changes nothing")
        elif variable not in OPTIONS and near:
            notes.append(f"{name} takes no {variable}: {near}")
    return notes


def _epilog(name: str, verb: Verb, environment: str) -> str:
    codes = {"0": "clean", "1": verb.finding, "2": "could not run", "130": "interrupted"}
    lines = [f"  {code:<4} {said}" for code, said in codes.items() if said]
    shown = [f"  {PROGRAM} {name} {example.format(env=environment)}".rstrip() for example in verb.examples]
    return "\n".join([*(["examples:", *shown, ""] if shown else []), "exit codes:", *lines])


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split at ``--``, behind which words are passed on as they are."""
    place = words.index("--") if "--" in words else len(words)
    return list(words[:place]), list(words[place + 1 :])


def _as_option(word: str) -> str:
    """Take ``ENV=name`` for ``--env=name``: as make is told, and as remedies say it."""
    variable, sign, value = word.partition("=")
    return f"{flag(variable)}={value}" if sign and variable in OPTIONS else word


def _not_taken(name: str, verb: Verb, word: str) -> UsageError:
    asked, known = word.partition("=")[0], {flag(variable): variable for variable in OPTIONS}
    own = [flag(variable) for variable in verb.takes]
    options = f"{name} takes {', '.join(own)}" if own else f"{name} takes no options"
    if not word.startswith("-"):
        meant = asked.upper()
        case = f"did you mean {meant}={word.partition('=')[2]}?" if "=" in word and meant in verb.takes else ""
        return UsageError(f"{name} takes no word {word}", case or options)
    if asked in known:
        others = ", ".join(other for other, one in VERBS.items() if known[asked] in one.takes)
        return UsageError(f"{name} takes no {asked}", f"{options}; {asked} is for {others}")
    passing = f"; what is passed on stands behind --: {PROGRAM} {name} -- {word}" if "ARGS" in verb.takes else ""
    return UsageError(f"{name} has no option {asked}", (nearest(asked, own) or options) + passing)
