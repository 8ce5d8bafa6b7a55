"""order_items: the current truth."""

from contracts.base import PROVENANCE, Table, columns_of
from contracts.sources.order_items import SOURCE

TABLE = Table(
    grain="One row per order line: its latest good row.",
    columns=SOURCE.columns + columns_of("order_date") + PROVENANCE,
    key=SOURCE.key,
    partition="order_date",
    references=SOURCE.references,
    served=False,
)
