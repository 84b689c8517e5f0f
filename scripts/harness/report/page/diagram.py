"""Draw a plan: a box for each module instance, its resources counted by type, an arrow to each box that it uses."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.plan import Plan
from harness.report.page.changed import ROOT, SIGNS
from harness.report.page.layout import Place, Size, arrange
from harness.report.page.links import ENCRYPTED, NAMES, REFERS, Link, links

TIMES = "\N{MULTIPLICATION SIGN}"
_SURER = (REFERS, ENCRYPTED, NAMES)
# In pixels, of text of 12 px in the page's monospaced font.
_LETTER, ROW, HEAD, EDGE = 7.3, 18, 24, 9
_LONGEST = 44


@dataclass(frozen=True, slots=True)
class Row:
    """Resources of one type to which the same happens."""

    sign: str
    css: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Box:
    """A module instance.

    Attributes:
        title: as it is drawn, cut where it is long; ``name`` is the whole.
    """

    name: str
    title: str
    rows: tuple[Row, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Arrow:
    """One box uses another.

    Attributes:
        path: of the line, as SVG writes it.
        links: what it stands for.
    """

    source: str
    target: str
    path: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """A drawing of these measures, in pixels."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def diagram(plan: Plan) -> Diagram:
    """Draw the managed resources of a plan, those that go away included."""
    rows = {name: _rows(plan, name) for name in _modules(plan)}
    sizes = {name: _size(_title(name), found) for name, found in rows.items()}
    uses = _between(plan, links(plan))
    drawn = arrange(sizes, list(uses))
    boxes = tuple(Box(name, _title(name), found, drawn.places[name]) for name, found in rows.items())
    arrows = tuple(Arrow(*pair, drawn.paths[pair], found) for pair, found in uses.items())
    return Diagram(drawn.width, drawn.height, boxes, arrows)


def _modules(plan: Plan) -> list[str]:
    return sorted({one.module or ROOT for one in plan.resources.values() if one.mode == "managed"})


def _rows(plan: Plan, module: str) -> tuple[Row, ...]:
    inside = [one for one in plan.resources.values() if one.mode == "managed" and (one.module or ROOT) == module]
    counted = Counter((one.type, one.action) for one in inside)
    return tuple(
        Row(
            *SIGNS[action][:2],
            _cut(kind.removeprefix("aws_") + (f" {TIMES} {number}" if number > 1 else "")),
            f"{number} {TIMES} {kind}: {action}",
        )
        for (kind, action), number in sorted(counted.items(), key=lambda item: (item[0][0], str(item[0][1])))
    )


def _size(title: str, rows: Sequence[Row]) -> Size:
    longest = max(len(title), *(len(row.text) + 2 for row in rows))
    return Size(round(longest * _LETTER) + 2 * EDGE, HEAD + ROW * len(rows) + EDGE / 2)


def _title(name: str) -> str:
    return _cut(name.removeprefix("module.").replace(".module.", "."))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _between(plan: Plan, found: Iterable[Link]) -> dict[tuple[str, str], tuple[Link, ...]]:
    """Gather the links of each two boxes; of two boxes that use each other the surer reason alone is drawn."""
    gathered: dict[tuple[str, str], list[Link]] = {}
    for link in found:
        pair = (_box(plan, link.source), _box(plan, link.target))
        if pair[0] != pair[1]:
            gathered.setdefault(pair, []).append(link)
    best = {pair: min(_SURER.index(link.how) for link in each) for pair, each in gathered.items()}
    kept = (pair for pair in gathered if best[pair] <= best.get((pair[1], pair[0]), len(_SURER)))
    return {pair: tuple(gathered[pair]) for pair in sorted(kept)}


def _box(plan: Plan, address: str) -> str:
    return (plan.resources[address].module or ROOT) if address in plan.resources else address
