"""Bronze to silver: every row judged, one truth per key, every other row accounted for."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter

import polars as pl

from contracts.base import Source
from contracts.errors import CheckFailed
from contracts.registry import sources, tables
from contracts.settings import Settings
from contracts.validation import validate
from pipelines.silver import product_versions, quarantine
from pipelines.silver.judge import judge
from pipelines.silver.references import Parents
from pipelines.silver.winner import Verdict


@dataclass(frozen=True)
class Silver:
    """Every silver table, and where each landed row went (`quality.conservation`)."""

    tables: dict[str, pl.DataFrame]
    conservation: pl.DataFrame


def build(
    bronze: Mapping[str, pl.DataFrame],
    settings: Settings,
    run_id: str,
    now: datetime,
    before: pl.DataFrame,
) -> Silver:
    """Silver from all of bronze. `before` is the quarantine of the last release, whose dates and run ids stay."""
    landed = frozenset(name for name, rows in bronze.items() if rows.height)
    current: dict[str, pl.DataFrame] = {}
    rejected, conservation = [], []
    for source in in_order():
        judged = judge(bronze[source.name], source, settings)
        verdict = decide(source, judged, Parents(current, landed))
        if verdict.rows != bronze[source.name].height:
            raise CheckFailed(
                f"Of {bronze[source.name].height} bronze rows of {source.name}, {verdict.rows} are accounted for. "
                "Nothing was published; please report it."
            )
        current[source.name] = shaped(source.name, verdict.kept)
        if source.name == "products":
            current["product_versions"] = shaped("product_versions", product_versions.derive(verdict))
        rejected.append(quarantine.rows_of(source, verdict, bronze[source.name]))
        conservation.append(
            (source.name, verdict.rows, verdict.kept.height, verdict.superseded.height, verdict.rejected.height)
        )
    current["quarantine"] = shaped("quarantine", quarantine.merge(before, pl.concat(rejected), run_id, now))
    table = tables("quality")["conservation"]
    counts = pl.DataFrame(conservation, schema=table.polars_schema(), orient="row").sort("source")
    return Silver(current, counts)


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
    validate(table.pandera_schema(), shaped)
    return shaped
