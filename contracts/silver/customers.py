"""customers: the current truth."""

from contracts.base import PROVENANCE, Table
from contracts.sources.customers import SOURCE

TABLE = Table(
    grain="One row per customer: its latest good row.",
    columns=SOURCE.columns + PROVENANCE,
    key=SOURCE.key,
    served=False,
)
