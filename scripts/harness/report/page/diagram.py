"""Draw a plan: a box for each module instance, its resources counted by type, an arrow to each box that it uses.

Of many instances of one module those that are alike share a box, so that the one that differs is seen.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.plan import Action, Plan, ResourceChange
from harness.plan.addresses import plain_address
from harness.report.page.changed import ROOT, SIGNS
from harness.report.page.layout import Place, Size, arrange
from harness.report.page.links import ENCRYPTED, NAMES, REFERS, Link, links

TIMES = "\N{MULTIPLICATION SIGN}"
_SURER = (REFERS, ENCRYPTED, NAMES)
# In pixels, of text of 12 px in the page's monospaced font.
_LETTER, ROW, HEAD, EDGE = 7.3, 18, 24, 9
_LONGEST = 44
_ALONE = 3
"""So many instances of a module that are alike have a box each; more share one."""


@dataclass(frozen=True, slots=True)
class Row:
    """Resources of one type to which the same happens."""

    sign: str
    css: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Box:
    """A module instance, or several that are alike.

    Attributes:
        title: as it is drawn, cut where it is long; ``name`` is the whole.
        modules: addresses of the instances.
        rows: what is in each of them.
    """

    name: str
    title: str
    modules: tuple[str, ...]
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
    rows = _rows(plan)
    shared = _shared(rows)
    inside = {module: name for name, modules in shared.items() for module in modules}
    uses = _between(links(plan), plan, inside)
    contents = {name: rows[modules[0]] for name, modules in shared.items()}
    drawn = arrange({name: _size(_title(name), found) for name, found in contents.items()}, list(uses))
    boxes = tuple(Box(name, _title(name), shared[name], found, drawn.places[name]) for name, found in contents.items())
    arrows = tuple(Arrow(*pair, drawn.paths[pair], found) for pair, found in uses.items())
    return Diagram(drawn.width, drawn.height, boxes, arrows)


def _rows(plan: Plan) -> dict[str, tuple[Row, ...]]:
    """Return what is in each module instance."""
    inside: dict[str, list[ResourceChange]] = {}
    for one in plan.resources.values():
        if one.mode == "managed":
            inside.setdefault(one.module or ROOT, []).append(one)
    return {module: _told(Counter((one.type, one.action) for one in inside[module])) for module in sorted(inside)}


def _shared(rows: Mapping[str, tuple[Row, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the boxes and the module instances in each."""
    like: dict[tuple[str, tuple[Row, ...]], list[str]] = {}
    for module, found in rows.items():
        like.setdefault((plain_address(module), found), []).append(module)
    boxes = {}
    for modules in like.values():
        if len(modules) > _ALONE:
            boxes[f"{modules[0]} and {len(modules) - 1} alike"] = tuple(modules)
        else:
            boxes |= {module: (module,) for module in modules}
    return boxes


def _told(counted: Mapping[tuple[str, Action], int]) -> tuple[Row, ...]:
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


def _between(found: Iterable[Link], plan: Plan, inside: Mapping[str, str]) -> dict[tuple[str, str], tuple[Link, ...]]:
    """Gather the links of each two boxes; of two boxes that use each other the surer reason alone is drawn."""
    gathered: dict[tuple[str, str], list[Link]] = {}
    for link in found:
        source, target = (_module(plan, address) for address in (link.source, link.target))
        pair = (inside[source], inside[target])
        if pair[0] != pair[1]:
            gathered.setdefault(pair, []).append(link)
    best = {pair: min(_SURER.index(link.how) for link in each) for pair, each in gathered.items()}
    kept = (pair for pair in gathered if best[pair] <= best.get((pair[1], pair[0]), len(_SURER)))
    return {pair: tuple(gathered[pair]) for pair in sorted(kept)}


def _module(plan: Plan, address: str) -> str:
    return (plan.resources[address].module or ROOT) if address in plan.resources else address
