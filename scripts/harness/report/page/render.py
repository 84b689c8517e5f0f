"""Write pages from the templates beside this module. All text is escaped; nothing is fetched, nothing runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.report.page.content import Found, Page
from harness.report.page.diagram import EDGE, HEAD, ROW
from harness.report.page.words import counted, visible

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Entry:
    """A page's line in the index; ``file`` stands beside the index."""

    page: Page
    file: str


def render_page(page: Page) -> str:
    """Write one environment's page."""
    return _environment().get_template("page.html").render(page=page)


def render_index(entries: Sequence[Entry], made: str, others: Sequence[Found] = ()) -> str:
    """Write the page that leads to all others.

    Args:
        made: when, in words.
        others: findings that stand on no page.
    """
    return _environment().get_template("index.html").render(entries=entries, made=made, others=others)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters["counted"] = counted
    environment.globals |= {"edge": EDGE, "head_height": HEAD, "row_height": ROW}
    environment.globals["style"] = Markup((_FOLDER / "style.css").read_text())  # noqa: S704 - our own file
    return environment


def _finalize(value: object) -> object:
    """Make every text that a template writes visible; it is escaped afterwards."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
