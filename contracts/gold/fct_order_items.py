"""fct_order_items: every order line with its amounts, cost and profit."""

from contracts.base import Reference, Table, columns_of

TABLE = Table(
    grain="One row per order line, whatever the order's status.",
    columns=columns_of(
        "order_id",
        "line_number",
        "order_date",
        "product_id",
        "product_key",
        "customer_id?",
        "store_id",
        "quantity",
        "unit_price",
        "gross_amount",
        "discount_amount",
        "tax_amount",
        "net_amount",
        "returned_quantity",
        "refund_amount",
        "cost_amount?",
        "profit_amount?",
        "is_revenue",
        product_key="The product's version in force when the order was created.",
    ),
    key=("order_id", "line_number"),
    partition="order_date",
    scope="orders",
    references=(
        Reference(("order_id",), "fct_orders"),
        Reference(("product_key",), "dim_product"),
        Reference(("customer_id",), "dim_customer"),
        Reference(("store_id",), "dim_store"),
    ),
)
