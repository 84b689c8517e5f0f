"""A browser without a window, which tells everything that a page asks for and complains of."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
REMEDY = f"install chromium (apt-get install chromium), or set BROWSER_PATH to {' or '.join(NAMES)}"
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def browser_path() -> str:
    """Return the browser of this machine, empty when there is none."""
    wanted = os.environ.get("BROWSER_PATH", "")
    if wanted:
        return shutil.which(wanted) or pytest.fail(f"BROWSER_PATH={wanted} cannot be run: {REMEDY}")
    return next((found for name in NAMES if (found := shutil.which(name))), "")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start the browser, with an empty profile. Without one the test fails in CI, and elsewhere is told as not run."""
    path = browser_path()
    if not path:
        tell = pytest.fail if os.environ.get("CI") else pytest.skip
        tell(f"not run, for there is no browser: {REMEDY}")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """An open page.

    Attributes:
        complaints: lines of the console and errors of scripts.
        requests: every address that was asked for, the page's own first.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def visit(browser: Browser, file: Path, *, width: int, scheme: Literal["light", "dark"]) -> Iterator[Visit]:
    """Open a file in a window of this width; the window is closed at the end."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    try:
        visited = Visit(context.new_page())
        visited.page.on("console", lambda line: visited.complaints.append(f"{line.type}: {line.text}"))
        visited.page.on("pageerror", lambda error: visited.complaints.append(str(error)))
        visited.page.on("request", lambda request: visited.requests.append(request.url))
        visited.page.goto(file.as_uri(), wait_until="load")
        yield visited
    finally:
        context.close()
