"""Put any text into GitHub's Markdown so that it stays text: no HTML, no emphasis, no cell of a table, no mention."""

import re

from harness.report.wording import visible

_ACTIVE = re.compile(r"[&<>`*_~\[\]\\|!]")
# GitHub looks for @somebody, #12 and GH-12 in the finished page, so an entity alone does not hide them.
_CALLS = re.compile(r"([@#](?=[A-Za-z0-9])|GH(?=-[0-9]))", re.IGNORECASE)
_LINKS = re.compile(r"(:(?=//)|www(?=\.))", re.IGNORECASE)
_IN_CODE = re.compile(r"[&<>`*_~\[\]\\|!:@#]")
_SPACE = re.compile(r"\s+")
_NARROW = "\u200b"


def prose(text: str) -> str:
    """Write a text between other words, on one line."""
    return _ACTIVE.sub(_entity, _CALLS.sub(rf"\1{_NARROW}", _line(text)))


def unlinked(text: str) -> str:
    """Write a text between other words, on one line, with no address of the web that GitHub would make a link of."""
    return _LINKS.sub(rf"\1{_NARROW}", prose(text))


def code(text: str) -> str:
    """Write a text as code, on one line; ``-`` for none."""
    line = _line(text).strip()
    if not line:
        return "-"
    if re.search(r"[`|\\]", line):
        # Such a text can end backticks or a cell of a table: entities cannot.
        return html_code(line)
    return f"`{line}`"


def html_code(text: str) -> str:
    """Write a text as code where Markdown is not read, as in a summary."""
    return f"<code>{_IN_CODE.sub(_entity, _line(text))}</code>"


def fence(lines: list[str], kind: str) -> list[str]:
    """Put lines into a block of code that none of them can end."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    ticks = "`" * max(longest + 1, 3)
    return [f"{ticks}{kind}", *lines, ticks]


def _line(text: str) -> str:
    return visible(_SPACE.sub(" ", text))


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found.group())};"
