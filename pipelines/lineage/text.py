"""Lineage on the terminal: a tree, and in the end the files it leads to."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.lineage.model import LAYERS, Lineage
from pipelines.lineage.names import grouped, name
from pipelines.lineage.trace import ROWS, Node

BY_CONTRACT = frozenset({"landing", "bronze", "silver"})  # one step after the other: told in one line
NAMED = 4  # columns of a reader that are named; more are counted


@dataclass
class Tree:
    """A line and the lines below it."""

    label: str
    below: list["Tree"] = field(default_factory=list)

    def add(self, label: str) -> "Tree":
        """One more below."""
        self.below.append(Tree(label))
        return self.below[-1]

    def lines(self, width: int | None = None) -> Iterator[str]:
        """The tree drawn, lines folded at `width`."""
        yield from _folded(self.label, "", "", width)
        yield from self._below("", width)

    def _below(self, indent: str, width: int | None) -> Iterator[str]:
        for number, tree in enumerate(self.below, 1):
            last = number == len(self.below)
            inner = indent + ("    " if last else "│   ")
            yield from _folded(tree.label, indent + ("└── " if last else "├── "), inner, width)
            yield from tree._below(inner, width)


def _folded(text: str, first: str, rest: str, width: int | None) -> list[str]:
    if width is None:
        return [first + text] if text else []
    room = max(width, len(rest) + 30)
    return textwrap.wrap(
        text, room, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False, break_long_words=False
    )


def of_everything(lineage: Lineage, downstream: bool, width: int | None = None) -> list[str]:
    """Each table with the tables it reads, or that read it, the figures first."""
    lines = []
    for layer in reversed(LAYERS):
        for place in lineage.places.values():
            beside = lineage.read_by(place.name) if downstream else lineage.reads(place.name)
            if place.layer == layer and beside:
                lines += _folded(f"{place.name} {_arrow(downstream)} {', '.join(beside)}", "", "    ", width)
    return lines


def of_table(lineage: Lineage, table: str, downstream: bool, width: int | None = None) -> list[str]:
    """The tables behind one, or those that read it, and its columns each with the step next to it."""
    place = lineage.places[table]
    tree = Tree("Read by" if downstream else "Reads")
    _add_tables(lineage, table, tree, downstream, set())
    if not tree.below:
        tree.add("nothing")
    columns = Tree("Columns")
    for column, made in place.columns.items():
        beside = lineage.beside(Node(table, column), downstream)
        label = f"{column} {_arrow(downstream)} {grouped(beside.value)}" if beside.value else column
        branch = columns.add(f"{label} ({made.words.rstrip('.')})" if made.words else label)
        _add_deciding(branch, beside.decides, downstream)
    lines = [line for said in (f"{table}: {place.grain}", place.note) for line in _folded(said, "", "", width)]
    lines += tree.lines(width)
    return [*lines, *columns.lines(width)] if columns.below else lines


def _add_tables(lineage: Lineage, table: str, tree: Tree, downstream: bool, seen: set[str]) -> None:
    for each in lineage.read_by(table) if downstream else lineage.reads(table):
        beyond = lineage.read_by(each) if downstream else lineage.reads(each)
        if each in seen and beyond:
            tree.add(f"{each} (as above)")
            continue
        seen.add(each)
        _add_tables(lineage, each, tree.add(each), downstream, seen)


def of_column(lineage: Lineage, node: Node, downstream: bool, width: int | None = None) -> list[str]:
    """Everything the value of a column comes from, or goes to, and what decides the rows on the way."""
    tree = Tree(name(node))
    _add_steps(lineage, node, tree, downstream, {node})
    lines = _folded(lineage.made(node).meaning, "", "", width)
    lines += tree.lines(width)
    for said in _summary(lineage, node, downstream):
        lines += _folded(said, "", "    ", width)
    return lines


def _add_steps(lineage: Lineage, node: Node, tree: Tree, downstream: bool, seen: set[Node]) -> None:
    beside = lineage.beside(node, downstream)
    if not downstream and (words := lineage.made(node).words):
        tree.add(words)
    for each in sorted(beside.value):
        way = _in_one_line(lineage, each, downstream)
        label = f" {_arrow(downstream)} ".join(name(step) for step in way)
        last = way[-1]
        if last in seen and lineage.beside(last, downstream).all:
            tree.add(f"{label} (as above)")
            continue
        seen.add(last)
        _add_steps(lineage, last, tree.add(label), downstream, seen)
    _add_deciding(tree, beside.decides, downstream)


def _add_deciding(tree: Tree, nodes: frozenset[Node], downstream: bool) -> None:
    if nodes:
        tree.add(f"decides rows of {_counted(nodes)}" if downstream else f"rows decided by {grouped(nodes)}")


def _in_one_line(lineage: Lineage, node: Node, downstream: bool) -> list[Node]:
    """A column and those after it for as long as each is a step by contract with one way on."""
    way = [node]
    while lineage.places[way[-1].table].layer in BY_CONTRACT:
        beyond = lineage.beside(way[-1], downstream)
        if len(beyond.value) != 1 or (downstream and beyond.decides):
            break
        way += beyond.value
    return way


def _summary(lineage: Lineage, node: Node, downstream: bool) -> Iterator[str]:
    if not downstream:
        ends = lineage.ends(node)
        yield f"Value from: {grouped(ends.value) or 'a constant of the model'}"
        if ends.decides:
            yield f"Rows decided by: {grouped(ends.decides)}"
        return
    way = lineage.along([node], downstream=True)
    reached = {each.table for each in way} - {node.table}
    deciding = {each.table for step in way for each in lineage.beside(step, downstream=True).decides} - reached
    yield f"Its value reaches: {_in_order(lineage, reached)}"
    if deciding:
        yield f"It decides rows of: {_in_order(lineage, deciding)}"


def _in_order(lineage: Lineage, tables: Iterable[str]) -> str:
    wanted = set(tables)
    return ", ".join(each for each in lineage.places if each in wanted) or "nothing"


def _counted(nodes: frozenset[Node]) -> str:
    """Readers table by table, their columns named where they are few."""
    tables: dict[str, list[str]] = {}
    for node in sorted(nodes):
        tables.setdefault(node.table, []).append("rows" if node.column == ROWS else node.column)
    return "; ".join(
        f"{table}: {', '.join(columns) if len(columns) <= NAMED else f'{len(columns)} columns'}"
        for table, columns in tables.items()
    )


def _arrow(downstream: bool) -> str:
    return "->" if downstream else "<-"
