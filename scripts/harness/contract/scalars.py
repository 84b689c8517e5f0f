"""Plain scalars as YAML 1.2's core schema reads them: https://yaml.org/spec/1.2.2/#103-core-schema."""

import math
import re

Scalar = str | int | float | bool | None

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_BASES = ((re.compile(r"[-+]?[0-9]+"), 10), (re.compile(r"0o[0-7]+"), 8), (re.compile(r"0x[0-9a-fA-F]+"), 16))
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
# Python reads no longer ones unless told to.
_MOST_DIGITS = 1000


class NoNumber(ValueError):
    """A number that JSON cannot hold."""


def plain_value(text: str) -> Scalar:
    """Return the value of a scalar that stands without quotes.

    Raises:
        NoNumber: it is infinite, not a number or has too many digits.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _NOT_FINITE.fullmatch(text):
        raise NoNumber(text)
    for form, base in _BASES:
        if form.fullmatch(text):
            return _integer(text, base)
    if not _FLOAT.fullmatch(text):
        return text
    number = float(text)
    if not math.isfinite(number):
        raise NoNumber(text)
    return number


def _integer(text: str, base: int) -> int:
    if len(text) > _MOST_DIGITS:
        raise NoNumber(text)
    return int(text, base)


def whole_text(text: str) -> str:
    r"""Join surrogate pairs, which JSON writes as two escapes (``\ud83d\ude00``), into the characters they mean.

    Raises:
        UnicodeDecodeError: half of a pair stands alone.
    """
    if text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
