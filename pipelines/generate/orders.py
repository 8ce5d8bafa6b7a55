"""Orders: who places them on which terms, and their way from created to delivered or cancelled."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.generate.baskets import Baskets
from pipelines.generate.customers import Buyers
from pipelines.generate.season import DAY, Day
from pipelines.generate.shop import COUNTRY_CODES, EUROPE, Shop
from pipelines.generate.streams import Bools, Floats, Ints, Purpose, scatter, stream
from pipelines.generate.write import NEVER

MARKETPLACE = 0.17  # share of online orders
NO_STORE = 0.008
CANCELLED_UNPAID = 0.012
CANCELLED_PAID = 0.018
BANK_NEVER_PAYS = 0.10
LOST = 0.005
SKIPS_FULFILLED = 0.015
SKIPS_PAID = 0.02
FREE_SHIPPING = 7_500  # cents of goods
HOUR = 3_600
PAYMENTS = ("card", "paypal", "bank_transfer", "wallet", "cash_on_delivery", "gift_card", "voucher", "other")
PAY_ONLINE = (0.47, 0.21, 0.07, 0.14, 0.04, 0.03, 0.02, 0.02)
PAY_RETAIL = (0.66, 0.0, 0.0, 0.17, 0.0, 0.06, 0.03, 0.08)
STAMPS = ("paid", "fulfilled", "delivered", "returned", "cancelled")


@dataclass(frozen=True)
class Terms:
    """Store (-1 for none), payment method and shipping (cents, -1 for unknown) of each order; tax of each line."""

    store: Ints
    payment: Ints
    shipping: Ints
    tax: Ints


@dataclass(frozen=True)
class Timeline:
    """Seconds of each order's states, NEVER where it does not come to it; `ships` is when stock leaves."""

    paid: Ints
    fulfilled: Ints
    delivered: Ints
    cancelled: Ints
    ships: Ints


def agree_terms(shop: Shop, day: Day, baskets: Baskets, buyers: Buyers) -> Terms:
    """Store, payment, shipping and tax of the day's orders."""
    rng = stream(shop.seed, day.number, Purpose.TERMS)
    size, stores = len(baskets.created), shop.stores
    country = shop.places.country_number[buyers.place]
    # A customer keeps to one store of the country; a guest to any.
    habit = np.where(buyers.customer >= 0, scatter(buyers.customer, 5, 1 << 20), rng.integers(0, 1 << 20, size))
    local = stores.first_retail[country] + habit % stores.retail_count[country]
    local = np.where(stores.opens_on[local] > day.number, stores.first_retail[country], local)
    draw = rng.random(size)
    online = np.where(draw < MARKETPLACE, stores.marketplace_of[country], stores.web_of[country])
    online = np.where(draw > 1 - NO_STORE, -1, online)
    marketplace = ~baskets.retail & (draw < MARKETPLACE)

    payment = np.where(baskets.retail, _choose(rng, PAY_RETAIL, size), _choose(rng, PAY_ONLINE, size))
    goods = np.bincount(baskets.order, baskets.gross - baskets.discount, size)
    fee = np.where(np.isin(country, [COUNTRY_CODES.index(code) for code in EUROPE]), 499, 699)
    shipping = np.where(goods >= FREE_SHIPPING, 0, fee)
    shipping = np.where(rng.random(size) < 0.08, 1_250, shipping)
    shipping = np.where(baskets.retail, 0, np.where(marketplace & (rng.random(size) < 0.5), -1, shipping))

    # Tax is held in the price: net * rate = paid * rate / (1 + rate), to the cent.
    rate = shop.places.tax[buyers.place][baskets.order]
    paid = baskets.gross - baskets.discount
    tax = (2 * paid * rate + 10_000 + rate) // (2 * (10_000 + rate))
    return Terms(np.where(baskets.retail, local, online), payment, shipping, tax)


def _choose(rng: np.random.Generator, shares: tuple[float, ...], size: int) -> Ints:
    return np.searchsorted(np.cumsum(shares[:-1]), rng.random(size), side="right").astype(np.int64)


def _seconds(days: Floats) -> Ints:
    return (days * DAY).astype(np.int64)


