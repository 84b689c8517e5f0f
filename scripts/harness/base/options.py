"""Options of commands: each declared once, read once and typed, from variables or from the program's command line.

Every option is a variable (``ENV``) and, for the program, an option of the same name (``--env``). Which verbs take it
stands in the list of verbs.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from harness.base.errors import UsageError
from harness.base.paths import Target

DEFAULT_PORT = 4566
"""Port of the local AWS that ``make up`` starts; tests take free ones."""
# Digits of ASCII alone: other scripts' are digits to Python, too.
_NUMBER = re.compile(r"[0-9]{1,9}")
_YES, _NO = ("1", "true", "yes"), ("", "0", "false", "no")


def flag(variable: str) -> str:
    """Return the program's option for a variable: ``--allow-destroy`` for ``ALLOW_DESTROY``."""
    return f"--{variable.lower().replace('_', '-')}"


def wrong(variable: str, value: object, problem: str, remedy: str) -> UsageError:
    """Say that an option's value cannot be used, by both of the option's names.

    Args:
        problem: what is wrong with it, as the end of a sentence that begins with ``VARIABLE=value``.
    """
    return UsageError(f"{flag(variable)} / {variable}={value} {problem}", remedy)


def _switch(variable: str, text: str) -> bool:
    if text.lower() not in (*_YES, *_NO):
        raise wrong(variable, text, "is neither yes nor no", f"{variable}=1 switches it on; leave it out otherwise")
    return text.lower() in _YES


def _text(_variable: str, text: str) -> str:
    return text


def _listed(_variable: str, text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _target(variable: str, text: str) -> Target:
    if text not in tuple(Target):
        raise wrong(variable, text, "is not a target", "use TARGET=local (default) or TARGET=aws")
    return Target(text)


def _port(variable: str, text: str) -> int:
    if not _NUMBER.fullmatch(text) or not 0 < int(text) < 65536:
        raise wrong(variable, text, "is not a port", "use a number from 1 to 65535")
    return int(text)


def _pace(variable: str, text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]+)?", text) or float(text) < 1:
        raise wrong(variable, text, "is not a pace", "use a number from 1 to 9999: 60 makes a minute a second")
    return float(text)


def _percent(variable: str, text: str) -> int:
    if not _NUMBER.fullmatch(text) or not 0 < int(text) <= 100:
        raise wrong(variable, text, "is no share", "use a whole number of percent, from 1 to 100")
    return int(text)


@dataclass(frozen=True, slots=True)
class Option:
    """Declaration of one option.

    Attributes:
        value: word for its value in the help; empty for a switch.
        choices: values to choose from, where they are few.
        read: makes the typed value of a text that is not empty.
    """

    variable: str
    help: str
    value: str
    choices: tuple[str, ...]
    read: Callable[[str, str], object]


def _option(
    variable: str,
    about: str,
    value: str = "",
    *,
    default: object = "",
    choices: Iterable[str] = (),
    read: Callable[[str, str], object] = _text,
) -> Any:
    """Declare an option; one without a word for its value is a switch."""
    made = Option(variable, about, value, tuple(choices), read if value else _switch)
    return field(default=default if value else False, metadata={"option": made})


