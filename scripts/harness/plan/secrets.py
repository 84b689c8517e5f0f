"""Know a plan's secrets again wherever they stand: a provider copies them into attributes that nothing marks."""

import json
import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_plus

_LONG = 6
_LAYERS = 3
_WORDS = frozenset({"true", "false", "null"})
_NUMBER = re.compile(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Secrets:
    """Sensitive texts and numbers, prepared for looking them up.

    Attributes:
        exact: all of them as texts. Trivial ones are none: what is empty, one character, a boolean, null or a number
            below four digits stands everywhere by chance, so that sealing it would hide half a plan and, by what is
            hidden, tell the secret.
    """

    exact: frozenset[str] = field(default=frozenset(), repr=False)
    _long: tuple[str, ...] = field(default=(), repr=False)
    _beginnings: frozenset[str] = field(default=frozenset(), repr=False)
    _longest: int = 0

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Secrets":
        """Prepare secrets. A long one that begins with another is told by that, so one bisection finds any."""
        exact = frozenset(text for text in texts if not _trivial(text))
        long: list[str] = []
        for text in sorted(one for one in exact if len(one) >= _LONG):
            if not long or not text.startswith(long[-1]):
                long.append(text)
        return cls(exact, tuple(long), frozenset(one[:_LONG] for one in long), max(map(len, long), default=0))

    def told_by(self, value: object) -> bool:
        """Tell whether a text or number is a secret, or a text has one of six or more characters in it.

        A text is also read without JSON's and URLs' escapes, and as the JSON document that it may be, keys included.
        """
        if not self.exact or value is None or isinstance(value, bool):
            return False
        if isinstance(value, int | float):
            return written(value) in self.exact
        return isinstance(value, str) and (
            any(one in self.exact or self._within(one) for one in _readings(value))
            or any(map(self.told_by, _parts(value)))
        )

    def _within(self, text: str) -> bool:
        for at in range(len(text) - _LONG + 1 if self._long else 0):
            if text[at : at + _LONG] in self._beginnings:
                rest = text[at : at + self._longest]
                if rest.startswith(self._long[bisect(self._long, rest) - 1]):
                    return True
        return False


NO_SECRETS = Secrets()


def written(value: float) -> str:
    """Write a number as Terraform does where it makes a text of one."""
    return str(int(value)) if isinstance(value, int) or value.is_integer() else repr(value)


def _trivial(text: str) -> bool:
    few = bool(_NUMBER.fullmatch(text)) and sum(map(str.isdigit, text)) < 4
    return len(text) < 2 or text.lower() in _WORDS or few


def _readings(text: str) -> Iterator[str]:
    """Return a text, then what it says without the escapes of JSON and URLs, several layers of them included."""
    seen, fresh = {text}, {text}
    for _ in range(_LAYERS):
        yield from fresh
        fresh = {read(one) for one in fresh for read in (_unescaped, unquote, unquote_plus)} - seen
        seen |= fresh
    yield from fresh


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else _LETTERS.get(match[2], match[2]), text)
    # JSON writes what is beyond 16 bits as two halves.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _parts(text: str) -> Iterator[object]:
    """List keys and values of the JSON document that a text is; a key that stands twice is listed with both values."""
    if not text.lstrip().startswith(("{", "[", '"')):
        return
    try:
        open_parts = [json.loads(text, object_pairs_hook=lambda pairs: [part for pair in pairs for part in pair])]
    except (ValueError, RecursionError):
        return
    while open_parts:
        part = open_parts.pop()
        if isinstance(part, list):
            open_parts += part
        else:
            yield part
