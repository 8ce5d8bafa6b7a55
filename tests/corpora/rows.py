"""Each reason a row can be quarantined for, and which row of a key wins; one fault a file."""

from collections.abc import Iterator

from tests.corpora.shape import COLUMNS, CURRENT, REQUIRED, SUPERSEDED, Case, Loaded, of_row, of_rows, row, text

TIMES = {
    "customers": "signup_at updated_at",
    "products": "updated_at",
    "stores": "updated_at",
    "orders": "created_at paid_at fulfilled_at delivered_at returned_at cancelled_at updated_at",
    "returns": "returned_at",
    "inventory_movements": "occurred_at",
}
AMOUNTS = {
    "products": "list_price unit_cost",
    "orders": "shipping_amount",
    "order_items": "unit_price discount_amount tax_amount",
}
INTS = {
    "products": "reorder_point",
    "order_items": "line_number quantity",
    "returns": "line_number quantity",
    "inventory_movements": "quantity",
}
STAMPS = ("paid_at", "fulfilled_at", "delivered_at", "returned_at", "cancelled_at")
DEAD = {"deleted": "true"}


def cases() -> Iterator[Case]:
    """Every source's reasons."""
    for source in COLUMNS:
        yield from _own_values(source)
        yield from _ragged(source)
        yield from _winners(source)
    yield from _order_rules()
    yield from _line_rules()
    yield from _return_rules()
    yield from _movement_rules()
    yield from _orphans()


def _own_values(source: str) -> Iterator[Case]:
    required = REQUIRED[source].split()
    for column in required:
        yield of_row(source, f"no {column}", f"{column}:null", **{column: ""})
    for column in TIMES.get(source, "").split():
        yield of_row(source, f"{column} is no time", f"{column}:type", **{column: "12 May"})
    for column in AMOUNTS.get(source, "").split():
        yield of_row(source, f"{column} is no money", f"{column}:type", **{column: "a lot"})
        yield of_row(source, f"{column} below nothing", f"{column}:ge_0", **{column: "-0.0001"})
    for column in INTS.get(source, "").split():
        yield of_row(source, f"{column} is no number", f"{column}:type", **{column: "1.5"})
    yield of_row(source, "ingested_at is no time", "ingested_at:type", ingested_at="soon")
    yield of_row(source, "deleted is neither", "deleted:type", deleted="maybe")
    yield of_row(
        source,
        "nothing at all",
        " ".join(f"{column}:null" for column in required),
        **dict.fromkeys(COLUMNS[source].split(), ""),
    )


def _ragged(source: str) -> Iterator[Case]:
    width = len(COLUMNS[source].split())
    for name, record in {
        "one field less": "x" + "," * (width - 2),
        "one field more": "x" + "," * width,
        "one field alone": "x",
        "a blank alone": " ",
        "a line of commas too few": "," * (width - 2),
        "quotes alone": '""',
    }.items():
        content = text(source, [row(source, name)]) + record + "\n"
        yield Case(source, name, content.encode(), Loaded((CURRENT, "row:ragged")))
    name = "a ragged tombstone"
    content = text(source, [row(source, name, deleted="false")]) + "x,true\n"
    yield Case(source, name, content.encode(), Loaded((CURRENT, "row:ragged")))


def _winners(source: str) -> Iterator[Case]:
    key = {
        column: row(source, "{case}")[column] for column in REQUIRED[source].split()[: 1 + (source == "order_items")]
    }

    def again(name: str, *rows: tuple[str, dict[str, str]]) -> Case:
        same = {column: value.replace("-case-", name.replace(" ", "-")) for column, value in key.items()}
        return of_rows(source, name, *((outcome, same | changes) for outcome, changes in rows))

    yield again("sent twice", (SUPERSEDED, {}), (CURRENT, {}))
    yield again(
        "sent earlier but standing later",
        (CURRENT, {"ingested_at": "2024-01-05"}),
        (SUPERSEDED, {"ingested_at": "2024-01-04T23:59:59.999999"}),
    )
    yield again("gone", (SUPERSEDED, {"deleted": "false"}), (SUPERSEDED, DEAD))
    yield again("gone and back", (SUPERSEDED, {}), (SUPERSEDED, DEAD), (CURRENT, {}))
    yield again("gone with an older time", (CURRENT, {}), (SUPERSEDED, DEAD | {"ingested_at": "2024-01-01"}))
    yield again("good then bad", (CURRENT, {}), ("deleted:type", {"deleted": "?"}))
    others = dict.fromkeys([each for each in REQUIRED[source].split() if each not in key], "")
    yield again("a tombstone of only its key", (SUPERSEDED, DEAD | others))
    yield again("a tombstone with a bad time", ("ingested_at:type", DEAD | {"ingested_at": "soon"}))
    first = next(iter(key))
    yield again("a tombstone of nothing", (f"{first}:null", DEAD | {first: ""}))


