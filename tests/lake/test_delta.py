"""Delta tables on disk: written by date partition, read at a version."""

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from deltalake import write_deltalake

from contracts.base import Table, columns_of
from contracts.errors import LakeUnavailable, ReleaseConflict
from lake import delta

DAYS = Table(
    grain="One row per date and product.",
    columns=columns_of("date", "product_id", "quantity", "net_revenue"),
    key=("date", "product_id"),
    partition="date",
).bound("gold", "sold")
STORES = Table(grain="One row per store.", columns=columns_of("store_id", "city?"), key=("store_id",)).bound(
    "gold", "places"
)
FIRST, SECOND, THIRD = date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3)


def sold(*rows):
    full = [(day, product, quantity, Decimal(quantity)) for day, product, quantity in rows]
    return pl.DataFrame(full, schema=DAYS.polars_schema(), orient="row")


@pytest.fixture
def root(tmp_path):
    """A lake below a folder with blanks and a percent sign in its name."""
    return str(tmp_path / "a shop's 100% lake")


@pytest.fixture
def table(root):
    delta.create(root, DAYS)
    return DAYS


def quantities(root, version):
    return delta.read(root, DAYS, version).sort("date", "product_id").select("date", "product_id", "quantity").rows()


def rewritten(root, before, after):
    """The dates whose files differ between two versions."""
    old, new = (delta.files_by_partition(root, DAYS, version) for version in (before, after))
    return {day for day in old.keys() | new.keys() if old.get(day) != new.get(day)}


def test_a_table_is_created_empty_and_typed_once(root):
    assert delta.newest_version(root, DAYS) is None
    delta.create(root, DAYS)
    delta.create(root, DAYS)
    assert delta.newest_version(root, DAYS) == 0
    assert delta.read(root, DAYS, 0).schema == DAYS.polars_schema()
    assert delta.read(root, DAYS, 0).is_empty()
    assert delta.files(root, DAYS, 0) == []


def test_rows_are_appended_and_each_version_stays_readable(root, table):
    assert delta.append(root, table, sold((FIRST, "P1", 1)), 0) == 1
    assert delta.append(root, table, sold((SECOND, "P1", 2)), 1) == 2
    assert quantities(root, 0) == []
    assert quantities(root, 1) == [(FIRST, "P1", 1)]
    assert quantities(root, 2) == [(FIRST, "P1", 1), (SECOND, "P1", 2)]


def test_overwriting_a_date_leaves_the_others(root, table):
    delta.append(root, table, sold((FIRST, "P1", 1), (SECOND, "P1", 2)), 0)
    version = delta.overwrite(root, table, sold((SECOND, "P2", 3)), 1, [SECOND])
    assert quantities(root, version) == [(FIRST, "P1", 1), (SECOND, "P2", 3)]


def test_a_date_overwritten_by_nothing_is_empty(root, table):
    delta.append(root, table, sold((FIRST, "P1", 1), (SECOND, "P1", 2)), 0)
    version = delta.overwrite(root, table, sold(), 1, [SECOND])
    assert quantities(root, version) == [(FIRST, "P1", 1)]


def test_types_come_back_as_the_contract_names_them(root, table):
    version = delta.append(root, table, sold((FIRST, "P1", 1)), 0)
    frame = delta.read(root, table, version)
    assert dict(frame.schema) == table.polars_schema()
    assert frame.row(0) == (FIRST, "P1", 1, Decimal("1.0000"))


def test_writing_what_is_there_makes_no_version(root, table):
    version = delta.append(root, table, sold((FIRST, "P1", 1), (SECOND, "P1", 2)), 0)
    same = sold((SECOND, "P1", 2), (FIRST, "P1", 1))  # in another order
    assert delta.write_changes(root, table, same, version) == version
    assert delta.newest_version(root, table) == version


def test_only_dates_that_differ_are_written(root, table):
    before = delta.append(root, table, sold((FIRST, "P1", 1), (SECOND, "P1", 2)), 0)
    after = delta.write_changes(root, table, sold((FIRST, "P1", 1), (SECOND, "P1", 9), (THIRD, "P1", 3)), before)
    assert quantities(root, after) == [(FIRST, "P1", 1), (SECOND, "P1", 9), (THIRD, "P1", 3)]
    assert rewritten(root, before, after) == {SECOND, THIRD}
    assert len(set(delta.files(root, table, before)) & set(delta.files(root, table, after))) == 1


def test_a_date_that_lost_its_last_row_is_emptied_and_counts_as_changed(root, table):
    before = delta.append(root, table, sold((FIRST, "P1", 1), (SECOND, "P1", 2)), 0)
    after = delta.write_changes(root, table, sold((FIRST, "P1", 1)), before)
    assert quantities(root, after) == [(FIRST, "P1", 1)]
    assert rewritten(root, before, after) == {SECOND}
    emptied = delta.write_changes(root, table, sold(), after)
    assert quantities(root, emptied) == []


