import io

import pyarrow as pa
import pytest


def test_an_order_has_each_amount_of_its_net_revenue_its_lines_and_its_returns(api):
    (order,) = api.get("/v1/orders/O1").json()["data"]
    # 20 gross - 1 discount - 8 refund - 3 tax
    assert [order[name] for name in ("gross_revenue", "discounts", "refunds", "taxes", "net_revenue")] == [
        "20.0000",
        "1.0000",
        "8.0000",
        "3.0000",
        "8.0000",
    ]
    assert (order["created_at"], order["store_id"], order["is_first_order"]) == (
        "2024-01-01T10:00:00Z",
        "S1",
        True,
    )
    (line,) = order["lines"]
    # kept: one lamp at a cost of 4; profit 16 - 8 - 4
    assert (line["returned_quantity"], line["cost_amount"], line["profit_amount"]) == (1, "4.0000", "4.0000")
    (back,) = order["returns"]
    # half of the line's 16 net and of its 3 tax
    assert (back["return_id"], back["refund_amount"], back["refunded_tax"], back["days_since_delivery"]) == (
        "R1",
        "8.0000",
        "1.5000",
        13,
    )


def test_the_lines_and_returns_of_an_order_add_up_to_it(api):
    for order in api.get("/v1/orders/O1,O2,O3,O4,O6").json()["data"]:
        lines = order["lines"]
        assert float(order["gross_revenue"]) == sum(float(line["gross_amount"]) for line in lines)
        assert float(order["refunds"]) == sum(float(line["refund_amount"]) for line in lines)
        assert float(order["refunds"]) == sum(float(back["refund_amount"]) for back in order["returns"])


def test_several_orders_come_in_one_call_in_order_of_id_each_once(api):
    answer = api.get("/v1/orders/O3,O1,O3").json()
    assert [order["order_id"] for order in answer["data"]] == ["O1", "O3"]
    first = api.get("/v1/orders/O3,O1?limit=1").json()
    assert first["data"] == answer["data"][:1]
    assert api.get(f"/v1/orders/O3,O1?next={first['next']}").json()["data"] == answer["data"][1:]


def test_an_unknown_order_is_404_and_named(api):
    answer = api.get("/v1/orders/O1,O9")
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no order_id 'O9'.")


def test_an_order_without_revenue_keeps_its_amounts_and_says_so(api):
    (order,) = api.get("/v1/orders/O4?fields=is_revenue,net_revenue").json()["data"]
    assert order == {"is_revenue": False, "net_revenue": "8.0000"}


@pytest.mark.parametrize("path", ["/v1/orders/O1,O2", "/v1/products/P1,P2"])
def test_rows_within_rows_are_the_same_in_json_csv_and_arrow(api, path):
    import csv
    import json

    rows = api.get(path).json()["data"]
    name = "lines" if "orders" in path else "prices"
    as_csv = list(csv.DictReader(io.StringIO(api.get(path, "text/csv").text)))
    assert [json.loads(row[name]) for row in as_csv] == [row[name] for row in rows]
    arrow = pa.ipc.open_stream(api.get(path, "application/vnd.apache.arrow.stream").content).read_all().to_pylist()
    for ours, theirs in zip(rows, arrow, strict=True):
        assert [list(inner) for inner in theirs[name]] == [list(inner) for inner in ours[name]]
        money = "gross_amount" if name == "lines" else "list_price"
        assert [str(inner[money]) for inner in theirs[name]] == [inner[money] for inner in ours[name]]
