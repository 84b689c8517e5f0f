"""Pages as a browser shows them: nothing is fetched or complained of, findings are seen, text fits and can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser
from tests.support.browser import open_browser, visit
from tests.support.page_plans import HOSTILE, OLD_SECRET, PRICES, SECRET, every_kind, facts

from harness.cost import estimate
from harness.facts import read_blueprint
from harness.plan import Plan
from harness.report.page import Entry, Facts, page_of, render_index, render_page
from harness.rules import evaluate
from harness.verbs.report import parity_of

SYNTHETIC = "every kind of change"
CASES = (SYNTHETIC, *read_blueprint().environments)
Scheme = Literal["light", "dark"]

# Of every element with text of its own: its colour on what lies behind it, as WCAG 2 measures contrast.
_CONTRASTS = """() => {
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const colour = parts(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255];
  };
  return [...document.querySelectorAll('body, body *')]
    .filter(node => !node.matches('title, desc, style'))
    .filter(node => [...node.childNodes].some(one => one.nodeType === 3 && one.data.trim()))
    .map(node => {
      const style = getComputedStyle(node), ink = node.closest('svg') ? style.fill : style.color;
      const [one, other] = [parts(ink), behind(node)].map(luminance);
      return [(Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), node.outerHTML.slice(0, 120)];
    });
}"""
_OPEN_ALL = "() => document.querySelectorAll('details').forEach(one => one.open = true)"
_TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter(node => !node.closest('svg')
  && !node.parentElement.closest('.scroll, .drawing') && node.getBoundingClientRect().right > innerWidth + 1)
  .map(node => node.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def facts_of(name: str, planned: Callable[[str], Plan]) -> Facts:
    """Return what the page of an environment is made from, without its scan, or that of the plan of every kind."""
    if name == SYNTHETIC:
        return facts(every_kind())
    plan, load = planned(name), read_blueprint().environment(name).load
    other = read_blueprint().compared_with(name)
    return replace(
        facts(plan, broken=False),
        title=name,
        rules=evaluate(plan, environment=name, suffix=name),
        parity=parity_of(name, {one: planned(one) for one in (name, other) if one}),
        estimate=estimate(plan, PRICES, load),
        load=load,
    )


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Facts, Path]:
    found = facts_of(request.param, request.getfixturevalue("planned"))
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(render_page(page_of(found)), encoding="utf-8")
    return found, file


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_it_is_quiet_fits_and_can_be_read(
    browser: Browser, case: tuple[Facts, Path], width: int, scheme: Scheme
) -> None:
    _, file = case
    with visit(browser, file, width=width, scheme=scheme) as seen:
        for unfold in (False, True):
            if unfold:
                seen.page.evaluate(_OPEN_ALL)
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
            assert seen.page.evaluate(_TOO_WIDE) == []
        contrasts = seen.page.evaluate(_CONTRASTS)
        assert len(contrasts) > 50
        assert [one for one in contrasts if one[0] < 4.5] == []
        assert seen.complaints == []
        assert seen.requests == [file.as_uri()]


def test_findings_masks_and_the_drawing_are_seen(browser: Browser, case: tuple[Facts, Path]) -> None:
    found, file = case
    page = page_of(found)
    with visit(browser, file, width=1280, scheme="light") as seen:
        verdict = seen.page.locator("header.verdict")
        assert page.verdict in verdict.inner_text()
        assert verdict.is_visible()
        for one in page.found:
            told = seen.page.locator(f"#{one.anchor}")
            assert told.is_visible()
            assert one.check in told.inner_text()
        assert seen.page.locator("svg rect.frame").count() == len(page.drawing.boxes) > 0
        assert seen.page.locator("svg").bounding_box() is not None
        assert seen.page.locator("h2:visible").count() == 10


def test_a_reviewer_of_the_page_alone_knows_what_happens(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render_page(page_of(facts(every_kind()))), encoding="utf-8")
    with visit(browser, file, width=1280, scheme="light") as seen:
        broken = seen.page.locator("#breaks").inner_text()
        assert "module.t.aws_dynamodb_table.this" in broken
        assert "forces the replacement" in broken
        changed = seen.page.locator("#changes tr", has_text="memory_size")
        assert changed.is_visible()
        assert changed.inner_text().split() == ["memory_size", "512", "768"]
        assert seen.page.locator(".mask:visible").count() >= 4
        seen.page.evaluate(_OPEN_ALL)
        text = seen.page.locator("body").inner_text()
        assert "</td><script>alert(1)</script>\"'&\\u2028\\u202e\\u001b[31m`" in text
        assert HOSTILE not in text
        for secret in (SECRET, OLD_SECRET):
            assert secret not in seen.page.content()
        assert seen.page.locator("script").count() == 0


def test_the_index_leads_to_the_pages(browser: Browser, tmp_path: Path) -> None:
    page = page_of(facts(every_kind()))
    (tmp_path / "report-e.html").write_text(render_page(page), encoding="utf-8")
    index = tmp_path / "report.html"
    index.write_text(render_index([Entry(page, "report-e.html")], "now"), encoding="utf-8")
    with visit(browser, index, width=400, scheme="dark") as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 400
        assert page.verdict in seen.page.locator("tr", has_text="3 findings").inner_text()
        seen.page.locator("a").first.click()
        assert seen.page.title() == "e: findings"
        assert seen.complaints == []
        assert seen.requests == [index.as_uri(), (tmp_path / "report-e.html").as_uri()]
