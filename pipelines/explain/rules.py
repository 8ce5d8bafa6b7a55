"""The rules that make the amounts, as data: a name, one sentence, and the formula the numbers are put into."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Rule:
    """A rule of the data model. `formula` is a template over the numbers of one amount."""

    name: str
    sentence: str
    formula: str

    def fill(self, **numbers: object) -> str:
        """The formula with an order's own numbers."""
        return self.formula.format(**numbers)


def added(parts: Sequence[Decimal | int], total: Decimal | int, nothing: str) -> str:
    """`1 + 2 = 3`, of one part `3`, of none `nothing: 0`."""
    if len(parts) > 1:
        return f"{' + '.join(map(str, parts))} = {total}"
    return str(total) if parts else f"{nothing}: {total}"


GROSS = Rule(
    "Gross amount",
    "A line's gross is its quantity times the tax-inclusive shelf price of one unit.",
    "{quantity} x {unit_price} = {gross_amount}",
)
DISCOUNT = Rule("Discount", "The discount is the whole line's, as the shop sent it.", "as it landed: {discount_amount}")
TAX = Rule("Tax", "The tax held in the gross is the whole line's, as the shop sent it.", "as it landed: {tax_amount}")
NET = Rule(
    "Net amount",
    "A line's net is its gross less its discount and its tax.",
    "{gross_amount} - {discount_amount} - {tax_amount} = {net_amount}",
)

_RETURNED = (
    "The sum of the line's return rows if the order has any, else the whole line if the order's status is "
    "returned, else nothing."
)
RETURNED_BY_ROWS = Rule("Returned quantity", _RETURNED, "{told} of {quantity}")
RETURNED_BY_STATUS = Rule(
    "Returned quantity", _RETURNED, "no return row and the status is returned, so all {quantity} of the line"
)
RETURNED_NOT = Rule("Returned quantity", _RETURNED, "no return row names the line, so 0 of {quantity}")

_REFUND = (
    "A return is refunded its net amount if it came back before delivery plus the refund window; later, or "
    "without a delivery, it is recorded and refunded 0."
)
REFUND = Rule(
    "Refund rule", _REFUND, "returned {returned_at} < delivered {delivered_at} + {window} days = {until}, so refunded"
)
REFUND_LATE = Rule(
    "Refund rule",
    _REFUND,
    "returned {returned_at}, not before delivered {delivered_at} + {window} days = {until}, so no refund",
)
REFUND_UNDELIVERED = Rule("Refund rule", _REFUND, "returned {returned_at} of an order without a delivery, so no refund")

PRO_RATA = Rule(
    "Pro rata",
    "A return's part is the line's share at the quantity returned so far less the share before it, each rounded "
    "half away from zero to 4 places, so that the parts of a line returned whole add up to it.",
    "{amount} x {so_far} / {sold} = {share}, less {before} before = {part}",
)
REFUNDED_TAX = Rule(
    "Refunded tax",
    "The tax given back beside a refund, pro rata; net revenue has lost it already, so it enters no revenue figure.",
    "{amount} x {so_far} / {sold} = {share}, less {before} before = {part}",
)
NO_REFUND = Rule("Pro rata", PRO_RATA.sentence, "not refunded, so {part}")
NO_REFUNDED_TAX = Rule("Refunded tax", REFUNDED_TAX.sentence, "not refunded, so {part}")

REFUNDS = Rule("Refunds of the line", "A line's refund is the sum of its returns' refunds.", "{told}")

COST = Rule(
    "Cost in force",
    "Units kept by the customer times the unit cost of the product version in force when they were ordered (the "
    "first one if none is as old), so that a later cost never restates past profit.",
    "({quantity} - {returned_quantity}) x {unit_cost} = {cost_amount}, by the version of {updated_at}",
)
COST_UNKNOWN = Rule("Cost in force", COST.sentence, "the version of {updated_at} has no unit cost, so it is unknown")
PROFIT = Rule(
    "Profit",
    "A line's profit is its net less its refunds and its cost; unknown where the cost is.",
    "{net_amount} - {refund_amount} - {cost_amount} = {profit_amount}",
)
PROFIT_UNKNOWN = Rule("Profit", PROFIT.sentence, "the cost is unknown, so is the profit")

REVENUE_BEARING = Rule(
    "Revenue-bearing",
    "An order is revenue while its status is paid, fulfilled, delivered or returned; the amounts of any other stand "
    "in fct_orders and enter no revenue figure.",
    "the status is {status}, so it is revenue",
)
NOT_REVENUE_BEARING = Rule("Revenue-bearing", REVENUE_BEARING.sentence, "the status is {status}, so it is not revenue")
BOOKED = Rule(
    "Booked on the order date",
    "The booked clock counts sales on the day they were ordered and refunds on the day of return.",
    "ordered {created_at}, so booked on {date}",
)
RECOGNISED = Rule(
    "Recognised on delivery",
    "The accrual clock counts sales on the day they were delivered and refunds on the day of return; an "
    "undelivered order is not recognised.",
    "delivered {delivered_at}, so recognised on {date}",
)
NOT_RECOGNISED = Rule("Recognised on delivery", RECOGNISED.sentence, "not delivered, so not recognised yet")

SUM = Rule("Sum of the lines", "An order's amount is the sum of its lines' amounts.", "{told}")
NET_REVENUE = Rule(
    "Net revenue",
    "Net revenue is gross revenue less discounts, refunds and taxes.",
    "{gross_revenue} - {discounts} - {refunds} - {taxes} = {net_revenue}",
)
SHIPPING = Rule(
    "Shipping is not revenue",
    "What the customer paid for shipping stands beside the revenue figures and enters none of them.",
    "as it landed: {shipping_amount}",
)
NO_SHIPPING = Rule(
    "Shipping is not revenue", SHIPPING.sentence, "no shipping amount landed, which counts as {shipping_amount}"
)

BRIDGE = Rule(
    "Bridge",
    "Booked net revenue less what was ordered that day and not delivered that day, plus what was delivered that day "
    "and ordered earlier, is recognised net revenue; the residual is 0.",
    "{booked_net} - {booked_not_delivered} + {delivered_from_before} = {recognized_net}",
)

# The components of a day's bridge, in the order they are told.
COMPONENTS: dict[str, str] = {
    "booked": "Net amounts of the orders of that day.",
    "refunds": "Refunds of returns of that day, on both clocks.",
    "booked_not_delivered": "Net amounts ordered that day and not delivered that day.",
    "delivered_from_before": "Net amounts delivered that day and ordered earlier.",
    "recognized": "Net amounts of the orders delivered that day.",
}
# The formulas of a day's measures that are made of others; the rest are counts and sums of their own.
DAY_FORMULAS: dict[str, str] = {
    "repeat_customers": "{customers} - {new_customers} = {repeat_customers}",
    "net_revenue": "{gross_revenue} - {discounts} - {refunds} - {taxes} = {net_revenue}",
    "aov": "({gross_revenue} - {discounts} - {taxes}) / {orders} = {aov}",
    "return_rate": "{orders_returned} / {orders} = {return_rate}",
    "recognized_net": (
        "{recognized_gross} - {recognized_discounts} - {recognized_refunds} - {recognized_taxes} = {recognized_net}"
    ),
}
