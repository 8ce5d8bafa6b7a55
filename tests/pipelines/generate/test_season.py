from datetime import date, timedelta
from statistics import mean

from pipelines.generate.season import Day, black_friday, orders_wanted, year_factor


def test_black_friday_is_the_day_after_the_fourth_thursday_of_november():
    assert [black_friday(year) for year in (2023, 2024, 2025)] == [
        date(2023, 11, 24),
        date(2024, 11, 29),
        date(2025, 11, 28),
    ]


def test_an_ordinary_year_is_worth_what_was_asked_and_peaks_before_christmas():
    days = [date(2025, 1, 1) + timedelta(days=day) for day in range(365)]
    by_month = {month: mean(year_factor(day) for day in days if day.month == month) for month in range(1, 13)}
    assert 0.95 < mean(year_factor(day) for day in days) < 1.05
    assert sorted(by_month, key=lambda month: by_month[month])[-2:] in ([11, 12], [12, 11])
    assert max(days, key=year_factor) == date(2025, 11, 28)
    assert min(year_factor(day) for day in days) > 0.4


def test_weekends_sell_more_than_the_middle_of_the_week_and_the_shop_grows():
    first = date(2024, 1, 1)
    wanted = {
        first + timedelta(days=day): orders_wanted(1, Day(day + 1, first + timedelta(days=day)), 1_000)
        for day in range(730)
    }
    weekend = mean(orders for day, orders in wanted.items() if day.weekday() >= 5)
    midweek = mean(orders for day, orders in wanted.items() if day.weekday() in (1, 2))
    assert 1.15 < weekend / midweek < 1.35
    years = [sum(orders for day, orders in wanted.items() if day.year == year) for year in (2024, 2025)]
    assert 1.2 < years[1] / years[0] < 1.36


def test_the_landed_orders_of_a_saturday_outnumber_those_of_a_wednesday(autumn):
    days = dict(
        autumn.query(
            """select isodow(created_at::date), count(*) from current_orders
            where created_at < '2024-11-19' group by all"""
        )
    )
    assert days[6] > 1.1 * days[3]
