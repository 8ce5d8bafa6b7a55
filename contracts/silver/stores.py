"""stores: the current truth."""

from contracts.base import PROVENANCE, Table
from contracts.sources.stores import SOURCE

TABLE = Table(
    grain="One row per store: its latest good row.",
    columns=SOURCE.columns + PROVENANCE,
    key=SOURCE.key,
    served=False,
)
