"""Conservation: every landed row is in exactly one place, and the record of it says so."""

import pytest

from contracts.registry import sources

FILE = {"landing_date": "2024-01-02", "source_file": "given.csv"}
PLACE = {**FILE, "row_number": 1}


def land(lake, source, rows):
    """A file of `rows` rows: the first current, the second in quarantine, the others superseded."""
    lake.put("bronze.landed_files", source=source, rows=rows, run_id="run", **FILE)
    for number in range(1, rows + 1):
        lake.put(f"bronze.{source}", **FILE, row_number=number)
    lake.put(f"silver.{source}", **PLACE)
    lake.put("silver.quarantine", source=source, status="open", **FILE, row_number=2)
    record(lake, source, rows, 1, rows - 2, 1)


def record(lake, source, bronze, current, superseded, quarantined):
    lake.con.execute(
        "update quality.conservation set bronze_rows = ?, current_rows = ?, superseded_rows = ?,"
        " quarantined_rows = ? where source = ?",
        [bronze, current, superseded, quarantined, source],
    )


def faults(lake):
    """Each fault of the sample, where it is and what."""
    found = lake.failed_audit("conservation")
    if found is None:
        return []
    assert (found.table_name, found.blocks) == ("quality.conservation", True)
    assert found.sample.startswith("source,landing_date,source_file,fault\n")
    return found.sample.splitlines()[1:]


NOT_ONCE_IN_BRONZE = "2024-01-02,given.csv,bronze does not hold each row of the file once"
TWICE = "2024-01-02,given.csv,a row is current or in quarantine more than once"
NOT_IN_BRONZE = "2024-01-02,given.csv,a row is current or in quarantine that bronze does not hold"


def test_rows_that_are_current_superseded_and_quarantined_add_up(empty_lake):
    for source in sources():
        land(empty_lake, source, 5)
    assert faults(empty_lake) == []


@pytest.mark.parametrize("source", sources())
def test_a_row_too_many_in_bronze_is_found_in_every_source(empty_lake, source):
    land(empty_lake, source, 3)
    empty_lake.put(f"bronze.{source}", **FILE, row_number=4)
    assert faults(empty_lake) == [
        f"{source},{NOT_ONCE_IN_BRONZE}",
        f'{source},,,"recorded [[3, 1, 1, 1]], counted [4, 1, 2, 1]"',
    ]


@pytest.mark.parametrize("source", sources())
def test_a_current_row_lost_is_found_in_every_source(empty_lake, source):
    land(empty_lake, source, 3)
    empty_lake.con.execute(f"delete from silver.{source}")
    # As though it had been superseded, which nobody recorded.
    assert faults(empty_lake) == [f'{source},,,"recorded [[3, 1, 1, 1]], counted [3, 0, 2, 1]"']


def test_a_source_nobody_recorded_and_one_that_does_not_exist_are_found(empty_lake):
    empty_lake.con.execute("update quality.conservation set source = 'parcels' where source = 'stores'")
    assert faults(empty_lake) == [
        'parcels,,,"recorded [[0, 0, 0, 0]], counted nothing"',
        'stores,,,"recorded nothing, counted [0, 0, 0, 0]"',
    ]


def test_a_source_recorded_twice_is_found(empty_lake):
    empty_lake.con.execute("insert into quality.conservation from quality.conservation where source = 'stores'")
    assert faults(empty_lake) == ['stores,,,"recorded [[0, 0, 0, 0], [0, 0, 0, 0]], counted [0, 0, 0, 0]"']


def test_a_row_both_current_and_in_quarantine_is_found_where_the_counts_agree(empty_lake):
    land(empty_lake, "orders", 3)
    empty_lake.put("silver.quarantine", source="orders", status="open", **PLACE)
    record(empty_lake, "orders", 3, 1, 0, 2)
    assert faults(empty_lake) == [f"orders,{TWICE}"]


def test_a_row_that_was_let_in_is_current_and_released(empty_lake):
    land(empty_lake, "orders", 3)
    empty_lake.put("silver.quarantine", source="orders", status="released", **PLACE)
    assert faults(empty_lake) == []


def test_a_row_current_twice_is_found_where_the_counts_agree(empty_lake):
    land(empty_lake, "orders", 3)
    empty_lake.put("silver.orders", **PLACE)
    record(empty_lake, "orders", 3, 2, 0, 1)
    assert faults(empty_lake) == [f"orders,{TWICE}"]


@pytest.mark.parametrize(
    "place",
    [{"row_number": 4}, {"row_number": 0}, {"source_file": "other.csv"}, {"landing_date": "2024-01-03"}],
    ids=lambda place: next(iter(place)) + " " + str(next(iter(place.values()))),
)
def test_a_current_row_from_a_place_bronze_does_not_have_is_found_where_the_counts_agree(empty_lake, place):
    land(empty_lake, "orders", 3)
    named = {**PLACE, **place}
    empty_lake.con.execute(
        "update silver.orders set landing_date = ?, source_file = ?, row_number = ?",
        [named["landing_date"], named["source_file"], named["row_number"]],
    )
    file = f"{named['landing_date']},{named['source_file']}"
    assert faults(empty_lake) == [f"orders,{file},{NOT_IN_BRONZE.partition('.csv,')[2]}"]


def test_a_row_twice_in_bronze_is_found_where_another_is_missing(empty_lake):
    land(empty_lake, "orders", 4)
    empty_lake.con.execute("update bronze.orders set row_number = 3 where row_number = 4")
    assert faults(empty_lake) == [f"orders,{NOT_ONCE_IN_BRONZE}"]


def test_a_file_bronze_does_not_hold_is_found_and_one_of_only_a_header_holds_nothing(empty_lake):
    empty_lake.put("bronze.landed_files", source="orders", rows=0, run_id="run", **FILE)
    assert faults(empty_lake) == []
    empty_lake.con.execute("update bronze.landed_files set rows = 2")
    assert faults(empty_lake) == [f"orders,{NOT_ONCE_IN_BRONZE}"]
