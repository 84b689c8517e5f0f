"""What a command was asked to do: the variables the Makefile passes on, read once and typed."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.base.errors import UsageError
from harness.base.paths import Target

DEFAULT_PORT = 4566
"""Port of the local AWS that ``make up`` starts; tests take free ones."""
_TRUE = ("1", "true", "yes")


@dataclass(frozen=True, slots=True)
class Options:
    """Effective settings of one command. ``make`` without a verb prints them.

    Attributes:
        environment: ``ENV``; empty when not given.
        suffix: ``SUFFIX``; empty means the environment's name.
        target: ``TARGET``, ``local`` by default.
        owner: ``OWNER``, the Owner tag; empty leaves the root's default.
        confirm: ``CONFIRM``, must equal the environment's name to change a guarded one.
        acknowledged: addresses in ``ALLOW_DESTROY`` (comma or space separated) that may be destroyed.
        reveal: ``REVEAL=1`` adds the API key to ``outputs``.
        port: ``PORT`` of the local AWS.
        everything: ``ALL=1``, for ``clean`` and ``down``.
        version: ``VERSION`` of the function to release; empty means the newest.
        uncompared: functions in ``ALLOW_UNCOMPARED`` whose served contract need not be compared.
        function: ``FUNCTION``, service or name of the one that is meant; empty for all.
        table: ``TABLE``, the one that is meant; empty for all.
        pace: ``PACE`` divides the waits of a release; other than 1 on the local AWS only.
        verbose: ``VERBOSE=1`` lists what is folded otherwise.
    """

    environment: str
    suffix: str
    target: Target
    owner: str
    confirm: str
    acknowledged: tuple[str, ...]
    reveal: bool
    port: int
    everything: bool
    version: str = ""
    function: str = ""
    table: str = ""
    pace: float = 1.0
    uncompared: tuple[str, ...] = ()
    verbose: bool = False


def read_options(source: Mapping[str, str] | None = None) -> Options:
    """Read the options from the environment.

    Raises:
        UsageError: TARGET or PORT has a value that means nothing.
    """
    source = os.environ if source is None else source
    target = source.get("TARGET") or Target.LOCAL
    if target not in tuple(Target):
        raise UsageError(f"TARGET={target} is not a target", "use TARGET=local (default) or TARGET=aws")
    return Options(
        environment=source.get("ENV", ""),
        suffix=source.get("SUFFIX", ""),
        target=Target(target),
        owner=source.get("OWNER", ""),
        confirm=source.get("CONFIRM", ""),
        acknowledged=_listed(source.get("ALLOW_DESTROY", "")),
        reveal=source.get("REVEAL", "").lower() in _TRUE,
        port=_port(source.get("PORT", "")),
        everything=source.get("ALL", "").lower() in _TRUE,
        version=source.get("VERSION", ""),
        function=source.get("FUNCTION", ""),
        table=source.get("TABLE", ""),
        pace=_pace(source.get("PACE", ""), Target(target)),
        uncompared=_listed(source.get("ALLOW_UNCOMPARED", "")),
        verbose=source.get("VERBOSE", "").lower() in _TRUE,
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _port(text: str) -> int:
    if not text:
        return DEFAULT_PORT
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise UsageError(f"PORT={text} is not a port", "use a number from 1 to 65535")
    return int(text)


def _pace(text: str, target: Target) -> float:
    if not text:
        return 1.0
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]+)?", text) or float(text) < 1:
        raise UsageError(f"PACE={text} is not a pace", "use a number from 1 to 9999: 60 makes a minute a second")
    if target is not Target.LOCAL:
        raise UsageError(f"PACE={text} is for the local AWS", "leave it out: on AWS the alarms need the whole wait")
    return float(text)
