"""agg_sales_daily: the dashboard cube."""

from contracts.base import Reference, Table, columns_of

TABLE = Table(
    grain="One row per date, store, place, category and segment with sales or refunds.",
    columns=columns_of(
        "date",
        "store_id",
        "channel",
        "country",
        "region",
        "city",
        "category",
        "segment",
        "orders",
        "units",
        "gross_revenue",
        "discounts",
        "taxes",
        "refunds",
        "net_revenue",
        "profit",
        country="Country of a retail store, else of the customer; unknown where there is none.",
        region="Region of a retail store, else of the customer; unknown where there is none.",
        city="City of a retail store, else of the customer; unknown where there is none.",
        category="First level of the catalogue; unknown where there is none.",
        orders="Distinct orders within the row, by order date.",
        refunds="Sum of refund_amount, by return date.",
        profit="Net less cost by order date, less refunds by return date, over lines whose cost is known.",
    ),
    key=("date", "store_id", "channel", "country", "region", "city", "category", "segment"),
    references=(Reference(("store_id",), "dim_store"),),
)
