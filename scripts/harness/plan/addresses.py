"""Terraform addresses and references as text: split, instance keys read, taken off and matched. Pure."""

import re
from functools import lru_cache

from harness.base.errors import PlanFormatError

EVERY_INSTANCE = "[*]"
"""Stands in a pattern for any instance key, or none."""

_KEY = r'\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]'
_INDEX = re.compile(_KEY)
_PIECE = re.compile(rf"(?:[^.\[\]]|{_KEY})+")
# Terraform quotes a key as HCL does: JSON's escapes, \U and eight digits, and the sign of a template doubled.
_ESCAPE = re.compile(r"\\(?:U([0-9a-fA-F]{8})|u([0-9a-fA-F]{4})|(.))|([$%])\4(?=\{)")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}


def pieces(address: str) -> tuple[str, ...]:
    """Split an address or reference at its dots, not at those in keys: ``module.a["x.y"].id`` has three pieces.

    Raises:
        PlanFormatError: it is none.
    """
    found = tuple(_PIECE.findall(address))
    if ".".join(found) != address:
        raise PlanFormatError(f"not an address of Terraform: {address!r}", "teach harness.plan.addresses its form")
    return found


def instance_key(piece: str) -> int | str | None:
    """Read the first instance key of a piece; ``None`` when it has none."""
    match = _INDEX.search(piece)
    if match is None:
        return None
    key = match[0][1:-1]
    if not key.startswith('"'):
        return int(key) if key.isdecimal() else None
    return _ESCAPE.sub(_unescaped, key[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    long, short, letter, sign = match.groups()
    if sign:
        return str(sign)
    return chr(int(long or short, 16)) if long or short else _LETTERS.get(letter, letter)


def plain_address(address: str) -> str:
    """Take every instance key off an address."""
    return _INDEX.sub("", address)


def matches(pattern: str, address: str) -> bool:
    """Tell if an address is the one of a pattern, in which ``[*]`` stands for any instance key or none."""
    return _compiled(pattern).fullmatch(address) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(f"(?:{_KEY})?".join(map(re.escape, pattern.split(EVERY_INSTANCE))))
