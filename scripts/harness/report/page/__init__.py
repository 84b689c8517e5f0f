"""One environment as one HTML file that needs nothing else: no network, no script. Pure but for its own templates."""

from harness.report.page.content import Facts, Page, Parity, Source, located, page_of
from harness.report.page.render import Entry, render_index, render_page

__all__ = ["Entry", "Facts", "Page", "Parity", "Source", "located", "page_of", "render_index", "render_page"]
