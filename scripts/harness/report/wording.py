"""Write values of a plan so that they are safe to print: nothing in them moves a cursor or hides what is beside it."""

import json
import unicodedata

from harness.plan import SENSITIVE, UNKNOWN
from harness.plan.values import NOTHING

_MARKS = ((UNKNOWN, "(known after apply)"), (SENSITIVE, "(sensitive)"), (NOTHING, "(nothing)"))
# Control, format (which turns the direction of writing), surrogate, private and unassigned characters, line ends.
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_KEPT_BEFORE = 20
"""Characters shown before the first one in which two long texts differ."""


def visible(text: str) -> str:
    """Write out every character that a terminal obeys or does not show, as JSON would."""
    return "".join(_escaped(one) if unicodedata.category(one) in _HIDDEN else one for one in text)


def shown(value: object) -> str:
    """Write a value as JSON on one line, marks in words."""
    for mark, words in _MARKS:
        if value is mark:
            return words
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{visible(json.dumps(key, ensure_ascii=False))}: {shown(value[key])}" for key in value)
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    return visible(json.dumps(value, ensure_ascii=False))


def columns(text: str) -> int:
    """Count the columns that a text takes on a terminal."""
    return sum(map(_columns, text))


def wrapped(text: str, width: int) -> list[str]:
    """Break a text between words where it is wider than ``width``; further lines are indented by four more."""
    indent = " " * (len(text) - len(text.lstrip(" ")) + 4)
    lines, words = [], text.split(" ")
    line = words[0]
    for word in words[1:]:
        if columns(line) + columns(word) + 1 > width and line.strip():
            lines.append(line)
            line = indent + word
        else:
            line += f" {word}"
    return [*lines, line]


def cut(text: str, room: int, length: int) -> str:
    """Cut a text to ``room`` columns and say how many characters it has; one that fits stays."""
    if columns(text) <= room:
        return text
    note = f"… ({length:,} characters)"
    return _beginning(text, max(room - len(note), 8)) + note


def cut_pair(before: object, after: object, room: int) -> tuple[str, str]:
    """Write two values that differ, cut so that the first difference is seen."""
    texts = shown(before), shown(after)
    if max(map(columns, texts)) <= room:
        return texts
    start = max(_shared(*texts) - _KEPT_BEFORE, 0)
    lead = "…" if start and _shared(*texts) > room // 2 else ""
    one, other = (lead + text[start if lead else 0 :] for text in texts)
    return cut(one, room, characters(before)), cut(other, room, characters(after))


def characters(value: object) -> int:
    """Count the characters of a text, or of a value written as JSON."""
    return len(value if isinstance(value, str) else shown(value))


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if ord(character) > 0xFF else f"\\u{ord(character):04x}"


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _beginning(text: str, room: int) -> str:
    taken = 0
    for at, character in enumerate(text):
        taken += _columns(character)
        if taken > room:
            return text[:at]
    return text


def _shared(one: str, other: str) -> int:
    """Count the characters with which both texts begin."""
    return next(
        (at for at, (mine, theirs) in enumerate(zip(one, other, strict=False)) if mine != theirs),
        min(len(one), len(other)),
    )