def _order_rules() -> Iterator[Case]:
    for state in ("paid", "delivered", "returned", "cancelled"):
        yield of_row("orders", f"{state} without a time", f"{state}_at:missing", status=state)
        changes = {"status": state, f"{state}_at": "12 May"}
        yield of_row("orders", f"{state} with a bad time", f"{state}_at:type", **changes)
    yield of_row("orders", "fulfilled without a time", CURRENT, status="fulfilled")
    for stamp in STAMPS:
        yield of_row(
            "orders", f"{stamp} just before", f"{stamp}:before_created", **{stamp: "2024-01-01T09:59:59.999999"}
        )
        yield of_row("orders", f"{stamp} at once", CURRENT, **{stamp: "2024-01-01T10:00:00"})
        yield of_row("orders", f"{stamp} after in its own zone", CURRENT, **{stamp: "2024-01-01T06:00-05:00"})
        changes = {stamp: "2024-01-01", "created_at": "12 May"}
        yield of_row("orders", f"{stamp} before no time", "created_at:type", **changes)
    for number, currency in enumerate(("EUR", "usd", " USD", "USD ", "US", "$"), 1):
        yield of_row("orders", f"currency {number}", "currency:mismatch", currency=currency)
    yield of_row("orders", "a guest", CURRENT, customer_id=" ")
    yield of_row("orders", "the most for shipping", CURRENT, shipping_amount="99999999999999.9999")
    yield of_row(
        "orders",
        "four faults",
        "status:enum shipping_amount:ge_0 paid_at:before_created currency:mismatch",
        status="lost",
        shipping_amount="-1",
        paid_at="2023-12-31",
        currency="EUR",
    )


def _line_rules() -> Iterator[Case]:
    for column in ("line_number", "quantity"):
        for name, value in {"nothing": "0", "less": "-1", "minus nothing": "-0"}.items():
            yield of_row("order_items", f"{column} of {name}", f"{column}:ge_1", **{column: value})
    exceeds = "discount_amount:exceeds_gross"
    for name, outcome, changes in (
        ("all of it off", CURRENT, {"discount_amount": "50"}),
        ("all of it off and tax", CURRENT, {"discount_amount": "25", "tax_amount": "25"}),
        ("more off than it costs", exceeds, {"discount_amount": "50.0001"}),
        ("more tax than it costs", exceeds, {"tax_amount": "50.0001"}),
        ("more off and tax", exceeds, {"discount_amount": "25.0001", "tax_amount": "25"}),
        ("rounded to all of it", CURRENT, {"discount_amount": "50.00004"}),
        ("rounded to more", exceeds, {"discount_amount": "50.00005"}),
        ("for nothing", CURRENT, {"unit_price": "0"}),
        ("off of nothing", exceeds, {"unit_price": "0", "discount_amount": "0.0001"}),
        ("gross of a bad price", "unit_price:type", {"unit_price": "x", "discount_amount": "99"}),
        ("gross of no quantity", "quantity:ge_1", {"quantity": "0", "discount_amount": "99"}),
        ("the largest price", CURRENT, {"quantity": "1", "unit_price": "99999999999999.9999"}),
        ("the largest gross", CURRENT, {"quantity": "2", "unit_price": "49999999999999.9999"}),
        ("too large by one", "quantity:too_large", {"quantity": "2", "unit_price": "50000000000000"}),
        ("too large by far", "quantity:too_large", {"quantity": "999999999", "unit_price": "99999999999999"}),
        ("too large and off", "quantity:too_large", {"unit_price": "20000000000000", "tax_amount": "99999999999999"}),
        ("four faults", "quantity:ge_1 unit_price:ge_0 discount_amount:type tax_amount:null",
         {"quantity": "0", "unit_price": "-1", "discount_amount": "x", "tax_amount": ""}),
    ):  # fmt: skip
        yield of_row("order_items", name, outcome, **changes)
    yield of_rows(
        "order_items", "one line in two spellings", (SUPERSEDED, {"line_number": "01"}), (CURRENT, {"line_number": "1"})
    )


