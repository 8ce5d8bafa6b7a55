"""How many products carry how much, in words."""

from serving.reports.formats import grouped, plural
from serving.reports.query import Row


def told(first: Row, rows: list[Row]) -> str:
    """`41 of 138 products (30%) bring 80% of net revenue`: the class `first` among the rows of abc_classes."""
    products = sum(row["products"] for row in rows)
    return (
        f"{grouped(first['products'])} of {plural(products, 'product')} ({first['product_share']:.0%}) bring "
        f"{first['revenue_share']:.0%} of net revenue"
    )
