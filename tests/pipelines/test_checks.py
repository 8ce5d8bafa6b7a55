"""Checks on the tables as written: each fault they are for, planted."""

import pytest

import contracts
from contracts.errors import UsageError
from contracts.registry import lake_tables
from pipelines import checks


@pytest.fixture
def audits_folder(tmp_path, monkeypatch):
    """A folder of audits of the test's own."""
    folder = tmp_path / "audits"
    folder.mkdir()
    monkeypatch.setattr(contracts, "__path__", [str(tmp_path), *contracts.__path__])
    return folder


def store(lake, store_id, name="High Street"):
    lake.put("gold.dim_store", store_id=store_id, store_name=name, channel="web")


def test_empty_tables_pass_and_every_gold_table_has_its_key_and_its_nulls_checked(empty_lake):
    results = empty_lake.results()
    assert {result.status for result in results} == {"passed"}
    for name in ("unique_key", "not_null"):
        checked = {result.table_name for result in results if result.check_name == name}
        assert checked == {table for table in lake_tables() if table.startswith("gold.")}


def test_two_rows_of_one_key_block(empty_lake):
    store(empty_lake, "S1")
    store(empty_lake, "S2")
    store(empty_lake, "S1")
    [result] = empty_lake.failed()
    assert (result.check_name, result.table_name, result.blocks) == ("unique_key", "gold.dim_store", True)
    assert (result.observed, result.sample) == ("1 offending rows", "store_id,copies\nS1,2\n")


def test_a_null_where_the_contract_has_none_blocks(empty_lake):
    store(empty_lake, "S1", name=None)
    [result] = empty_lake.failed()
    assert (result.check_name, result.table_name, result.blocks) == ("not_null", "gold.dim_store", True)


def test_the_sample_holds_the_first_five_of_many(empty_lake):
    for number in range(9):
        store(empty_lake, f"S{number}")
        store(empty_lake, f"S{number}")
    [result] = empty_lake.failed()
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
    empty_lake, audits_folder, severity, blocks
):
    (audits_folder / "short_name.sql").write_text(AUDIT.format(severity=severity))
    assert empty_lake.failed() == []
    store(empty_lake, "S1", name="X")
    [result] = empty_lake.failed()
    assert (result.check_name, result.severity, result.blocks) == ("short_name", severity, blocks)
    assert result.sample == "store_id,as_of\nS1,2024-01-02\n"


def test_an_audit_without_a_whole_header_is_named(audits_folder):
    (audits_folder / "nameless.sql").write_text("-- Detects: something\nselect 1 where false\n")
    with pytest.raises(UsageError, match=r"contracts/audits/nameless\.sql"):
        checks.audits()


def test_every_audit_says_how_severe_it_is_in_one_of_two_words():
    assert {check.severity for check in checks.audits()} == {"blocking", "warning"}