def _return_rules() -> Iterator[Case]:
    # Its line was sold with 10 units.
    beyond = "quantity:exceeds_sold"
    for value in ("0", "-1"):
        yield of_row("returns", f"quantity {value} low", "quantity:ge_1", quantity=value)
    yield of_row("returns", "all of the line", CURRENT, quantity="10")
    yield of_row("returns", "one more than the line", beyond, quantity="11")
    yield of_row("returns", "the most there is", beyond, quantity="999999999")
    yield of_rows("returns", "six and five", (CURRENT, {"quantity": "6"}), (beyond, {"quantity": "5"}))
    yield of_rows("returns", "too many then all", (beyond, {"quantity": "11"}), (CURRENT, {"quantity": "10"}))
    yield of_rows(
        "returns",
        "six then five arrived before",
        (beyond, {"quantity": "6"}),
        (CURRENT, {"quantity": "5", "ingested_at": "2024-01-01"}),
    )
    again = {"return_id": "six-again", "quantity": "6"}
    yield of_rows("returns", "six again", (SUPERSEDED, again), (CURRENT, again))
    yield of_rows(
        "returns",
        "ten taken back then ten",
        (SUPERSEDED, {"return_id": "taken-back", "quantity": "10"}),
        (SUPERSEDED, DEAD | {"return_id": "taken-back"}),
        (CURRENT, {"quantity": "10"}),
    )


def _movement_rules() -> Iterator[Case]:
    for movement in ("receipt", "shipment", "return", "allocation", "release"):
        for value in ("0", "-1"):
            changes = {"movement_type": movement, "quantity": value}
            yield of_row("inventory_movements", f"{movement} of {value} units", "quantity:ge_1", **changes)
    adjustment = {"movement_type": "adjustment"}
    yield of_row("inventory_movements", "adjusted by nothing", "quantity:ne_0", **adjustment, quantity="0")
    yield of_row("inventory_movements", "adjusted by minus nothing", "quantity:ne_0", **adjustment, quantity="-0")
    yield of_row("inventory_movements", "adjusted down", CURRENT, **adjustment, quantity="-1")
    yield of_row("inventory_movements", "the most units", CURRENT, quantity="999999999")
    yield of_row("inventory_movements", "no kind and no units", "movement_type:enum", movement_type="x", quantity="0")
    yield of_row("inventory_movements", "an order nobody knows", CURRENT, order_id="nowhere")


def _orphans() -> Iterator[Case]:
    for source, columns in {
        "orders": ("customer_id", "store_id"),
        "order_items": ("order_id", "product_id"),
        "inventory_movements": ("product_id",),
    }.items():
        for column in columns:
            yield of_row(source, f"{column} is nowhere", f"{column}:orphan", **{column: "nowhere"})
            near = {column: "parent"}  # text matches exactly
            yield of_row(source, f"{column} in another case", f"{column}:orphan", **near)
        both = " ".join(f"{column}:orphan" for column in columns)
        yield of_row(source, "every parent is nowhere", both, **dict.fromkeys(columns, "nowhere"))
        changes = dict.fromkeys(columns, "nowhere") | {"deleted": "x"}
        yield of_row(source, "bad before it is an orphan", "deleted:type", **changes)
    yield of_row("returns", "its order is nowhere", "order_id:orphan", order_id="nowhere")
    for value in ("2", "0", "-1", "999999999"):
        yield of_row("returns", f"line {value} is not there", "line_number:orphan", line_number=value)
    yield of_row("orders", "a store and a customer there are", CURRENT, customer_id="PARENT", store_id="PARENT")
