"""conservation: where every landed row went."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per source: bronze = current + superseded + quarantined.",
    columns=columns_of("source", "bronze_rows", "current_rows", "superseded_rows", "quarantined_rows"),
    key=("source",),
)
