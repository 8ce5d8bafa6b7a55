"""orders: the current truth."""

from contracts.base import PROVENANCE, Table, columns_of
from contracts.sources.orders import SOURCE

TABLE = Table(
    grain="One row per order: its latest good row.",
    columns=SOURCE.columns + columns_of("order_date") + PROVENANCE,
    key=SOURCE.key,
    partition="order_date",
    references=SOURCE.references,
    served=False,
)