@dataclass(frozen=True, slots=True)
class Options:
    """Effective settings of one command. ``make`` without a verb prints them."""

    environment: str = _option("ENV", "environment, one that blueprint.yaml lists", "NAME")
    suffix: str = _option(
        "SUFFIX", "a copy of your own beside the others; the environment's name where left out", "NAME"
    )
    target: Target = _option(  # noqa: RUF009 - a field, as the others are
        "TARGET", "AWS to talk to; local where left out", "AWS", default=Target.LOCAL, choices=Target, read=_target
    )
    owner: str = _option("OWNER", "value of the tag Owner; the root's default where left out", "NAME")
    confirm: str = _option(
        "CONFIRM",
        "the environment's name (bootstrap: the account's id): what changes one on purpose asks for it",
        "NAME",
    )
    acknowledged: tuple[str, ...] = _option(
        "ALLOW_DESTROY", "addresses that may be destroyed, by comma or space", "ADDRESSES", default=(), read=_listed
    )
    uncompared: tuple[str, ...] = _option(
        "ALLOW_UNCOMPARED",
        "functions whose served contract need not be compared, by comma or space",
        "NAMES",
        default=(),
        read=_listed,
    )
    reveal: bool = _option("REVEAL", "print the API key, too")
    port: int | None = _option(
        "PORT", f"port of the local AWS; {DEFAULT_PORT} where left out", "NUMBER", default=None, read=_port
    )
    everything: bool = _option("ALL", "all of it: data of the local AWS, and for clean the tools, too")
    version: str = _option(
        "VERSION", "version: of the function to release; of the state to restore, or last; of Terraform to try", "ID"
    )
    function: str = _option("FUNCTION", "the one that is meant, by its service or name; all where left out", "NAME")
    table: str = _option("TABLE", "the one that is meant, by its name; all where left out", "NAME")
    pace: float = _option(
        "PACE", "divides the waits of a release, on the local AWS only", "NUMBER", default=1.0, read=_pace
    )
    what: str = _option(
        "WHAT", "restore: the part, table, state or api; mutate: files or a folder, as modules/table", "WHAT"
    )
    moment: str = _option("AT", "moment to go back to, UTC: 2026-01-31T12:00:00Z", "TIME")
    backup: str = _option("BACKUP", "backup to go back to: its name, or the moment that make backup printed", "NAME")
    mode: str = _option(
        "MODE",
        "missing (default) brings back what is gone; exact sets back what changed, too",
        "MODE",
        choices=("missing", "exact"),
    )
    share: int | None = _option(
        "SHARE",
        "percent of a table's throughput that a restore takes; a quarter where left out",
        "PERCENT",
        default=None,
        read=_percent,
    )
    since: str = _option("SINCE", "only files that changed since this commit, branch or tag", "REVISION")
    shard: str = _option("SHARD", "one of several parts of the same size, 2/8 the second of eight", "N/OF")
    module: str = _option("MODULE", "module, by its folder below modules/", "NAME")
    write: bool = _option("WRITE", "rewrite what no longer holds")
    quick: bool = _option("QUICK", "leave out what needs an apply")
    verbose: bool = _option("VERBOSE", "list what is folded otherwise")
    new_environment: str = _option("ENVIRONMENT", "name of an environment to make or to remove", "NAME")
    like: str = _option("FROM", "environment that a new one is to be like", "NAME")
    service: str = _option("SERVICE", "name of a service to make or to remove, or the one that a route is for", "NAME")
    route: str = _option("ROUTE", "method and path of a route to make, as 'POST /things/{id}/close'", "ROUTE")
    project: str = _option("PROJECT", "new name of the product, the tag Project of everything", "NAME")
    prefix: str = _option("PREFIX", "new first word of every name", "NAME")
    region: str = _option("REGION", "new region where neither AWS_REGION nor a profile says another", "NAME")
    arguments: str = _option("ARGS", "words that are passed on; the program takes them at its end, too", "WORDS")


OPTIONS: dict[str, tuple[str, Option]] = {
    one.metadata["option"].variable: (one.name, one.metadata["option"]) for one in fields(Options)
}
"""Field and declaration of every option, by its variable."""


def read_options(source: Mapping[str, str] | None = None, takes: Iterable[str] = tuple(OPTIONS)) -> Options:
    """Read options from variables; an empty one counts as left out.

    Args:
        source: the variables; the process's own where left out.
        takes: variables to read; others mean something else to whoever set them.

    Raises:
        UsageError: a value means nothing.
    """
    source = os.environ if source is None else source
    given: dict[str, Any] = {}
    for variable in takes:
        name, option = OPTIONS[variable]
        if text := source.get(variable, ""):
            given[name] = option.read(variable, text)
    options = Options(**given)
    if options.pace != 1 and options.target is not Target.LOCAL:
        remedy = "leave it out: on AWS the alarms need the whole wait"
        raise wrong("PACE", source["PACE"], "is for the local AWS", remedy)
    return options
