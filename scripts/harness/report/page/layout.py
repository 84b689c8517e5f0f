"""Arrange boxes in columns, so that arrows run from left to right and few of them cross. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import networkx as nx

_COLUMNS_APART, _BOXES_APART, _MARGIN = 58, 22, 10
_PASSING = 10
"""Height of the gap that a column leaves for an arrow that passes through it."""
_SWEEPS = 4

Pair: TypeAlias = tuple[str, str]
_Stop: TypeAlias = str | tuple[str, str, int]
"""A box, or the place at which an arrow passes through a column: whose arrow, and which column."""


@dataclass(frozen=True, slots=True)
class Size:
    """Measures of a box, in pixels."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Place:
    """Position and measures of a box that is drawn, in pixels from the upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Arranged:
    """A finished drawing: positions of boxes, and arrows as lines of SVG."""

    width: float
    height: float
    places: Mapping[str, Place]
    paths: Mapping[Pair, str]


def arrange(sizes: Mapping[str, Size], arrows: Sequence[Pair]) -> Arranged:
    """Place every box, and draw every arrow; boxes that use each other in a circle share a column."""
    columns = _columns(sizes, arrows)
    chains = {pair: _chain(pair, columns) for pair in arrows}
    stacks = _stacks(columns, chains)
    places, width, height = _places(stacks, sizes)
    paths = {
        pair: _path([places[stop] for stop in chain], level=columns[pair[0]] == columns[pair[1]])
        for pair, chain in chains.items()
    }
    return Arranged(width, height, {name: places[name] for name in sizes}, paths)


def _columns(sizes: Mapping[str, Size], arrows: Sequence[Pair]) -> dict[str, int]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sizes)
    graph.add_edges_from(arrows)
    circles = nx.condensation(graph)
    return {
        name: column
        for column, generation in enumerate(nx.topological_generations(circles))
        for circle in generation
        for name in circles.nodes[circle]["members"]
    }


def _chain(pair: Pair, columns: Mapping[str, int]) -> list[_Stop]:
    """Return the stops of an arrow: its two boxes, and one in each column between them."""
    first, last = columns[pair[0]], columns[pair[1]]
    return [pair[0], *((*pair, column) for column in range(first + 1, last)), pair[1]]


def _stacks(columns: Mapping[str, int], chains: Mapping[Pair, Sequence[_Stop]]) -> list[list[_Stop]]:
    """Order each column by where the neighbours of its stops stand in the column before, then in the one after."""
    stacks: list[list[_Stop]] = [[] for _ in range(max(columns.values(), default=0) + 1)]
    for name in sorted(columns):
        stacks[columns[name]].append(name)
    graph: nx.Graph[_Stop] = nx.Graph()
    for chain in chains.values():
        nx.add_path(graph, chain)
        for stop in chain[1:-1]:
            assert isinstance(stop, tuple)  # noqa: S101 - between its ends an arrow has nothing but passages
            stacks[stop[2]].append(stop)
    for sweep in range(_SWEEPS):
        order = range(1, len(stacks)) if sweep % 2 == 0 else range(len(stacks) - 2, -1, -1)
        for at in order:
            beside = {stop: place for place, stop in enumerate(stacks[at - 1 if sweep % 2 == 0 else at + 1])}
            stacks[at] = _ordered(stacks[at], beside, graph)
    return stacks


def _ordered(stack: list[_Stop], beside: Mapping[_Stop, int], graph: "nx.Graph[_Stop]") -> list[_Stop]:
    def middle(item: tuple[int, _Stop]) -> float:
        place, stop = item
        found = [beside[other] for other in graph.adj.get(stop, ()) if other in beside]
        return sum(found) / len(found) if found else place

    return [stop for _, stop in sorted(enumerate(stack), key=middle)]


def _places(stacks: list[list[_Stop]], sizes: Mapping[str, Size]) -> tuple[dict[_Stop, Place], float, float]:
    def height(stop: _Stop) -> float:
        return sizes[stop].height if isinstance(stop, str) else _PASSING

    heights = [sum(map(height, stack)) + _BOXES_APART * (len(stack) - 1) for stack in stacks]
    tallest = max(heights, default=0)
    places: dict[_Stop, Place] = {}
    x: float = _MARGIN
    for stack, total in zip(stacks, heights, strict=True):
        width = max((sizes[stop].width for stop in stack if isinstance(stop, str)), default=0)
        y = _MARGIN + (tallest - total) / 2
        for stop in stack:
            places[stop] = Place(x, y, width, height(stop))
            y += height(stop) + _BOXES_APART
        x += width + _COLUMNS_APART
    # On the right there is room for arrows between boxes of the last column.
    return places, x - _COLUMNS_APART / 2, tallest + 2 * _MARGIN


def _path(stops: Sequence[Place], *, level: bool) -> str:
    """Draw a line from the right side of the first stop, through the middle ones, to the left side of the last."""
    first, last = stops[0], stops[-1]
    if level:
        x, bend = first.x + first.width, first.x + first.width + _COLUMNS_APART / 2
        return (
            f"M{x:g} {_middle(first):g}C{bend:g} {_middle(first):g} {bend:g} {_middle(last):g} {x:g} {_middle(last):g}"
        )
    line = f"M{first.x + first.width:g} {_middle(first):g}"
    for one, other in pairwise(stops):
        start, end, bend = one.x + one.width, other.x, (other.x - one.x - one.width) / 2
        line += f"C{start + bend:g} {_middle(one):g} {end - bend:g} {_middle(other):g} {end:g} {_middle(other):g}"
        if other is not last:
            line += f"H{end + other.width:g}"
    return line


def _middle(place: Place) -> float:
    return place.y + place.height / 2
