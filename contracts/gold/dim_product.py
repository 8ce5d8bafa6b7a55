"""dim_product: what is sold, with the history of its list price (SCD-2)."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per product and unbroken time of one list price; all other attributes as last known.",
    columns=columns_of(
        "product_key",
        "product_id",
        "product_name",
        "category?",
        "subcategory?",
        "brand?",
        "unit_cost?",
        "reorder_point",
        "list_price",
        "valid_from",
        "valid_to",
        "is_current",
    ),
    key=("product_key",),
)
