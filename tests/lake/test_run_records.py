"""Run records from DuckDB: read when they are asked for, as they are then."""

import pytest

from lake.connection import connect


def test_rows_are_read_when_they_are_asked_for(shop):
    with connect(shop.settings) as con:
        shop.database("update lakehouse.runs set message = 'said since'")
        assert con.sql("select message, status from quality.runs").fetchall() == [("said since", "released")]
        # And again by a second query of the same connection.
        shop.database("update lakehouse.runs set message = null")
        assert con.sql("select message from quality.runs where status = 'released'").fetchall() == [(None,)]


def test_every_kind_of_value_arrives(shop):
    [run] = shop.database("select run_id from lakehouse.runs")
    shop.database(
        "insert into lakehouse.stopped_quarantine values ('orders', '2024-01-02', 'a.csv', 7, 'h', '{\"a\": null}',"
        f" '{{status:enum,\"quo\\\"ted\"}}', '{run[0]}', '2024-01-02 03:04:05.000006', 'open', null)"
    )
    with connect(shop.settings) as con:
        found = con.sql(
            "select landing_date::text, row_number, raw, reasons, quarantined_at::text, corrected_by"
            " from quality.stopped_quarantine"
        ).fetchall()
        assert found == [
            ("2024-01-02", 7, '{"a": null}', ["status:enum", 'quo"ted'], "2024-01-02 03:04:05.000006", None)
        ]
        steps = con.sql("select step, seconds > 0 from quality.run_steps order by position").fetchall()
        assert steps[0] == ("bronze", True)
        [(kind,)] = con.sql("select typeof(started_at) from quality.runs").fetchall()
        assert kind == "TIMESTAMP WITH TIME ZONE"


def test_an_empty_one_is_a_table_without_rows(shop):
    with connect(shop.settings) as con:
        assert con.sql("select reasons from quality.stopped_quarantine").fetchall() == []
        assert con.sql("select count(*) from bronze.rejected_files").fetchall() == [(0,)]


def test_a_database_gone_since_is_said(shop, monkeypatch):
    with connect(shop.settings) as con:
        shop.database("drop table lakehouse.rejected_files")
        with pytest.raises(Exception, match="rejected_files"):
            con.sql("select * from bronze.rejected_files").fetchall()
