"""The tree a person reads on the terminal."""

from pipelines.lineage import text
from pipelines.lineage.model import Lineage
from pipelines.lineage.trace import ROWS, Node


def test_a_column_is_a_tree_down_to_the_landed_file_with_what_decides_its_rows(lineage: Lineage) -> None:
    assert text.of_column(lineage, Node("gold.fct_orders", "gross_revenue"), downstream=False) == [
        "Sum of gross_amount.",
        "gold.fct_orders.gross_revenue",
        "├── gold.fct_order_items.gross_amount",
        "│   ├── silver.order_items.quantity <- bronze.order_items.quantity <- order_items.csv: quantity",
        "│   ├── silver.order_items.unit_price <- bronze.order_items.unit_price <- order_items.csv: unit_price",
        "│   └── rows decided by silver.order_items: order_id; silver.orders: order_id",
        "└── rows decided by gold.fct_order_items: order_id; silver.orders: order_id",
        "Value from: order_items.csv: quantity, unit_price",
        "Rows decided by: order_items.csv: line_number, order_id, product_id; orders.csv: order_id; products.csv: "
        "product_id",
    ]


def test_a_constant_is_called_one(lineage: Lineage) -> None:
    lines = text.of_column(lineage, Node("gold.dim_payment_method", "label"), downstream=False)
    assert lines[-1] == "Value from: a constant of the model"


def test_downstream_ends_with_what_the_value_reaches_and_what_it_decides(lineage: Lineage) -> None:
    lines = text.of_column(lineage, Node("orders.csv", "status"), downstream=True)
    assert "└── bronze.orders.status -> silver.orders.status" in lines
    assert "    ├── gold.fct_orders.is_revenue" in lines
    reaches, decides = lines[-2:]
    assert reaches.startswith("Its value reaches: bronze.orders, silver.orders,")
    assert "gold.fct_revenue_daily" in decides


def test_a_table_shows_the_tables_behind_it_once_and_its_columns(lineage: Lineage) -> None:
    lines = text.of_table(lineage, "gold.fct_orders", downstream=False)
    assert lines[:3] == [
        "gold.fct_orders: One row per order, whatever its status; revenue is `where is_revenue`.",
        "Reads",
        "├── silver.orders",
    ]
    assert "│   │   └── orders.csv" in lines
    assert "│   └── silver.stores (as above)" in lines
    assert "├── is_revenue <- silver.orders: status" in lines
    assert "├── items <- rows of gold.fct_order_items" in lines
    assert text.of_table(lineage, "orders.csv", downstream=False)[2:4] == ["Reads", "└── nothing"]


def test_everything_is_a_line_a_table_either_way(lineage: Lineage) -> None:
    upstream = text.of_everything(lineage, downstream=False)
    assert "gold.fct_orders <- silver.orders, gold.dim_store, gold.fct_order_items" in upstream
    downstream = text.of_everything(lineage, downstream=True)
    assert "orders.csv -> bronze.landed_files, bronze.orders" in downstream


def test_lines_fold_at_the_width_of_the_terminal(lineage: Lineage) -> None:
    for node in (Node("gold.fct_revenue_daily", "net_revenue"), Node("orders.csv", "status")):
        for downstream in (False, True):
            folded = text.of_column(lineage, node, downstream, width=80)
            assert max(map(len, folded)) <= 80
            whole = text.of_column(lineage, node, downstream)
            words = [[word for word in " ".join(lines).split() if word.strip("│├└─")] for lines in (folded, whole)]
            assert words[0] == words[1]
    assert max(map(len, text.of_everything(lineage, downstream=False, width=80))) <= 80
    assert lineage.made(Node("gold.fct_orders", ROWS)).inputs.value == {Node("silver.orders", ROWS)}
