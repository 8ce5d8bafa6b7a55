"""The lines of an order explained: gross to profit, and each return with the arithmetic of its refund."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

from pipelines.explain import rules
from pipelines.explain.evidence import Amount, Cite, Proof, Row, amount, cite, place_of

ZERO = Decimal("0.0000")
Texts = Mapping[tuple[str, date, str, int], Row]  # landed rows by source and place


@dataclass(frozen=True)
class Return:
    """A return of a line: was it refunded, and how much."""

    return_id: str
    quantity: int
    returned_at: datetime
    refund_eligible: Amount
    refund_amount: Amount
    refunded_tax: Amount


@dataclass(frozen=True)
class Line:
    """An order line, its amounts as fct_order_items holds them, and its returns."""

    line_number: int
    product_id: str
    quantity: int
    product_key: str
    amounts: tuple[Amount, ...]
    returns: tuple[Return, ...]
    proof: tuple[Proof, ...]  # its row of fct_order_items

    def money(self, name: str) -> Decimal:
        """An amount of the line that is known."""
        [found] = [each for each in self.amounts if each.name == name]
        return found.decimal


def explain(
    order: Row, order_lines: Sequence[Row], return_rows: Sequence[Row], texts: Texts, window: int
) -> tuple[Line, ...]:
    """The lines of an order, given the rows of the queries `order`, `lines` and `returns`.

    `texts` holds the landed rows they came from, `window` the refund window in days.
    """
    if not return_rows and order["status"] == "returned":
        came_back = [_by_status(order, line) for line in order_lines]
    else:
        came_back = [row | {"landed": texts["returns", *place_of(row)]} for row in return_rows]
    return tuple(
        _line(order, line, [row for row in came_back if row["line_number"] == line["line_number"]], texts, window)
        for line in order_lines
    )


def _by_status(order: Row, line: Row) -> Row:
    """The return of a line whose order came back by its status alone."""
    return {
        "return_id": f"{order['order_id']}#{line['line_number']}",
        "line_number": line["line_number"],
        "quantity": line["quantity"],
        "returned_at": order["returned_at"],
        "landed": None,
    }


def _line(order: Row, line: Row, came_back: Sequence[Row], texts: Texts, window: int) -> Line:
    landed = texts["order_items", *place_of(line)]
    order_row = texts["orders", *place_of(order)]
    quantity, price = line["quantity"], line["unit_price"]
    discount, tax = line["discount_amount"], line["tax_amount"]
    gross = quantity * price
    net = gross - discount - tax
    numbers = {"gross_amount": gross, "discount_amount": discount, "tax_amount": tax, "net_amount": net}
    amounts = [
        amount(
            "gross_amount",
            gross,
            rules.GROSS,
            cite(landed, "quantity", "unit_price"),
            quantity=quantity,
            unit_price=price,
            gross_amount=gross,
        ),
        amount("discount_amount", discount, rules.DISCOUNT, cite(landed, "discount_amount"), **numbers),
        amount("tax_amount", tax, rules.TAX, cite(landed, "tax_amount"), **numbers),
        amount("net_amount", net, rules.NET, **numbers),
        _returned_quantity(quantity, came_back, order_row),
    ]
    returns = _returns(order, order_row, came_back, quantity, net, tax, window)
    refunds = [each.refund_amount.decimal for each in returns]
    refund = sum(refunds, ZERO)
    amounts.append(amount("refund_amount", refund, rules.REFUNDS, told=rules.added(refunds, refund, "no return")))
    returned = sum(row["quantity"] for row in came_back)
    amounts += _cost_and_profit(line, returned, net, refund)
    proof = [
        Proof(f"fct_order_items.{each.name} of line {line['line_number']}", each.value, line[f"gold_{each.name}"])
        for each in amounts
    ]
    return Line(
        line_number=line["line_number"],
        product_id=line["product_id"],
        quantity=quantity,
        product_key=line["product_key"],
        amounts=tuple(amounts),
        returns=returns,
        proof=tuple(proof),
    )


def _returned_quantity(sold: int, came_back: Sequence[Row], order_row: Row) -> Amount:
    returned = sum(row["quantity"] for row in came_back)
    cites: tuple[Cite, ...] = ()
    if not came_back:
        rule = rules.RETURNED_NOT
    elif came_back[0]["landed"] is None:
        rule, cites = rules.RETURNED_BY_STATUS, cite(order_row, "status")
    else:
        rule = rules.RETURNED_BY_ROWS
        cites = tuple(each for row in came_back for each in cite(row["landed"], "quantity"))
    told = rules.added([row["quantity"] for row in came_back], returned, "none")
    return amount("returned_quantity", returned, rule, cites, told=told, quantity=sold)


def _returns(
    order: Row, order_row: Row, came_back: Sequence[Row], sold: int, net: Decimal, tax: Decimal, window: int
) -> tuple[Return, ...]:
    found = []
    so_far = 0
    for row in came_back:
        before, so_far = so_far, so_far + row["quantity"]
        eligible = _eligible(order, order_row, row, window)
        found.append(
            Return(
                return_id=row["return_id"],
                quantity=row["quantity"],
                returned_at=row["returned_at"],
                refund_eligible=eligible,
                refund_amount=_part("refund_amount", bool(eligible.value), net, before, so_far, sold),
                refunded_tax=_part("refunded_tax", bool(eligible.value), tax, before, so_far, sold),
            )
        )
    return tuple(found)


def _eligible(order: Row, order_row: Row, row: Row, window: int) -> Amount:
    returned_at, delivered_at = row["returned_at"], order["delivered_at"]
    cites = cite(row["landed"] or order_row, "returned_at")
    if delivered_at is None:
        return amount("refund_eligible", False, rules.REFUND_UNDELIVERED, cites, returned_at=returned_at.isoformat())
    until = delivered_at + timedelta(days=window)
    eligible = returned_at < until
    return amount(
        "refund_eligible",
        eligible,
        rules.REFUND if eligible else rules.REFUND_LATE,
        cites + cite(order_row, "delivered_at"),
        returned_at=returned_at.isoformat(),
        delivered_at=delivered_at.isoformat(),
        window=window,
        until=until.isoformat(),
    )


def _part(name: str, eligible: bool, whole: Decimal, before: int, so_far: int, sold: int) -> Amount:
    """A return's part of a line's net or tax, by the running share."""
    is_refund = name == "refund_amount"
    if not eligible:
        return amount(name, ZERO, rules.NO_REFUND if is_refund else rules.NO_REFUNDED_TAX, part=ZERO)
    share, share_before = _share(whole, so_far, sold), _share(whole, before, sold)
    return amount(
        name,
        share - share_before,
        rules.PRO_RATA if is_refund else rules.REFUNDED_TAX,
        amount=whole,
        so_far=so_far,
        sold=sold,
        share=share,
        before=share_before,
        part=share - share_before,
    )


def _share(whole: Decimal, so_far: int, sold: int) -> Decimal:
    with localcontext() as exact:
        # 27 digits before the division; a quotient that is no tie is far from one at 60.
        exact.prec = 60
        return (whole * so_far / sold).quantize(ZERO, ROUND_HALF_UP)


def _cost_and_profit(line: Row, returned: int, net: Decimal, refund: Decimal) -> tuple[Amount, Amount]:
    since = line["version_updated_at"].isoformat()
    landed = {name: line[f"version_{name}"] for name in ("landing_date", "source_file", "row_number")}
    landed |= {"unit_cost": line["version_unit_cost_text"], "updated_at": line["version_updated_at_text"]}
    cites = cite(landed, "unit_cost", "updated_at")
    if line["unit_cost"] is None:
        return (
            amount("cost_amount", None, rules.COST_UNKNOWN, cites, updated_at=since),
            amount("profit_amount", None, rules.PROFIT_UNKNOWN),
        )
    cost = (line["quantity"] - returned) * line["unit_cost"]
    profit = net - refund - cost
    return (
        amount(
            "cost_amount",
            cost,
            rules.COST,
            cites,
            quantity=line["quantity"],
            returned_quantity=returned,
            unit_cost=line["unit_cost"],
            cost_amount=cost,
            updated_at=since,
        ),
        amount(
            "profit_amount",
            profit,
            rules.PROFIT,
            net_amount=net,
            refund_amount=refund,
            cost_amount=cost,
            profit_amount=profit,
        ),
    )
