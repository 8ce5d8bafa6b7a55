"""product_versions: what a product was at every moment it changed."""

from contracts.base import PROVENANCE, Table
from contracts.sources.products import SOURCE

TABLE = Table(
    grain="One row per product and updated_at; of several the one that wins.",
    columns=SOURCE.columns + PROVENANCE,
    key=("product_id", "updated_at"),
    served=False,
)
