"""returns: the current truth."""

from contracts.base import PROVENANCE, Table, columns_of
from contracts.sources.returns import SOURCE

TABLE = Table(
    grain="One row per return: its latest good row.",
    columns=SOURCE.columns + columns_of("return_date") + PROVENANCE,
    key=SOURCE.key,
    partition="return_date",
    references=SOURCE.references,
    served=False,
)
