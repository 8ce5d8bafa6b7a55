"""returns: units that came back, line by line; a shop may say so by an order's status instead."""

from contracts.base import Field, Reference, Source

SOURCE = Source(
    grain="One row per return record that landed, in any version.",
    key=("return_id",),
    optional=True,
    fields=(
        Field("return_id"),
        Field("order_id"),
        Field("line_number"),
        Field("quantity", at_least=1),
        Field("returned_at"),
        Field("reason?"),
    ),
    references=(
        Reference(("order_id",), "orders"),
        Reference(("order_id", "line_number"), "order_items"),
    ),
)
