"""One order line all the way from its CSV to a figure over HTTP, and one bad row to quarantine and back."""

import csv
from decimal import Decimal

# 3 at 19.99, 5.97 off, 9.00 tax: gross 59.97, net 45.00. One comes back within the window: 45.00 / 3 = 15.00.
ORDER = {
    "order_id": "O-7",
    "created_at": "2024-01-03T10:00:00",
    "paid_at": "2024-01-03T10:01:00",
    "delivered_at": "2024-01-05T09:00:00",
    "updated_at": "2024-01-05T09:00:00",
}
LINE = {
    "order_id": "O-7",
    "product_id": "SKU-7",
    "quantity": "3",
    "unit_price": "19.99",
    "discount_amount": "5.97",
    "tax_amount": "9.00",
}
PRODUCT = {"product_id": "SKU-7", "product_name": "Desk lamp", "list_price": "19.99", "unit_cost": "8.00"}
RETURN = {"order_id": "O-7", "quantity": "1", "returned_at": "2024-01-06T09:00:00"}


def test_an_order_line_is_the_same_money_from_the_csv_to_the_browser(home):
    home.land("2024-01-03", customers=[{}], products=[PRODUCT], orders=[ORDER], order_items=[LINE])
    home.land("2024-01-06", returns=[RETURN])
    home.succeed("pipeline", "--all")

    # landing -> bronze: text, as it came
    folder = home.path / "landing" / "2024-01-03"
    with (folder / "order_items.csv").open(encoding="utf-8", newline="") as handle:
        [landed] = csv.DictReader(handle)
    [bronze] = home.rows("select * from bronze.order_items")
    assert {name: bronze[name] for name in landed} == landed
    assert (bronze["source_file"], bronze["row_number"], bronze["landing_date"]) == (
        "order_items.csv",
        "1",
        "2024-01-03",
    )

    # silver: typed, with where it came from
    [silver] = home.rows("select * from silver.order_items")
    assert (silver["quantity"], silver["unit_price"], silver["discount_amount"]) == ("3", "19.9900", "5.9700")
    assert (silver["order_date"], silver["row_hash"]) == ("2024-01-03", bronze["row_hash"])

    # gold: the line's arithmetic
    [line] = home.rows("select * from gold.fct_order_items")
    assert {name: line[name] for name in ("gross_amount", "net_amount", "refund_amount")} == {
        "gross_amount": "59.9700",
        "net_amount": "45.0000",
        "refund_amount": "15.0000",
    }
    # 2 kept at a cost of 8; 45 - 15 - 16
    assert (line["cost_amount"], line["profit_amount"], line["returned_quantity"]) == ("16.0000", "14.0000", "1")

    # the ledger names the very line of the file
    ledger = home.rows(
        "select event, amount, source_file, row_number, landing_date from gold.fct_money_ledger"
        " where clock = 'booked' order by event"
    )
    assert [(row["event"], row["amount"], row["source_file"], row["landing_date"]) for row in ledger] == [
        ("discount", "-5.9700", "order_items.csv", "2024-01-03"),
        ("refund", "-15.0000", "returns.csv", "2024-01-06"),
        ("sale", "59.9700", "order_items.csv", "2024-01-03"),
        ("tax", "-9.0000", "order_items.csv", "2024-01-03"),
    ]

    # Postgres, to the cent
    assert home.database("select gross_amount, net_amount, refund_amount from serving.fct_order_items") == [
        (Decimal("59.97"), Decimal("45.00"), Decimal("15.00"))
    ]

    # the API: sold on the 3rd, refunded on the 6th
    answer = home.ask("/v1/metrics/daily?start=2024-01-03&end=2024-01-06")
    assert (answer["as_of"], answer["release"]) == ("2024-01-06", 1)
    first, *_, last = answer["data"]
    assert (first["gross_revenue"], first["discounts"], first["taxes"]) == ("59.9700", "5.9700", "9.0000")
    assert (first["net_revenue"], last["refunds"], last["net_revenue"]) == ("45.0000", "15.0000", "-15.0000")

    # and the report's page of that date
    assert (home.path / "reports" / "2024-01-06" / "index.html").exists()


def test_a_bad_row_waits_in_quarantine_until_it_is_fixed(home):
    home.land(
        "2024-01-03",
        customers=[{}],
        products=[PRODUCT],
        orders=[ORDER],
        order_items=[LINE | {"quantity": "0", "unit_price": "19,99"}],
    )
    home.succeed("pipeline", "2024-01-03")
    kept = home.rows(
        "select landing_date, source_file, row_number, reasons, status, corrected_by from silver.quarantine"
    )
    assert kept == [
        {
            "landing_date": "2024-01-03",
            "source_file": "order_items.csv",
            "row_number": "1",
            "reasons": '["quantity:ge_1","unit_price:type"]',
            "status": "open",
            "corrected_by": "",
        }
    ]
    assert home.database("select raw::json->>'unit_price' from serving.quarantine") == [("19,99",)]
    assert home.rows("select * from silver.order_items") == []
    assert home.database("select sum(gross_revenue) from serving.fct_revenue_daily") == [(0,)]

    home.land("2024-01-04", order_items_fixed=[LINE])
    home.succeed("pipeline", "2024-01-04")
    assert home.database("select sum(gross_revenue) from serving.fct_revenue_daily") == [(Decimal("59.97"),)]
    # The old row stays open for conservation and names its fix.
    assert home.rows("select status, corrected_by from silver.quarantine") == [
        {"status": "open", "corrected_by": "2024-01-04/order_items_fixed.csv#1"}
    ]
    assert home.database("select * from serving.conservation where source = 'order_items'") == [
        ("order_items", 2, 1, 0, 1)
    ]
