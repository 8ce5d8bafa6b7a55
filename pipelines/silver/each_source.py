"""What both ways to silver do with each source: parents before children, the source's own module decides."""

import importlib
from graphlib import TopologicalSorter

import polars as pl

from contracts.base import Source
from contracts.registry import sources, tables
from contracts.validation import validate
from pipelines.silver.references import Parents
from pipelines.silver.winner import Verdict


def in_order() -> list[Source]:
    """The sources, parents before children."""
    graph = {name: {reference.table for reference in source.references} for name, source in sources().items()}
    return [sources()[name] for name in TopologicalSorter(graph).static_order()]


def decide(source: Source, judged: pl.DataFrame, parents: Parents) -> Verdict:
    """What the source's own module says of its judged rows."""
    module = importlib.import_module(f"pipelines.silver.{source.name}")
    verdict: Verdict = module.decide(judged, parents)
    return verdict


def shaped(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A silver table in the columns of its contract, validated.

    Raises pandera's SchemaErrors where it does not fit: our fault, not the data's.
    """
    table = tables("silver")[name]
    shaped = frame.select(pl.col(column).cast(kind) for column, kind in table.polars_schema().items())
    if shaped.height:
        validate(table.pandera_schema(), shaped)
    return shaped
