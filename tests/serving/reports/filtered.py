"""A shop of which cube and orders are two views of the same lines, what its pages are asked, and SQL for it."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from serving.reports.publish import show, write_pending
from tests.serving.reports.conftest import Shop

NOTHING: dict[str, Any] = {"categories": [], "segments": [], "channels": [], "region": "", "city": "", "store": ""}
LAST = date(2024, 3, 1)
FIRST = LAST - timedelta(days=199)
CATEGORIES = ("Apparel", "Home & <b>Garden</b>", "Toys")
STORES = {
    "S1": ("retail", "GB", "North", "York"),
    "S2": ("retail", "GB", "North", "Leeds"),
    "S3": ("retail", "US", "North", "Fargo"),
    "S4": ("web", "GB", "South", "London"),
}
CUSTOMERS = {"C1": ("Loyal", "GB", "South", "Hove"), "C2": ("New", "US", "North", "Fargo")}


def fill(shop: Shop) -> None:
    """200 days of it."""
    dice = random.Random(11)
    for store, (channel, country, region, city) in STORES.items():
        shop.add(
            "dim_store", store_id=store, store_name=store, channel=channel, country=country, region=region, city=city
        )
    for customer, (segment, country, region, city) in CUSTOMERS.items():
        shop.add("dim_customer", customer_id=customer, segment=segment, country=country, region=region, city=city)
    number = 0
    for back in range(200):
        day = LAST - timedelta(days=back)
        total, orders = Decimal(0), dice.randrange(4)
        refunded = Decimal(0)
        for _ in range(orders):
            number += 1
            store, customer = dice.choice(list(STORES)), dice.choice([*CUSTOMERS, None])
            channel, *place = STORES[store]
            if channel != "retail":
                place = list(CUSTOMERS[customer][1:]) if customer else ["unknown"] * 3
            lines = [
                (one, Decimal(dice.randrange(1, 99999)) / 10000)
                for one in dice.sample(CATEGORIES, dice.randrange(1, 4))
            ]
            gross = sum(amount for _, amount in lines)
            refund = lines[0][1] if dice.random() < 0.2 else Decimal(0)
            total, refunded = total + gross, refunded + refund
            shop.add(
                "fct_orders",
                order_id=f"O{number}",
                customer_id=customer,
                store_id=store,
                order_date=day,
                is_revenue=True,
                units=len(lines),
                gross_revenue=gross,
                net_revenue=gross - refund,
                refunds=refund,
                created_at=datetime(2024, 1, 1),
            )
            if refund:
                shop.add(
                    "fct_returns", return_id=f"R{number}", order_id=f"O{number}", return_date=day, refund_amount=refund
                )
            for category, amount in lines:
                given = refund if category == lines[0][0] else Decimal(0)
                cube_row(
                    shop,
                    day,
                    store,
                    channel,
                    place,
                    category,
                    CUSTOMERS[customer][0] if customer else "Guest",
                    amount,
                    given,
                )
        shop.add(
            "fct_revenue_daily",
            date=day,
            orders=orders,
            gross_revenue=total,
            refunds=refunded,
            net_revenue=total - refunded,
        )


def cube_row(shop, day, store, channel, place, category, segment, gross, refund) -> None:
    key = {"d": day, "s": store, "c": category, "g": segment, "t": place[2]}
    found = shop.connection.execute(
        sa.text(
            "update serving_v1.agg_sales_daily set orders = orders + 1, units = units + 1,"
            " gross_revenue = gross_revenue + :gross, refunds = refunds + :refund,"
            " net_revenue = net_revenue + :gross - :refund"
            " where date = :d and store_id = :s and category = :c and segment = :g and city = :t"
        ),
        key | {"gross": gross, "refund": refund},
    )
    if not found.rowcount:
        shop.add(
            "agg_sales_daily",
            date=day,
            store_id=store,
            channel=channel,
            country=place[0],
            region=place[1],
            city=place[2],
            category=category,
            segment=segment,
            orders=1,
            units=1,
            gross_revenue=gross,
            refunds=refund,
            net_revenue=gross - refund,
        )


def states(count: int) -> list[dict]:
    dice = random.Random(5)
    places = [("", "", "")]
    for _, country, region, city in STORES.values():
        places += [(f"{country} / {region}", "", ""), (f"{country} / {region}", city, "")]
    places += [("GB / North", "York", "S1"), ("US / North", "Fargo", "S4"), ("unknown / unknown", "", "")]
    found = []
    for _ in range(count):
        start = FIRST + timedelta(days=dice.randrange(190))
        region, city, store = dice.choice(places)
        found.append(
            {
                "from": start,
                "to": start + timedelta(days=dice.randrange((LAST - start).days + 1)),
                "categories": dice.sample(CATEGORIES, dice.choice([0, 0, 1, 2])),
                "segments": dice.sample(["Loyal", "New", "Guest"], dice.choice([0, 0, 1, 2])),
                "channels": dice.sample(["retail", "web"], dice.choice([0, 0, 1])),
                "region": region,
                "city": city,
                "store": store,
            }
        )
    return found


ASK = """([from, to, filter, measures]) => Object.fromEntries(measures.map((name) => {
  const days = { from: Format.number(from), to: Format.number(to), grain: "day" };
  const found = Data.query({ ...days, filter, measures: [name] });
  if (found.missing) return [name, null];
  return [name, Measures[name].kind === "money" ? Format.decimal(found.value(name), 4) : String(found.value(name))];
}))"""
PLACES = """
    (:region = '' or country || ' / ' || region = :region) and (:city = '' or city = :city)
    and (:store = '' or store_id = :store) and (cardinality(:channels) = 0 or channel = any(:channels))
    and (cardinality(:segments) = 0 or segment = any(:segments)) and date between :from and :to
