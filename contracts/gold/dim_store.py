"""dim_store: where the shop sells."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per store, and the member `unknown` for a null store and for one no file describes.",
    columns=columns_of("store_id", "store_name", "channel", "country?", "region?", "city?"),
    key=("store_id",),
)
