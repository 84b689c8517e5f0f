"""Turn values of a plan into text for a page: marks into words, long ones cut, what cannot be seen made visible."""

import json
import re
import unicodedata

from harness.plan import SENSITIVE, UNKNOWN
from harness.plan.values import NOTHING

MASKED, LATER, NONE = "(sensitive)", "(known after apply)", "(nothing)"
_LONGEST = 1_500
# Controls, separators of lines, marks that turn or hide text, halves of pairs: none is shown as it is.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"))
_SUSPECT = re.compile(r"[^\n\t\x20-\x7e]")


def visible(text: str) -> str:
    """Write what nobody would see, or what would change how the rest is read, as its number: ``\\u202e``."""
    return _SUSPECT.sub(lambda found: _written(found[0]), text)


def _written(sign: str) -> str:
    if unicodedata.category(sign) not in _UNSEEN:
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def shown(value: object) -> str:
    """Write a value of a change; marks say what they are, long text its length."""
    if value is NOTHING:
        return NONE
    text = value if isinstance(value, str) else json.dumps(value, default=_mark, ensure_ascii=False)
    if value is SENSITIVE or value is UNKNOWN:
        text = _mark(value)
    if text == "":
        return '""'
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"


def _mark(value: object) -> str:
    return MASKED if value is SENSITIVE else LATER if value is UNKNOWN else f"({type(value).__name__})"


def counted(number: int, noun: str) -> str:
    """Write a number and its noun: ``1 finding``, ``2 findings``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
