"""products: the current truth."""

from contracts.base import PROVENANCE, Table
from contracts.sources.products import SOURCE

TABLE = Table(
    grain="One row per product: its latest good row.",
    columns=SOURCE.columns + PROVENANCE,
    key=SOURCE.key,
    served=False,
)
