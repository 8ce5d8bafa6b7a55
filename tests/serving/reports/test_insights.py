"""The memo's sentences, against figures computed by hand."""

from datetime import date, timedelta
from decimal import Decimal

from serving.reports.insights import anomalies, churn, concentration, margin_mix, seasonality
from serving.reports.query import fetch
from serving.reports.release import read_release

DAY = date(2024, 3, 1)


def said(shop, insight) -> list[str]:
    shop.release(1, DAY)
    found = insight.say(_rows(shop, insight.dataset), read_release(shop.connection, 1))
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in found]


def _rows(shop, dataset):
    return fetch(shop.connection, dataset, as_of=DAY)


def test_concentration_counts_the_products_that_bring_80_percent(shop):
    for number in range(12):
        top = number < 2
        shop.add(
            "agg_product_performance",
            product_id=f"P{number}",
            net_revenue="400" if top else "20",
            abc_class="A" if top else "B",
        )
    assert said(shop, concentration.INSIGHT) == [
        "2 of 12 products (17%) bring 80% of net revenue, more concentrated than the rule of thumb of 20% bringing 80%."
    ]


def test_seasonality_needs_twelve_whole_months(shop):
    shop.days(date(2024, 2, 29), 300, 1, "10")
    assert said(shop, seasonality.INSIGHT) == []


def test_seasonality_names_the_months_and_their_mean(shop):
    # Twelve whole months from March 2023; November has 30 days at 100 instead of 10.
    for back in range(366):
        day = date(2024, 2, 29) - timedelta(days=back)
        shop.day(day, 1, "100" if day.month == 11 else "10")
    # 336 days at 10 and 30 at 100 are 6,360: 530 a month.
    (text,) = said(shop, seasonality.INSIGHT)
    assert text.startswith("November 2023 was the strongest of the last twelve whole months with USD 3,000, +466% on")
    assert "mean of USD 530.00; February 2024 the weakest with USD 290.00" in text


def test_month_3_churn_is_of_the_newest_cohort_beside_those_before(shop):
    for month, size, active in ((date(2023, 9, 1), 100, 20), (date(2023, 10, 1), 50, 5), (date(2023, 12, 1), 90, 45)):
        shop.add(
            "fct_cohort_monthly",
            cohort_month=month,
            months_since=3,
            cohort_size=size,
            active_customers=active,
            retention_rate=active / size,
        )
    # The third month after December is March, which is not over.
    assert said(shop, churn.INSIGHT) == [
        "Of 50 customers new in October 2023, 90.0% did not order in the third month after, against 80.0% of 100 "
        "customers of 1 month before."
    ]


def quarter(category: str, net_now: str, profit_now: str, net_before: str, profit_before: str) -> dict:
    return {
        "category": category,
        "net_now": Decimal(net_now),
        "profit_now": Decimal(profit_now),
        "net_before": Decimal(net_before),
        "profit_before": Decimal(profit_before),
    }


def test_a_margin_that_moved_by_the_mix_alone_says_so(shop):
    shop.release(1, DAY)
    rows = [quarter("Tea", "75", "30", "50", "20"), quarter("Cups", "25", "5", "50", "10")]
    first, second = margin_mix.INSIGHT.say(rows, read_release(shop.connection, 1))
    assert first == (
        "The margin was 35.0% in the last 91 days, +5.00 points on the 91 before (30.0%): +5.00 points from what was "
        "sold, 0.00 points from what it earned."
    )
    assert second.endswith("Tea earns most (40.0%) and Cups least (20.0%).")


def test_a_day_unlike_its_weekday_is_named_with_the_median(shop):
    for back in range(1, 100):
        # Weekdays go 100, 102, 104 in turn by week, so that the median deviation is not zero.
        shop.day(DAY - timedelta(days=back), 1, str(100 + 2 * (back // 7 % 3)))
    shop.day(DAY, 5, "510")
    (text,) = said(shop, anomalies.INSIGHT)
    assert text == (
        "Friday 1 March 2024 brought USD 510.00, up 400% on the median of USD 102.00 on that weekday in the eight "
        "weeks before."
    )


def test_a_shop_with_few_days_says_nothing(shop):
    shop.days(DAY, 5, 1, "10")
    for insight in (anomalies, churn, concentration, margin_mix, seasonality):
        assert insight.INSIGHT.say(_rows(shop, insight.INSIGHT.dataset), None) == []
