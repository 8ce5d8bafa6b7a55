"""Names as people write them."""

import pytest

from contracts.errors import NotFound
from pipelines.lineage import names
from pipelines.lineage.model import Lineage


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("gold.fct_orders", "rows of gold.fct_orders"),
        ("fct_orders", "rows of gold.fct_orders"),
        ("FCT_Orders.Status", "gold.fct_orders.status"),
        ("serving.fct_orders.status", "gold.fct_orders.status"),
        ("orders", "rows of silver.orders"),
        ("orders.status", "silver.orders.status"),
        ("orders.file_hash", "bronze.orders.file_hash"),
        ("orders.csv", "rows of orders.csv"),
        ("orders.csv: paid_at", "orders.csv: paid_at"),
        ("orders.csv:paid_at", "orders.csv: paid_at"),
        ("orders.csv.paid_at", "orders.csv: paid_at"),
        ("conservation.bronze_rows", "quality.conservation.bronze_rows"),
        ("parameter.refund_window_days", "setting refund_window_days"),
        ("parameter.as_of", "parameter as_of"),
        ("metrics_daily.aov", "api.metrics_daily.aov"),
    ],
)
def test_a_table_or_column_is_found_by_its_full_and_its_bare_name(lineage: Lineage, written: str, found: str) -> None:
    assert names.name(names.find(lineage, written)) == found


@pytest.mark.parametrize(
    ("written", "nearest"),
    [
        ("fct_ordres", "gold.fct_orders"),
        ("fct_orders.statuss", "gold.fct_orders.status"),
        ("fct_orders.segment", "gold.dim_customer.segment"),
        ("fct_revenu.net_revenue", "gold.fct_revenue_daily.net_revenue"),
        ("net_revenue", "gold.agg_customer_segments.net_revenue"),
        ("orders.csv: paid", "orders.csv: paid_at"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(lineage: Lineage, written: str, nearest: str) -> None:
    with pytest.raises(NotFound) as refused:
        names.find(lineage, written)
    said = str(refused.value)
    assert f"no table or column '{written}'" in said
    assert nearest in said


def test_a_name_like_nothing_is_answered_with_where_to_look(lineage: Lineage) -> None:
    with pytest.raises(NotFound, match=r"'xyzzy'\. `tillhouse lineage` lists every table"):
        names.find(lineage, "xyzzy")
