"""A source that used to land and is missing, by landing dates alone."""

from datetime import date, timedelta

import pytest


def land(lake, pattern, rows, days_apart=1):
    """Stock movements on every landing date, orders where the pattern has a 1."""
    for number, landed in enumerate(pattern):
        day = date(2024, 1, 1) + timedelta(days=number * days_apart)
        lake.put("bronze.landed_files", source="inventory_movements", landing_date=day, rows=50, run_id="run")
        if landed == "1":
            lake.put("bronze.landed_files", source="orders", landing_date=day, rows=rows, run_id="run")


@pytest.mark.parametrize(
    ("pattern", "rows", "warns"),
    [
        # Landed on all seven: one date without is one too many, of a source of few rows two are.
        ("1111111" + "0", 10, True),
        ("1111111" + "0", 9, False),
        ("1111111" + "00", 9, True),
        # Out on one of the seven: two in a row, or three.
        ("1011111" + "0", 10, False),
        ("1011111" + "00", 10, True),
        ("1011111" + "00", 9, False),
        ("1011111" + "000", 9, True),
        # Three of seven: five in a row. Two of seven: never.
        ("1001001" + "0000", 10, False),
        ("1001001" + "00000", 10, True),
        ("1000001" + "0000000000", 10, False),
        # After 14 dates it has ended.
        ("1111111" + "0" * 14, 10, True),
        ("1111111" + "0" * 15, 10, False),
        # What it did before the seven does not matter; seven dates there must be.
        ("0000" + "1111111" + "0", 10, True),
        ("111111" + "0", 10, False),
        # It is back.
        ("1111111" + "00" + "1", 10, False),
    ],
)
def test_a_source_is_late_once_it_is_out_on_more_dates_in_a_row_than_it_used_to_be(empty_lake, pattern, rows, warns):
    land(empty_lake, pattern, rows)
    found = empty_lake.failed_audit("staleness")
    assert (None if found is None else found.severity) == ("warning" if warns else None)


@pytest.mark.parametrize(("days_apart", "last"), [(1, "2024-01-07"), (30, "2024-06-29")])
def test_the_warning_counts_landing_dates_however_far_apart_they_are(empty_lake, days_apart, last):
    land(empty_lake, "1011111" + "00", 10, days_apart)
    result = empty_lake.failed_audit("staleness")
    assert (result.observed, result.threshold) == (
        f"orders last landed on {last}, 2 landing dates ago",
        "1, as it landed on 6 of the 7 dates up to its last",
    )


def test_a_source_that_never_landed_is_not_missed(empty_lake):
    land(empty_lake, "0" * 20, 10)
    assert empty_lake.failed_audit("staleness") is None