def test_a_table_without_a_partition_is_written_whole(root):
    delta.create(root, STORES)
    rows = pl.DataFrame({"store_id": ["S1"], "city": [None]}, schema=STORES.polars_schema())
    version = delta.write_changes(root, STORES, rows, 0)
    assert delta.read(root, STORES, version).rows() == [("S1", None)]
    assert delta.write_changes(root, STORES, rows, version) == version
    assert delta.read(root, STORES, delta.write_changes(root, STORES, rows.clear(), version)).is_empty()


def test_a_table_is_put_back_to_an_earlier_version(root, table):
    first = delta.append(root, table, sold((FIRST, "P1", 1)), 0)
    delta.append(root, table, sold((SECOND, "P1", 2)), 1)
    delta.restore(root, table, first)
    newest = delta.newest_version(root, table)
    assert quantities(root, newest) == [(FIRST, "P1", 1)]
    delta.restore(root, table, newest)  # nothing to do
    assert delta.newest_version(root, table) == newest
    # Built upon, it holds the new row and not the one that was put away.
    version = delta.append(root, table, sold((THIRD, "P1", 3)), newest)
    assert quantities(root, version) == [(FIRST, "P1", 1), (THIRD, "P1", 3)]


def test_a_table_that_holds_what_was_released_is_not_put_back_again(root, table):
    first = delta.append(root, table, sold((FIRST, "P1", 1)), 0)
    delta.append(root, table, sold((SECOND, "P1", 2)), 1)
    newest = delta.restore(root, table, first)
    assert newest == 3
    assert delta.restore(root, table, first) == 3


def test_what_this_process_wrote_without_learning_of_it_is_put_back_too(root, table):
    known = delta.append(root, table, sold((FIRST, "P1", 1)), 0)
    delta.append(root, table, sold((SECOND, "P1", 2)), known)  # as if it had ended in an error after its commit
    newest = delta.restore(root, table, known, known)
    assert (newest, delta.newest_version(root, table)) == (3, 3)
    assert quantities(root, newest) == [(FIRST, "P1", 1)]


WRITES = {
    "append": lambda root, base: delta.append(root, DAYS, sold((THIRD, "P1", 3)), base),
    "overwrite": lambda root, base: delta.overwrite(root, DAYS, sold((THIRD, "P1", 3)), base),
    "overwrite a date": lambda root, base: delta.overwrite(root, DAYS, sold((FIRST, "P1", 3)), base, [FIRST]),
    "write changes": lambda root, base: delta.write_changes(root, DAYS, sold((THIRD, "P1", 3)), base),
    "put back": lambda root, base: delta.restore(root, DAYS, 0, base),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_table_another_run_wrote_to_since_cannot_be_written(root, table, write):
    mine = delta.append(root, table, sold((FIRST, "P1", 1)), 0)
    theirs = mine + 1
    write_deltalake(delta.location(root, table), sold((SECOND, "P1", 2)), mode="append")
    with pytest.raises(
        ReleaseConflict, match=r"gold\.sold is at version 2, written by another run; this run stands on 1"
    ):
        write(root, mine)
    assert delta.newest_version(root, table) == theirs
    assert quantities(root, theirs) == [(FIRST, "P1", 1), (SECOND, "P1", 2)]


def test_a_fence_keeps_the_rows_and_shuts_out_who_stands_before_it(root, table):
    mine = delta.append(root, table, sold((FIRST, "P1", 1)), 0)
    fenced = delta.fence(root, table, mine)
    assert quantities(root, fenced) == [(FIRST, "P1", 1)]
    with pytest.raises(ReleaseConflict):
        delta.append(root, table, sold((SECOND, "P1", 2)), mine)


def test_version_zero_is_a_version(root, table):
    delta.append(root, table, sold((FIRST, "P1", 1)), 0)
    delta.restore(root, table, 0)
    assert quantities(root, delta.newest_version(root, table)) == []
    assert delta.scan(root, table, 0).collect().is_empty()


def test_forcing_to_disk_changes_nothing(root, table):
    version = delta.append(root, table, sold((FIRST, "P1", 1)), 0)
    delta.sync(root, [table], {}, {table.full_name: version})
    assert quantities(root, version) == [(FIRST, "P1", 1)]


def test_what_cannot_be_read_names_the_table(root, table):
    with pytest.raises(LakeUnavailable, match=r"gold\.sold"):
        delta.read(root, table, 7)


def test_what_the_disk_refuses_is_said_in_one_plain_line(root, table):
    log = Path(root) / "gold" / "sold" / "_delta_log"
    shutil.rmtree(log)
    log.write_text("no folder")
    with pytest.raises(LakeUnavailable, match=r"gold\.sold .*Not a directory") as refused:
        delta.append(root, table, sold((FIRST, "P1", 1)), 0)
    assert str(refused.value).isprintable()
