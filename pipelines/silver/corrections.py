"""Corrections: landed rows that name, in `_file` and `_row`, the quarantined row they correct."""

import polars as pl

from contracts.base import Source
from contracts.registry import tables
from pipelines.landing import values
from pipelines.silver.quarantine import PLACE, place

_FILE = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})/(.+)$"  # <landing_date>/<source_file>


def rows_of(source: Source, bronze: pl.DataFrame) -> pl.DataFrame:
    """silver.corrections of some bronze rows. What is no place, and what a tombstone says, names nothing."""
    naming = bronze.filter(pl.col("extra").str.contains('"_file"', literal=True))
    file = values.text(values.undeclared(naming, "_file")).str.strip_chars()
    midnight = pl.col("landing_date").cast(pl.Datetime("us"))
    return (
        naming.select(
            pl.lit(source.name).alias("source"),
            file.str.extract(_FILE, 1).str.to_date("%Y-%m-%d", strict=False).alias("landing_date"),
            file.str.extract(_FILE, 2).alias("source_file"),
            values.integer(values.undeclared(naming, "_row")).alias("row_number"),
            place().alias("corrected_by"),
            pl.coalesce("ingested_at", midnight).alias("ingested_at"),
        )
        .filter(~values.flag(values.undeclared(naming, "deleted")).fill_null(value=False))
        .drop_nulls(list(PLACE))
        .select(tables("silver")["corrections"].names)
    )


def in_force(corrections: pl.DataFrame, quarantined: pl.DataFrame) -> pl.DataFrame:
    """Place and `corrected_by` of each open quarantined row that a good row names: the latest of them.

    A row that names another one is good where it is not in quarantine itself.
    """
    if corrections.is_empty():
        return corrections.select(*PLACE, "corrected_by")
    is_open = quarantined.filter(pl.col("status") == "open")
    bad = is_open.select("source", place().alias("corrected_by"))
    fix = pl.col("corrected_by")
    # The order that decides which row of a key wins.
    order = [
        "ingested_at",
        fix.str.slice(0, 10),
        fix.str.extract(r"^[^/]*/(.*)#[0-9]+$"),
        fix.str.extract(r"([0-9]+)$").cast(pl.Int64),
    ]
    return (
        corrections.join(bad, on=["source", "corrected_by"], how="anti")
        .join(is_open, on=PLACE, how="semi")
        .sort(order)
        .unique(PLACE, keep="last", maintain_order=True)
        .select(*PLACE, "corrected_by")
    )


def mark(quarantined: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The quarantine with `corrected_by` as `found` (place and corrected_by) has it, elsewhere as it was."""
    told = found.rename({"corrected_by": "__said"})
    return (
        quarantined.join(told, on=PLACE, how="left", maintain_order="left")
        .with_columns(pl.coalesce("__said", "corrected_by").alias("corrected_by"))
        .drop("__said")
    )
