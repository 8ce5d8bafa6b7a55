"""The graph of tables and columns: what each is made of, and what reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pipelines.lineage.trace import NOTHING, ROWS, Inputs, Node

# From where a shop's files lie to where figures are shown; `outside` is what no model and no file makes.
LAYERS = ("landing", "parameter", "outside", "bronze", "silver", "quality", "gold", "check", "api", "report")
ENDS = frozenset({"landing", "parameter", "outside"})


@dataclass(frozen=True)
class Made:
    """A column: what it is made of, how where no SQL says so, and what it means."""

    inputs: Inputs = NOTHING
    words: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Place:
    """A table, a landed file, or a query; `rows` are the tables whose rows its rows come from."""

    name: str
    layer: str
    grain: str
    columns: Mapping[str, Made] = field(default_factory=dict)
    rows: Inputs = NOTHING
    note: str = ""


class Lineage:
    """Every place by name, and the ways between their columns."""

    def __init__(self, places: Iterable[Place]) -> None:
        ordered = sorted(places, key=lambda place: (LAYERS.index(place.layer), place.name))
        self.places = {place.name: place for place in ordered}

    def made(self, node: Node) -> Made:
        """How a column, or with ROWS the rows of a table, came to be."""
        place = self.places[node.table]
        return Made(place.rows) if node.column == ROWS else place.columns.get(node.column, Made())

    def nodes(self, table: str) -> list[Node]:
        """The columns of a table in order, its rows last."""
        return [Node(table, column) for column in (*self.places[table].columns, ROWS)]

    @cached_property
    def readers(self) -> Mapping[Node, Inputs]:
        """Of each column that something reads: whose value it gives, and whose rows it decides."""
        value: dict[Node, set[Node]] = {}
        decides: dict[Node, set[Node]] = {}
        for table in self.places:
            for node in self.nodes(table):
                inputs = self.made(node).inputs
                for each in inputs.value:
                    value.setdefault(each, set()).add(node)
                for each in inputs.decides:
                    decides.setdefault(each, set()).add(node)
        return {
            node: Inputs(frozenset(value.get(node, ())), frozenset(decides.get(node, ())))
            for node in value.keys() | decides.keys()
        }

    def beside(self, node: Node, downstream: bool) -> Inputs:
        """The columns one step on: what it is made of, or what reads it."""
        return self.readers.get(node, NOTHING) if downstream else self.made(node).inputs

    def reads(self, table: str) -> list[str]:
        """The tables one is made of, layer by layer."""
        used = {each.table for node in self.nodes(table) for each in self.made(node).inputs.all}
        return [name for name in self.places if name in used - {table}]

    def read_by(self, table: str) -> list[str]:
        """The tables and queries that read one, layer by layer."""
        return self._readers_of_tables.get(table, [])

    @cached_property
    def _readers_of_tables(self) -> Mapping[str, list[str]]:
        readers: dict[str, list[str]] = {}
        for name in self.places:
            for read in self.reads(name):
                readers.setdefault(read, []).append(name)
        return readers

    def along(self, starts: Iterable[Node], downstream: bool = False) -> list[Node]:
        """Every column on the way of the value from some columns on, themselves first."""
        found = dict.fromkeys(starts)
        waiting = list(found)
        while waiting:
            for each in sorted(self.beside(waiting.pop(), downstream).value):
                if each not in found:
                    found[each] = None
                    waiting.append(each)
        return list(found)

    def ends(self, node: Node) -> Inputs:
        """Where a column comes from in the end: columns of landed files, parameters, what lies outside.

        `decides` are those behind what decides the rows, where they give no value.
        """
        way = self.along([node])
        deciding = self.along({each for step in way for each in self.made(step).inputs.decides})
        value, decides = (frozenset(filter(self._is_end, nodes)) for nodes in (way, deciding))
        return Inputs(value, decides - value)

    def _is_end(self, node: Node) -> bool:
        """Nothing gives its value, and it is no constant of a model."""
        made = self.made(node)
        return not made.inputs.value and (self.places[node.table].layer in ENDS or bool(made.words))
