"""Booked net revenue of the newest complete dates, beside the same weekday before; bounds computed by hand."""

from datetime import date, timedelta

import pytest

AS_OF = date(2024, 3, 30)
DAY = AS_OF - timedelta(days=1)
MANY = 10_000  # orders a day, of which chance explains 5%


def day(lake, net_revenue, days_ago=0, orders=MANY):
    lake.put("gold.fct_revenue_daily", date=DAY - timedelta(days=days_ago), net_revenue=net_revenue, orders=orders)


def said(lake, before, now, orders=MANY, known=DAY):
    """What the warning says of a revenue of `now` after these `before`, one, two ... weeks ago; None where quiet."""
    lake.parameters["as_of"] = AS_OF
    lake.put("bronze.landed_files", source="orders", landing_date=known, run_id="before", rows=1)
    lake.put("bronze.landed_files", source="orders", landing_date=AS_OF, run_id="run", rows=1)
    for weeks, net_revenue in enumerate(before, start=1):
        day(lake, net_revenue, 7 * weeks, orders)
    day(lake, now, orders=orders)
    found = lake.failed_audit("revenue_mad")
    if found is None:
        return None
    assert not found.blocks
    return found.observed, found.threshold


@pytest.mark.parametrize(
    ("before", "now", "orders", "warns"),
    [
        # Median 1,000, distances 600 200 200 600, MAD 400: from -200 to 2,200.
        ((400, 800, 1200, 1600), "2200", MANY, False),
        ((400, 800, 1200, 1600), "2200.01", MANY, True),
        ((400, 800, 1200, 1600), "-200.01", MANY, True),
        # MAD 50: a third of the median is more, 666.67 to 1,333.33.
        ((900, 1000, 1100, 1000), "1333.33", MANY, False),
        ((900, 1000, 1100, 1000), "1333.34", MANY, True),
        ((900, 1000, 1100, 1000), "666.66", MANY, True),
        # 27 orders: chance explains 3 * sqrt(3 / 27) = 1 median.
        ((1000, 1000, 1000, 1000), "1999", 27, False),
        ((1000, 1000, 1000, 1000), "2001", 27, True),
        # Three such weekdays are not enough.
        ((1000, 1000, 1000), "9000", MANY, False),
    ],
)
def test_a_revenue_outside_the_bounds_is_said(empty_lake, before, now, orders, warns):
    assert (said(empty_lake, before, now, orders) is not None) == warns


def test_the_warning_names_the_date_the_median_and_the_bounds(empty_lake):
    assert said(empty_lake, (900, 1000, 1100, 1000), "1333.34") == (
        "net revenue 1333.3400 on 2024-03-29",
        "median 1000.00, 666.67 to 1333.33",
    )


@pytest.mark.parametrize(("now", "warns"), [("300", False), ("400", True)])
def test_one_sale_on_a_weekday_the_shop_is_closed_is_no_alarm_where_it_is_little_of_a_usual_day(empty_lake, now, warns):
    for days_ago in range(1, 29):
        if days_ago % 7:
            day(empty_lake, 1000, days_ago)
    assert (said(empty_lake, (0, 0, 0, 0), now) is not None) == warns


def test_the_as_of_date_is_not_complete_and_older_dates_were_judged_before(empty_lake):
    for weeks in range(5):
        day(empty_lake, 9000 if weeks == 0 else 1000, 7 * weeks - 1)
        day(empty_lake, 9000 if weeks == 0 else 1000, 7 * weeks + 1)
    assert said(empty_lake, (1000, 1000, 1000, 1000), "1000") is None


def test_a_gap_in_landing_makes_several_dates_complete_at_once(empty_lake):
    for weeks in range(5):
        day(empty_lake, 9000 if weeks == 0 else 1000, 7 * weeks + 1)
    assert said(empty_lake, (1000, 1000, 1000, 1000), "1000", known=DAY - timedelta(days=1)) == (
        "net revenue 9000.0000 on 2024-03-28",
        "median 1000.00, 666.67 to 1333.33",
    )