def set_timeline(shop: Shop, day: Day, baskets: Baskets, terms: Terms, buyers: Buyers) -> Timeline:
    """When each of the day's orders is paid, sent, delivered or cancelled."""
    rng = stream(shop.seed, day.number, Purpose.TIMELINE)
    created, size = baskets.created, len(baskets.created)
    bank, on_delivery = (terms.payment == PAYMENTS.index(name) for name in ("bank_transfer", "cash_on_delivery"))
    country = shop.places.country_number[buyers.place]
    far = np.isin(country, [COUNTRY_CODES.index(code) for code in ("BR", "JP")])

    fate = rng.random(size)
    unpaid = ~baskets.retail & (fate < CANCELLED_UNPAID)
    refused = ~baskets.retail & ~unpaid & (fate < CANCELLED_UNPAID + CANCELLED_PAID)
    debtor = bank & (rng.random(size) < BANK_NEVER_PAYS)
    paid = created + np.where(bank, _seconds(rng.gamma(2.5, 0.55, size)) + 4 * HOUR, rng.integers(20, 900, size))
    # Work starts once the money is there, for cash on delivery at once.
    begins = np.where(on_delivery, created, paid)
    cancelled = np.full(size, NEVER, dtype=np.int64)
    cancelled[unpaid] = created[unpaid] + rng.integers(600, 8 * HOUR, int(unpaid.sum()))
    cancelled[refused] = begins[refused] + rng.integers(600, 14 * HOUR, int(refused.sum()))
    cancelled[debtor] = created[debtor] + _seconds(rng.uniform(6.5, 8.0, int(debtor.sum())))
    stopped = cancelled < NEVER

    fulfilled = begins + HOUR + _seconds(rng.gamma(1.8, 0.36, size))
    delivered = fulfilled + _seconds(0.7 + rng.gamma(2.2, 0.9, size) + np.where(far, rng.uniform(2, 5, size), 0))
    lost = ~baskets.retail & (rng.random(size) < LOST)
    fulfilled = np.where(stopped, NEVER, fulfilled)
    delivered = np.where(stopped | lost, NEVER, delivered)
    paid = np.where(on_delivery, np.where(stopped, NEVER, delivered), paid)
    paid = np.where(unpaid | debtor, NEVER, paid)

    # In a store everything happens at the till.
    till = created + rng.integers(20, 180, size)
    paid, fulfilled, delivered, cancelled = (
        np.where(baskets.retail, at, stamp)
        for at, stamp in ((till, paid), (till, fulfilled), (till, delivered), (NEVER, cancelled))
    )
    ships = fulfilled.copy()
    skips = delivered < NEVER
    draw = rng.random(size)
    fulfilled = np.where(skips & (draw < SKIPS_FULFILLED), NEVER, fulfilled)
    paid = np.where(skips & (draw > 1 - SKIPS_PAID), NEVER, paid)
    return Timeline(paid, fulfilled, delivered, cancelled, ships)


def order_frame(first_order: int, baskets: Baskets, buyers: Buyers, terms: Terms, timeline: Timeline) -> pl.DataFrame:
    """One row an order: order, customer, store, payment, shipping, created, and STAMPS but for returned."""
    return pl.DataFrame(
        {
            "order": first_order + np.arange(len(baskets.created)),
            "customer": buyers.customer,
            "store": terms.store,
            "payment": terms.payment,
            "shipping": terms.shipping,
            "created": baskets.created,
            "paid": timeline.paid,
            "fulfilled": timeline.fulfilled,
            "delivered": timeline.delivered,
            "cancelled": timeline.cancelled,
        }
    )


def line_frame(first_order: int, baskets: Baskets, terms: Terms, comes_back: Bools) -> pl.DataFrame:
    """One row a line: order, line, product, quantity, price, discount, tax (cents), comes_back."""
    return pl.DataFrame(
        {
            "order": first_order + baskets.order,
            "line": baskets.line,
            "product": baskets.product,
            "quantity": baskets.quantity,
            "price": baskets.price,
            "discount": baskets.discount,
            "tax": terms.tax,
            "comes_back": comes_back,
        }
    )
