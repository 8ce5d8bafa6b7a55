"""inventory_movements: the current truth."""

from contracts.base import PROVENANCE, Table, columns_of
from contracts.sources.inventory_movements import SOURCE

TABLE = Table(
    grain="One row per stock movement: its latest good row.",
    columns=SOURCE.columns + columns_of("movement_date") + PROVENANCE,
    key=SOURCE.key,
    partition="movement_date",
    references=SOURCE.references,
    served=False,
)
