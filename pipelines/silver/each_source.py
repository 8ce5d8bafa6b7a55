"""What both ways to silver do with each source: parents before children, the source's own module decides."""

import importlib
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

import polars as pl

from contracts.base import Source
from contracts.registry import sources, tables
from contracts.validation import validate
from pipelines.silver.references import Parents
from pipelines.silver.winner import Verdict


def in_order() -> list[Source]:
    """The sources, parents before children."""
    return [sources()[name] for name in _sorter().static_order()]


def each_after_its_parents(work: Callable[[Source], None]) -> None:
    """Do `work` for every source, two at a time: reading and writing one goes on while another is judged."""
    sorter = _sorter()
    sorter.prepare()
    with ThreadPoolExecutor(2) as pool:
        begun: dict[Future[None], str] = {}
        while sorter.is_active():
            begun |= {pool.submit(work, sources()[name]): name for name in sorter.get_ready()}
            for ended in wait(begun, return_when=FIRST_COMPLETED).done:
                name = begun.pop(ended)
                ended.result()
                sorter.done(name)


def _sorter() -> TopologicalSorter[str]:
    return TopologicalSorter(
        {name: {reference.table for reference in source.references} for name, source in sources().items()}
    )


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
