"""Lineage for programs and for documents: JSON and mermaid."""

import json
from collections.abc import Iterable

from pipelines.lineage.model import Lineage
from pipelines.lineage.names import name
from pipelines.lineage.trace import ROWS, Node


def as_json(lineage: Lineage, target: Node | None, downstream: bool) -> str:
    """What `target` (None: every table) comes from or goes to.

    `tables` holds each table on the way with `reads` and `read_by`; `columns` each column on the way
    (of a table its own, of everything all) with `value` and `decides`, the columns it is made of.
    """
    nodes = _columns(lineage, target, downstream)
    document: dict[str, object] = {
        "of": None if target is None else target.table if target.column == ROWS else name(target),
        "direction": "downstream" if downstream else "upstream",
        "tables": [_table(lineage, each) for each in _tables(lineage, target, downstream)],
        "columns": [_column(lineage, each) for each in nodes],
    }
    if target is not None and target.column != ROWS and not downstream:
        ends = lineage.ends(target)
        document["ends"] = {"value": _listed(ends.value), "decides": _listed(ends.decides)}
    return json.dumps(document, indent=2)


def _table(lineage: Lineage, table: str) -> dict[str, object]:
    place = lineage.places[table]
    beside = {"reads": lineage.reads(table), "read_by": lineage.read_by(table)}
    return {"table": table, "layer": place.layer, "grain": place.grain, **beside}


def _column(lineage: Lineage, node: Node) -> dict[str, object]:
    made = lineage.made(node)
    inputs = {"value": _listed(made.inputs.value), "decides": _listed(made.inputs.decides)}
    return {"table": node.table, "column": node.column, "meaning": made.meaning, "words": made.words, **inputs}


def _listed(nodes: Iterable[Node]) -> list[dict[str, str]]:
    return [{"table": node.table, "column": node.column} for node in sorted(nodes)]


def _columns(lineage: Lineage, target: Node | None, downstream: bool) -> list[Node]:
    if target is None:
        return [node for table in lineage.places for node in lineage.nodes(table)]
    return lineage.nodes(target.table) if target.column == ROWS else lineage.along([target], downstream)


def _tables(lineage: Lineage, target: Node | None, downstream: bool) -> list[str]:
    """The tables on the way, layer by layer."""
    if target is None:
        return list(lineage.places)
    if target.column != ROWS:
        found = {node.table for node in lineage.along([target], downstream)}
    else:
        found, waiting = {target.table}, [target.table]
        while waiting:
            table = waiting.pop()
            beside = lineage.read_by(table) if downstream else lineage.reads(table)
            waiting += set(beside) - found
            found |= set(beside)
    return [table for table in lineage.places if table in found]


def as_mermaid(lineage: Lineage, target: Node | None, downstream: bool) -> str:
    """A flowchart of tables, or for a column of columns: a solid line gives the value, a dotted one decides rows."""
    if target is None or target.column == ROWS:
        return _of_tables(lineage, _tables(lineage, target, downstream))
    return _of_columns(lineage, target, downstream)


def _of_tables(lineage: Lineage, tables: list[str]) -> str:
    ids = {table: f"t{number}" for number, table in enumerate(tables)}
    layers: dict[str, list[str]] = {}
    for table in tables:
        layers.setdefault(lineage.places[table].layer, []).append(table)
    lines = ["flowchart LR"]
    for layer, inside in layers.items():
        lines += [f'  subgraph {layer}_["{layer}"]', *(f'    {ids[table]}["{table}"]' for table in inside), "  end"]
    lines += [f"  {ids[read]} --> {ids[table]}" for table in tables for read in lineage.reads(table) if read in ids]
    return "\n".join(lines)


def _of_columns(lineage: Lineage, target: Node, downstream: bool) -> str:
    way = lineage.along([target], downstream)
    value, decides = set(), set()
    for node in way:
        beside = lineage.beside(node, downstream)
        value |= {(node, each) if downstream else (each, node) for each in beside.value}
        decides |= {(node, each) if downstream else (each, node) for each in beside.decides}
    nodes = sorted(set(way) | {node for edge in decides for node in edge})
    ids = {node: f"c{number}" for number, node in enumerate(nodes)}
    tables: dict[str, list[Node]] = {}
    for node in nodes:
        tables.setdefault(node.table, []).append(node)
    lines = ["flowchart LR"]
    for number, (table, inside) in enumerate(tables.items()):
        lines.append(f'  subgraph s{number}["{table}"]')
        lines += [f'    {ids[node]}["{"rows" if node.column == ROWS else node.column}"]' for node in inside]
        lines.append("  end")
    lines += [f"  {ids[start]} --> {ids[end]}" for start, end in sorted(value)]
    lines += [f"  {ids[start]} -.-> {ids[end]}" for start, end in sorted(decides - value)]
    return "\n".join(lines)
