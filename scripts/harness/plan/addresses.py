"""Terraform addresses as text: instance keys taken off and matched. Pure; standard library only."""

import re
from functools import lru_cache

EVERY_INSTANCE = "[*]"
"""Stands in a pattern for any instance key, or none."""

_KEY = r'\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]'
_INDEX = re.compile(_KEY)


def plain_address(address: str) -> str:
    """Take every instance key off an address."""
    return _INDEX.sub("", address)


def matches(pattern: str, address: str) -> bool:
    """Tell if an address is the one of a pattern, in which ``[*]`` stands for any instance key or none."""
    return _compiled(pattern).fullmatch(address) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(f"(?:{_KEY})?".join(map(re.escape, pattern.split(EVERY_INSTANCE))))
