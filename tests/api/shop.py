"""A shop small enough to be worked out by hand, landed and released three times.

Release 1, as of 2024-01-10 (gross, discount, tax -> net):
    O1  01-01  C1 Ada (GB), store S1 (retail, Leeds), card, delivered 01-02
        line 1   2 x P1 Lamp at 10.00       20    1    3   -> 16
    O2  01-02  C2 Blaise (FR), store W1 (web), paypal, paid
        line 1   1 x P1                     10    0    2   ->  8
        line 2   1 x P2 Desk at 100.00     100   10   15   -> 75
    O3  01-05  a guest, no store, card, delivered 01-07
        line 1   3 x `SKU/1, a é` at 1.00    3    0  0.5   ->  2.5
    O4  01-05  C1, created only: bears no revenue
        line 1   1 x P1                     10    0    2
    O5  a status that is none: quarantined
Release 2, as of 2024-01-20: R1, one lamp of O1 back on 01-15, refund 8; O2 is delivered on 01-19; the lamp is 12.00
since 01-18.
Release 3, as of 2024-02-05: O6 of 01-02, C1, store W1, card, paid, 1 x P2, 100, 0, 20 -> 80.
"""

from tests.conftest import Home, Row

ODD = "SKU/1, a é"

CUSTOMERS: list[Row] = [
    {"customer_id": "C1", "email": "ada@example.org", "region": "England", "city": "London"},
    {
        "customer_id": "C2",
        "full_name": "Blaise Pascal",
        "email": "blaise@example.org",
        "country": "FR",
        "region": "Auvergne",
        "city": "Clermont",
    },
]
STORES: list[Row] = [
    {"store_id": "S1", "store_name": "High Street", "country": "GB", "region": "England", "city": "Leeds"},
    {"store_id": "W1", "store_name": "Web", "channel": "web"},
]
PRODUCTS: list[Row] = [
    {"product_id": "P1"},
    {
        "product_id": "P2",
        "product_name": "Desk",
        "category": "Furniture",
        "list_price": "100.00",
        "unit_cost": "60.00",
    },
    {"product_id": ODD, "product_name": "Bulb", "category": "", "list_price": "1.00", "unit_cost": ""},
]


def _order(order_id: str, day: str, delivered: str = "", **more: str) -> Row:
    return {
        "order_id": order_id,
        "status": "delivered" if delivered else "paid",
        "created_at": f"{day}T10:00:00",
        "paid_at": f"{day}T10:05:00",
        "delivered_at": f"{delivered}T09:00:00" if delivered else "",
        **more,
    }


def _line(order_id: str, number: int, product: str, quantity: int, price: str, discount: str, tax: str) -> Row:
    return {
        "order_id": order_id,
        "line_number": str(number),
        "product_id": product,
        "quantity": str(quantity),
        "unit_price": price,
        "discount_amount": discount,
        "tax_amount": tax,
    }


O2 = {"customer_id": "C2", "store_id": "W1", "payment_method": "paypal"}


def land(home: Home) -> None:
    """Lands and releases all three."""
    home.land(
        "2024-01-10",
        customers=CUSTOMERS,
        stores=STORES,
        products=PRODUCTS,
        orders=[
            _order("O1", "2024-01-01", "2024-01-02", store_id="S1"),
            _order("O2", "2024-01-02", **O2),
            _order("O3", "2024-01-05", "2024-01-07", customer_id=""),
            {**_order("O4", "2024-01-05"), "status": "created", "paid_at": ""},
            {**_order("O5", "2024-01-05"), "status": "lost"},
        ],
        order_items=[
            _line("O1", 1, "P1", 2, "10.00", "1.00", "3.00"),
            _line("O2", 1, "P1", 1, "10.00", "0", "2.00"),
            _line("O2", 2, "P2", 1, "100.00", "10.00", "15.00"),
            _line("O3", 1, ODD, 3, "1.00", "0", "0.50"),
            _line("O4", 1, "P1", 1, "10.00", "0", "2.00"),
        ],
        inventory_movements=[
            {},
            {
                "movement_id": "M2",
                "movement_type": "shipment",
                "quantity": "17",
                "occurred_at": "2024-01-03T08:00:00",
            },
        ],
    )
    home.succeed("pipeline", "2024-01-10")
    home.land(
        "2024-01-20",
        products=[{**PRODUCTS[0], "list_price": "12.00", "updated_at": "2024-01-18"}],
        orders=[{**_order("O2", "2024-01-02", "2024-01-19", **O2), "updated_at": "2024-01-19T09:00:00"}],
        returns=[{"return_id": "R1", "returned_at": "2024-01-15T12:00:00"}],
    )
    home.succeed("pipeline", "2024-01-20")
    home.land(
        "2024-02-05",
        orders=[_order("O6", "2024-01-02", store_id="W1")],
        order_items=[_line("O6", 1, "P2", 1, "100.00", "0", "20.00")],
    )
    home.succeed("pipeline", "2024-02-05")
