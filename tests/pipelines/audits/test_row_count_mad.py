"""Rows landed, beside the same weekday of the eight weeks before; bounds computed by hand."""

from datetime import date, timedelta

import pytest

DAY = date(2024, 3, 29)


def land(lake, rows, weeks_ago=0, run_id="before", source="orders", day=DAY):
    landing_date = day - timedelta(weeks=weeks_ago)
    lake.put("bronze.landed_files", source=source, landing_date=landing_date, rows=rows, run_id=run_id)


def said(lake, before, now):
    """What the warning says of `now` rows after these `before`, one, two ... weeks ago; None where it is quiet."""
    lake.parameters["as_of"] = DAY
    for weeks, rows in enumerate(before, start=1):
        land(lake, rows, weeks)
    land(lake, now, run_id="run")
    found = lake.failed_audit("row_count_mad")
    if found is None:
        return None
    assert not found.blocks
    return found.observed, found.threshold


@pytest.mark.parametrize(
    ("before", "now", "warns"),
    [
        # Median 2,500, distances 1,500 500 500 1,500, MAD 1,000: from -500 to 5,500.
        ((1000, 2000, 3000, 4000), 5500, False),
        ((1000, 2000, 3000, 4000), 5501, True),
        # MAD 0: a third of the median, 6,000 to 12,000.
        ((9000, 9000, 9000, 9000), 6000, False),
        ((9000, 9000, 9000, 9000), 5999, True),
        ((9000, 9000, 9000, 9000), 12001, True),
        # MAD 0 and few: 3 * sqrt(3 * 1) = 5.2 around 1.
        ((1, 1, 1, 1), 6, False),
        ((1, 1, 1, 1), 7, True),
        # Median 102.5, MAD 5; chance explains 3 * sqrt(3 * 102.5) = 52.6.
        ((100, 110, 90, 105), 50, False),
        ((100, 110, 90, 105), 49, True),
        ((100, 110, 90, 105), 155, False),
        ((100, 110, 90, 105), 156, True),
        ((100, 110, 90, 105), 0, True),
    ],
)
def test_rows_outside_the_bounds_are_said(empty_lake, before, now, warns):
    assert (said(empty_lake, before, now) is not None) == warns


def test_the_warning_names_source_date_median_and_bounds(empty_lake):
    assert said(empty_lake, (9000, 9000, 9000, 9000), 12001) == (
        "12001 rows of orders on 2024-03-29",
        "median 9000, 6000 to 12000",
    )


def test_the_files_of_a_date_are_one_number(empty_lake):
    land(empty_lake, 5000, run_id="run")
    assert said(empty_lake, (9000, 9000, 9000, 9000), 4000) is None


def test_three_such_weekdays_are_not_enough_and_other_ones_do_not_count(empty_lake):
    for days in (1, 2, 3, 8, 9, 10):
        land(empty_lake, 1, day=DAY - timedelta(days=days))
    land(empty_lake, 1, weeks_ago=9)
    assert said(empty_lake, (1, 1, 1), 1000) is None


def test_the_eighth_week_before_still_counts(empty_lake):
    land(empty_lake, 1, weeks_ago=8)
    assert said(empty_lake, (1, 1, 1), 1000) is not None


def test_another_source_is_no_measure(empty_lake):
    for weeks in range(1, 5):
        land(empty_lake, 1, weeks, source="returns")
    assert said(empty_lake, (), 1000) is None


def test_a_file_sent_again_for_an_older_date_is_not_judged(empty_lake):
    land(empty_lake, 1, day=DAY + timedelta(days=1))
    assert said(empty_lake, (1, 1, 1, 1), 1000) is None


@pytest.mark.parametrize(("earlier", "newest", "warns"), [(1000, 1, False), (1, 1000, True)])
def test_a_first_run_judges_its_newest_date_alone(empty_lake, earlier, newest, warns):
    day_before = DAY - timedelta(days=1)
    land(empty_lake, earlier, run_id="run", day=day_before)
    land(empty_lake, newest, run_id="run")
    for weeks in range(1, 5):
        land(empty_lake, 1, weeks, run_id="run", day=day_before)
        land(empty_lake, 1, weeks, run_id="run")
    empty_lake.parameters["as_of"] = DAY
    assert (empty_lake.failed_audit("row_count_mad") is not None) == warns


def test_every_date_since_the_run_before_is_judged(empty_lake):
    day_before = DAY - timedelta(days=1)
    land(empty_lake, 1000, run_id="run", day=day_before)
    for weeks in range(1, 5):
        land(empty_lake, 1, weeks, day=day_before)
    assert said(empty_lake, (1, 1, 1, 1), 1) == ("1000 rows of orders on 2024-03-28", "median 1, 0 to 6")
