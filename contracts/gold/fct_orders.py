"""fct_orders: every order with its amounts, whatever its status."""

from contracts.base import Reference, Table, columns_of

TABLE = Table(
    grain="One row per order, whatever its status; revenue is `where is_revenue`.",
    columns=columns_of(
        "order_id",
        "customer_id?",
        "store_id",
        "payment_method",
        "status",
        "order_date",
        "created_at",
        "paid_at?",
        "fulfilled_at?",
        "delivered_at?",
        "returned_at?",
        "cancelled_at?",
        "is_revenue",
        "is_first_order",
        "items",
        "units",
        "gross_revenue",
        "discounts",
        "taxes",
        "refunds",
        "net_revenue",
        "shipping_amount",
        refunds="Sum of refund_amount over the order's returns.",
        shipping_amount="What the customer paid for shipping, 0 where the shop does not say; not revenue.",
    ),
    key=("order_id",),
    partition="order_date",
    scope="orders",
    references=(
        Reference(("customer_id",), "dim_customer"),
        Reference(("store_id",), "dim_store"),
        Reference(("payment_method",), "dim_payment_method"),
    ),
)
