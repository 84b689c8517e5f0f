"""Turn values of a plan into text for a page: long ones cut, what cannot be seen made visible, lines kept."""

import re

from harness.report import wording

_LONGEST = 1_500
_SUSPECT = re.compile(r"[^\n\t\x20-\x7e]+")


def visible(text: str) -> str:
    """Write out what nobody would see, or what would change how the rest is read; a page shows lines as they are."""
    return _SUSPECT.sub(lambda found: wording.visible(found[0]), text)


def shown(value: object) -> str:
    """Write a value: text as it is, anything else as JSON with marks in words; a long one says its length."""
    text = value if isinstance(value, str) and value else wording.shown(value)
    return wording.cut(text, _LONGEST, wording.characters(value))


def counted(number: int, noun: str) -> str:
    """Write a number and its noun: ``1 finding``, ``2 findings``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
