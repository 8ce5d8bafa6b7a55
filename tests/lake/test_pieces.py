"""The rows of a version, and what differs between two, piece by piece."""

from datetime import date, datetime

import polars as pl
import pytest

from contracts.registry import lake_tables
from lake import delta, pieces
from tests.lake.test_delta import DAYS, FIRST, SECOND, STORES, THIRD, sold


@pytest.fixture
def root(tmp_path):
    delta.create(str(tmp_path), DAYS)
    return str(tmp_path)


def put_together(root, before, after):
    """All rows gone and come, and the sizes of the pieces."""
    found = list(pieces.differences(root, DAYS, before, after))
    gone, come = (pl.concat([getattr(each, side) for each in found]) for side in ("gone", "come"))
    key = ["date", "product_id", "quantity"]
    return gone.select(key).sort(key).rows(), come.select(key).sort(key).rows(), [each.compared for each in found]


def test_only_rows_of_files_that_differ_are_compared_and_only_rows_that_differ_are_given(root):
    before = delta.append(root, DAYS, sold((FIRST, "P1", 1), (SECOND, "P1", 2), (SECOND, "P2", 2), (THIRD, "P1", 3)), 0)
    changed = sold((FIRST, "P1", 1), (SECOND, "P1", 2), (SECOND, "P2", 9), (SECOND, "P3", 1))
    after = delta.write_changes(root, DAYS, changed, before)
    gone, come, compared = put_together(root, before, after)
    assert gone == [(SECOND, "P2", 2), (THIRD, "P1", 3)]
    assert come == [(SECOND, "P2", 9), (SECOND, "P3", 1)]
    assert compared == [3]


def test_pieces_hold_whole_partitions_and_few_rows(root, monkeypatch):
    monkeypatch.setattr(pieces, "PIECE_ROWS", 2)
    before = delta.append(root, DAYS, sold((FIRST, "P1", 1), (SECOND, "P1", 2), (THIRD, "P1", 3)), 0)
    assert [frame.height for frame in pieces.rows(root, DAYS, before)] == [2, 1]
    after = delta.write_changes(root, DAYS, sold((FIRST, "P1", 2), (SECOND, "P1", 3), (THIRD, "P1", 3)), before)
    gone, come, compared = put_together(root, before, after)
    assert (gone, come) == ([(FIRST, "P1", 1), (SECOND, "P1", 2)], [(FIRST, "P1", 2), (SECOND, "P1", 3)])
    assert compared == [1, 1]


def test_an_empty_version_has_no_pieces(root):
    assert list(pieces.rows(root, DAYS, 0)) == []
    assert list(pieces.differences(root, DAYS, 0, 0)) == []


def test_null_equals_null(tmp_path):
    root = str(tmp_path)
    delta.create(root, STORES)
    first = pl.DataFrame({"store_id": ["S1", "S2"], "city": [None, "Rome"]}, schema=STORES.polars_schema())
    second = first.with_columns(city=pl.Series([None, None], dtype=pl.String))
    before = delta.append(root, STORES, first, 0)
    after = delta.write_changes(root, STORES, second, before)
    [found] = pieces.differences(root, STORES, before, after)
    assert (found.gone.rows(), found.come.rows()) == ([("S2", "Rome")], [("S2", None)])


def test_lists_differ_by_their_texts_and_where_one_ends(tmp_path):
    root, table = str(tmp_path), lake_tables()["silver.quarantine"]
    delta.create(root, table)

    def rows(*lists):
        at = datetime(2024, 1, 2)
        full = [
            ("orders", date(2024, 1, 2), "a", n, "h", "{}", each, "r", at, "open", None) for n, each in enumerate(lists)
        ]
        return pl.DataFrame(full, schema=table.polars_schema(), orient="row")

    before = delta.append(root, table, rows([], ["a", "b"], ["ab"]), 0)
    after = delta.write_changes(root, table, rows([""], ["a", "b"], ["a", "b"]), before)
    [found] = pieces.differences(root, table, before, after)
    assert found.gone["reasons"].to_list() == [[], ["ab"]]
    assert found.come["reasons"].to_list() == [[""], ["a", "b"]]
