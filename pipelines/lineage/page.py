"""Lineage as one page: a map of the tables, a list of every column, a search; opens from a file, needs no network."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import jinja2

from pipelines.lineage.model import Lineage, Place
from pipelines.lineage.names import name
from pipelines.lineage.trace import ROWS, Node

TEMPLATE = Path(__file__).with_name("page.html.j2")
TITLES = {
    "gold": "Gold: the figures",
    "silver": "Silver: the current truth",
    "bronze": "Bronze: as it arrived",
    "landing": "Landed files",
    "parameter": "Parameters and settings",
    "outside": "From outside the models",
    "quality": "Quality",
    "check": "Checks",
    "api": "Queries of the API",
    "report": "Queries of the report",
}
DRAWN = ("landing", "bronze", "silver", "gold")  # on the map, from left to right
BOX_WIDTH, BOX_HEIGHT, ROW, GAP = 190, 26, 36, 70  # of the map, in its own units


@dataclass(frozen=True)
class Link:
    """A way to a table or column of the page."""

    href: str
    label: str


@dataclass(frozen=True)
class Entry:
    """A column and what stands around it."""

    anchor: str
    name: str
    meaning: str
    words: str
    value: list[Link]
    decides: list[Link]
    ends: list[Link]
    read_by: list[Link]
    decides_rows_of: list[Link]


@dataclass(frozen=True)
class Section:
    """A table of the page."""

    anchor: str
    place: Place
    reads: list[Link]
    read_by: list[Link]
    entries: list[Entry]


@dataclass(frozen=True)
class Box:
    """A table on the map."""

    table: str
    layer: str
    x: int
    y: int


@dataclass(frozen=True)
class Arrow:
    """A way on the map from a table to one that reads it."""

    start: str
    end: str
    path: str


def render(lineage: Lineage, target: Node | None = None) -> str:
    """The page, opened at a table or column if one is given."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    layers = [
        (layer, title, [_section(lineage, place) for place in lineage.places.values() if place.layer == layer])
        for layer, title in TITLES.items()
    ]
    boxes, arrows = _map(lineage)
    return template.render(
        layers=[each for each in layers if each[2]],
        boxes=boxes,
        arrows=arrows,
        box=(BOX_WIDTH, BOX_HEIGHT),
        size=(max(box.x for box in boxes) + BOX_WIDTH, max(box.y for box in boxes) + BOX_HEIGHT) if boxes else (1, 1),
        start="" if target is None else _anchor(target),
        columns=sum(len(place.columns) for place in lineage.places.values()),
    )


def _anchor(node: Node) -> str:
    return node.table if node.column == ROWS else f"{node.table}.{node.column}"


def _links(nodes: Iterable[Node]) -> list[Link]:
    return [Link("#" + _anchor(node), name(node)) for node in sorted(nodes)]


def _tables(lineage: Lineage, names: Iterable[str]) -> list[Link]:
    wanted = set(names)
    return [Link("#" + each, each) for each in lineage.places if each in wanted]


def _section(lineage: Lineage, place: Place) -> Section:
    entries = []
    for column, made in place.columns.items():
        node = Node(place.name, column)
        readers = lineage.beside(node, downstream=True)
        ends = lineage.ends(node).value - made.inputs.value - {node}
        entries.append(
            Entry(
                anchor=_anchor(node),
                name=column,
                meaning=made.meaning,
                words=made.words,
                value=_links(made.inputs.value),
                decides=_links(made.inputs.decides),
                ends=_links(ends),
                read_by=_links(readers.value),
                decides_rows_of=_tables(lineage, {each.table for each in readers.decides}),
            )
        )
    reads, read_by = (_tables(lineage, names) for names in (lineage.reads(place.name), lineage.read_by(place.name)))
    return Section(place.name, place, reads, read_by, entries)


def _map(lineage: Lineage) -> tuple[list[Box], list[Arrow]]:
    """Boxes in columns, each right of all it reads; of files, bronze and silver what gold is made of."""
    shown = _behind_gold(lineage)
    reads = {
        table: [each for each in lineage.reads(table) if each in shown] for table in lineage.places if table in shown
    }
    depths: dict[str, int] = {}
    for table in reads:
        _depth(table, reads, lineage, depths)
    boxes: dict[str, Box] = {}
    for depth in sorted(set(depths.values())):
        here = [table for table in reads if depths[table] == depth]
        # Near what they read, so that ways cross less.
        here.sort(key=lambda table: (_middle([boxes[each].y for each in reads[table] if each in boxes]), table))
        for number, table in enumerate(here):
            boxes[table] = Box(table, lineage.places[table].layer, depth * (BOX_WIDTH + GAP), number * ROW)
    arrows = [
        Arrow(start, table, _curve(boxes[start], boxes[table]))
        for table in reads
        for start in reads[table]
        if start != table
    ]
    return list(boxes.values()), arrows


def _behind_gold(lineage: Lineage) -> set[str]:
    waiting = [table for table, place in lineage.places.items() if place.layer == "gold"]
    found = set(waiting)
    while waiting:
        new = {each for each in lineage.reads(waiting.pop()) if lineage.places[each].layer in DRAWN} - found
        found |= new
        waiting += new
    return found


def _depth(table: str, reads: dict[str, list[str]], lineage: Lineage, depths: dict[str, int]) -> int:
    """How many steps from the left: a layer never stands left of the one before it."""
    if table not in depths:
        depths[table] = DRAWN.index(lineage.places[table].layer)  # also where a table reads itself
        deepest = max((_depth(each, reads, lineage, depths) for each in reads[table]), default=-1)
        depths[table] = max(depths[table], deepest + 1)
    return depths[table]


def _middle(values: list[int]) -> float:
    return sum(values) / len(values) if values else 0.0


def _curve(start: Box, end: Box) -> str:
    x1, y1 = start.x + BOX_WIDTH, start.y + BOX_HEIGHT // 2
    x2, y2 = end.x, end.y + BOX_HEIGHT // 2
    bend = max((x2 - x1) // 2, 30)
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
