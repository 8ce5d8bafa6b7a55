"""Checks on the tables as written: each fault they are for, planted."""

import duckdb
import pytest

import contracts
from contracts.errors import UsageError
from contracts.registry import lake_tables
from pipelines import checks

PARAMETERS = {"as_of": "2024-01-02", "refund_window_days": 30, "run_id": "run", "max_reject_ratio": 0.05}


@pytest.fixture
def con():
    """Every table of the lake, empty."""
    with duckdb.connect() as opened:
        for layer in ("bronze", "silver", "gold", "quality"):
            opened.execute(f"create schema {layer}")
        for name, table in lake_tables().items():
            columns = ", ".join(f"{column} {kind}" for column, kind in table.duckdb_types().items())
            opened.execute(f"create table {name} ({columns})")
        yield opened


@pytest.fixture
def audits_folder(tmp_path, monkeypatch):
    """A folder of audits of the test's own."""
    folder = tmp_path / "audits"
    folder.mkdir()
    monkeypatch.setattr(contracts, "__path__", [str(tmp_path), *contracts.__path__])
    return folder


def failed(con):
    return [result for result in checks.run(con, PARAMETERS) if result.status == "failed"]


def store(con, store_id, name="High Street"):
    con.execute("insert into gold.dim_store (store_id, store_name, channel) values (?, ?, 'web')", [store_id, name])


def test_empty_tables_pass_and_every_gold_table_has_its_key_and_its_nulls_checked(con):
    results = checks.run(con, PARAMETERS)
    assert {result.status for result in results} == {"passed"}
    for name in ("unique_key", "not_null"):
        checked = {result.table_name for result in results if result.check_name == name}
        assert checked == {table for table in lake_tables() if table.startswith("gold.")}


def test_two_rows_of_one_key_block(con):
    store(con, "S1")
    store(con, "S2")
    store(con, "S1")
    [result] = failed(con)
    assert (result.check_name, result.table_name, result.blocks) == ("unique_key", "gold.dim_store", True)
    assert (result.observed, result.sample) == ("1 offending rows", "store_id,copies\nS1,2\n")


def test_a_null_where_the_contract_has_none_blocks(con):
    store(con, "S1", name=None)
    [result] = failed(con)
    assert (result.check_name, result.table_name, result.blocks) == ("not_null", "gold.dim_store", True)


def test_the_sample_holds_the_first_five_of_many(con):
    for number in range(9):
        store(con, f"S{number}")
        store(con, f"S{number}")
    [result] = failed(con)
    assert result.observed == "9 offending rows"
    assert result.sample.splitlines()[1:] == [f"S{number},2" for number in range(5)]


AUDIT = """-- Detects: A store of no name to speak of.
-- Why: Nobody finds it on the map.
-- Severity: {severity}
-- Table: gold.dim_store
select store_id, $as_of as as_of from gold.dim_store where length(store_name) < 2
"""


@pytest.mark.parametrize(("severity", "blocks"), [("blocking", True), ("warning", False)])
def test_an_audit_is_a_file_that_selects_offending_rows_and_says_how_severe_they_are(
    con, audits_folder, severity, blocks
):
    (audits_folder / "short_name.sql").write_text(AUDIT.format(severity=severity))
    assert failed(con) == []
    store(con, "S1", name="X")
    [result] = failed(con)
    assert (result.check_name, result.severity, result.blocks) == ("short_name", severity, blocks)
    assert result.sample == "store_id,as_of\nS1,2024-01-02\n"


def test_an_audit_without_a_whole_header_is_named(audits_folder):
    (audits_folder / "nameless.sql").write_text("-- Detects: something\nselect 1 where false\n")
    with pytest.raises(UsageError, match=r"contracts/audits/nameless\.sql"):
        checks.audits()
