"""products: the catalogue; each row is a version of a product."""

from contracts.base import Field, Source

SOURCE = Source(
    grain="One row per product record that landed, in any version.",
    key=("product_id",),
    fields=(
        Field("product_id"),
        Field("product_name"),
        Field("category?"),
        Field("subcategory?"),
        Field("brand?"),
        Field("list_price", at_least=0),
        Field("unit_cost?", at_least=0),
        Field("reorder_point", at_least=0, default=0),
        Field("updated_at"),
    ),
)