"""
SUMS = f"""
    select coalesce(sum(net_revenue), 0), coalesce(sum(refunds), 0), coalesce(sum(units), 0)
    from serving.agg_sales_daily
    where {PLACES} and (cardinality(:categories) = 0 or category = any(:categories))
"""
# Orders straight from the facts: each once, and with a category those that hold it.
ORDERS = f"""
    select count(distinct order_id), coalesce(sum(gross_revenue), 0) from (
        select
            o.order_id, o.order_date as date, o.store_id, s.channel, o.gross_revenue,
            coalesce(c.segment, 'Guest') as segment,
            coalesce(case when s.channel = 'retail' then s.country else c.country end, 'unknown') as country,
            coalesce(case when s.channel = 'retail' then s.region else c.region end, 'unknown') as region,
            coalesce(case when s.channel = 'retail' then s.city else c.city end, 'unknown') as city
        from serving.fct_orders o
        join serving.dim_store s using (store_id)
        left join serving.dim_customer c using (customer_id)
    ) as placed where {PLACES}
"""


def typed(sql: str) -> sa.TextClause:
    lists = [name for name in ("categories", "segments", "channels") if f":{name}" in sql]
    return sa.text(sql).bindparams(*(sa.bindparam(name, type_=sa.ARRAY(sa.Text)) for name in lists))


@contextmanager
def published(database: sa.Engine, reports: Path) -> Iterator[tuple[sa.Connection, Path]]:
    """The shop with its report, in a transaction that is rolled back."""
    with database.connect() as connection, connection.begin() as transaction:
        shop = Shop(connection, "serving_v1")
        fill(shop)
        shop.release(1, LAST)
        write_pending(connection, reports, 1)
        show(reports, 1, LAST)
        yield connection, reports
        transaction.rollback()


def opened(browser: Browser, reports: Path) -> Page:
    """Its page of sales."""
    page = browser.new_context().new_page()
    page.goto((reports / LAST.isoformat() / "sales.html").as_uri())
    page.wait_for_selector("html[data-drawn]", state="attached")
    return page


def asked(page: Page, state: dict[str, Any]) -> dict[str, str | None]:
    dates = [state["from"].isoformat(), state["to"].isoformat()]
    filter_ = {name: state[name] for name in NOTHING}
    answered: dict[str, str | None] = page.evaluate(
        ASK, [*dates, filter_, ["net", "refunds", "units", "orders", "aov"]]
    )
    return answered


def by_sql(connection: sa.Connection, state: dict[str, Any]) -> dict[str, str]:
    net, refunds, units = connection.execute(typed(SUMS), state).one()
    orders, gross = connection.execute(typed(ORDERS), {k: v for k, v in state.items() if k != "categories"}).one()
    found = {"net": f"{net:.4f}", "refunds": f"{refunds:.4f}", "units": str(units)}
    if not state["categories"]:
        found["orders"] = str(orders)
        if orders:
            statement = sa.text("select round(cast(:gross as numeric) / :orders, 4)")
            found["aov"] = f"{connection.scalar(statement, {'gross': gross, 'orders': orders}):.4f}"
    return found
