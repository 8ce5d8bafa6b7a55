"""Bronze to silver: every row judged, one truth per key, every other row accounted for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from contracts.base import Source
from contracts.errors import CheckFailed
from contracts.registry import tables
from contracts.settings import Settings
from pipelines.silver import corrections, product_versions, quarantine
from pipelines.silver.each_source import decide, each_after_its_parents, shaped
from pipelines.silver.judge import judge
from pipelines.silver.references import Parents


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
    on_table: Callable[[str, pl.DataFrame], object] = lambda *_: None,
) -> Silver:
    """Silver from all of bronze. `before` is the quarantine of the last release, whose dates and run ids stay.

    `on_table` is handed each table as soon as it is done.
    """
    landed = frozenset(name for name, rows in bronze.items() if rows.height)
    current: dict[str, pl.DataFrame] = {}

    def done(name: str, rows: pl.DataFrame) -> None:
        current[name] = shaped(name, rows)
        on_table(name, current[name])

    rejected: list[pl.DataFrame] = []
    naming: list[pl.DataFrame] = []
    conservation: list[tuple[str, int, int, int, int]] = []

    def bring(source: Source) -> None:
        rows = bronze[source.name]
        judged = judge(rows, source, settings)
        verdict = decide(source, judged, Parents(current, landed))
        if verdict.rows != rows.height:
            raise CheckFailed(
                f"Of {rows.height} bronze rows of {source.name}, {verdict.rows} are accounted for. "
                "Nothing was published; please report it."
            )
        done(source.name, verdict.kept)
        if source.name == "products":
            done("product_versions", product_versions.derive(verdict))
        rejected.append(quarantine.rows_of(source, verdict, rows))
        naming.append(corrections.rows_of(source, rows))
        conservation.append(
            (source.name, verdict.rows, verdict.kept.height, verdict.superseded.height, verdict.rejected.height)
        )

    each_after_its_parents(bring)
    done("corrections", pl.concat(naming))
    merged = quarantine.merge(before, pl.concat(rejected), run_id, now)
    corrected = corrections.in_force(current["corrections"], merged)
    done("quarantine", corrections.mark(merged, corrected))
    table = tables("quality")["conservation"]
    counts = pl.DataFrame(conservation, schema=table.polars_schema(), orient="row").sort("source")
    return Silver(current, counts)
