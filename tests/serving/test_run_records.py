"""The books of a home's database."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from contracts.errors import ForeignDatabase, RunInProgress
from serving import postgres
from serving.run_records import Records

NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
RELEASE = "insert into lakehouse.releases values (7, 'run-1', '2024-01-02', '2024-01-02 03:04:05+00', '{}', '{}')"


@pytest.fixture
def records(home):
    engine = postgres.engine(home.settings)
    made = Records(engine, home.settings)
    made.prepare("lake-1")
    yield made
    engine.dispose()


def test_a_database_belongs_to_one_lake_and_refuses_another(records, home):
    records.prepare("lake-1")
    with pytest.raises(ForeignDatabase, match=r"its lake is lake-1, this one is lake-2"):
        records.prepare("lake-2")
    assert home.database("select lake_id from lakehouse.lake") == [("lake-1",)]


def test_the_database_of_another_home_is_refused_by_a_run(shop, another_shop):
    other_url = shop.url
    other = another_shop()
    other.land("2024-01-03", customers=[{}])
    # A copy of a home is the same lake; a home begun anew is not.
    shutil.rmtree(other.path / "lake")
    ran = other.run("pipeline", "2024-01-03")
    assert other.url != other_url
    assert (ran.exit_code, "belongs to another home" in ran.err) == (3, True)


def test_one_writer_at_a_time_and_the_other_is_told_who(records):
    with records.writing(wait=False):
        records.start("run-1", "pipeline --all", NOW)
        with (
            pytest.raises(RunInProgress, match=r"Run run-1 \(pipeline --all\) has been writing here since"),
            records.writing(wait=False),
        ):
            pytest.fail("two writers at once")
    with records.writing(wait=False):
        pass


def test_the_lock_is_given_back_when_a_run_fails(records):
    with pytest.raises(ZeroDivisionError), records.writing(wait=False):
        raise ZeroDivisionError
    with records.writing(wait=False):
        pass


def test_the_path_of_the_home_and_of_the_lake_stay_out_of_the_record(records, home, monkeypatch, tmp_path):
    monkeypatch.setenv("TILLHOUSE_LAKE_PATH", str(tmp_path / "elsewhere"))
    told = f"There is no {home.path}/landing/2024-01-02, nor {tmp_path / 'elsewhere'}/gold."
    kept = Records(records.engine, home.settings)
    for run, message, retries in (("run-1", told, []), ("run-2", None, [told])):
        kept.start(run, "pipeline", NOW)
        kept.retries.told[:] = retries
        kept.finish(run, "failed", NOW, release_id=None, as_of=None, message=message)
    said = "There is no <home>/landing/2024-01-02, nor <lake>/gold."
    assert home.database("select message from lakehouse.runs") == [(said,), (said,)]


def test_a_run_that_died_is_marked_failed_by_the_next_one(records, home):
    records.start("run-1", "pipeline --all", NOW)
    records.start("run-2", "pipeline --all", NOW)
    assert home.database("select run_id, status, message from lakehouse.runs order by 1") == [
        ("run-1", "failed", "the process died"),
        ("run-2", "running", None),
    ]


def test_a_run_that_died_after_its_release_is_marked_released(records, home):
    records.start("run-1", "pipeline --all", NOW)
    home.database(RELEASE)
    records.start("run-2", "pipeline --all", NOW)
    assert home.database(
        "select status, release_id, as_of, finished_at, message from lakehouse.runs where run_id = 'run-1'"
    ) == [("released", 7, date(2024, 1, 2), NOW, "the process died after its release")]


def test_a_release_that_is_being_committed_is_waited_for_before_its_run_is_given_up(records, home):
    records.start("run-1", "pipeline --all", NOW)
    with records.engine.connect() as publishing, ThreadPoolExecutor(1) as pool:
        publishing.execute(sa.text("select from lakehouse.runs where run_id = 'run-1' for update"))
        publishing.execute(sa.text(RELEASE))
        next_run = pool.submit(records.start, "run-2", "pipeline --all", NOW)
        with pytest.raises(TimeoutError):
            next_run.result(timeout=0.5)
        publishing.commit()
        assert next_run.result(timeout=10)
    assert home.database("select status from lakehouse.runs order by run_id") == [("released",), ("running",)]


def test_a_run_is_closed_with_what_it_released(records, home):
    records.start("run-1", "pipeline 2024-01-02", NOW)
    records.finish("run-1", "released", NOW, release_id=1, as_of=date(2024, 1, 2), message=None)
    assert home.database("select status, release_id, as_of, finished_at from lakehouse.runs") == [
        ("released", 1, date(2024, 1, 2), NOW)
    ]


def test_a_rejected_file_is_recorded_once_per_content(records, home):
    file = {
        "landing_date": date(2024, 1, 2),
        "source_file": "orders.csv",
        "file_hash": "aa",
        "source": "orders",
        "reason": "no header",
        "kept_as": "2024-01-02/aa-orders.csv",
        "run_id": "run-1",
        "rejected_at": NOW,
    }
    records.rejected([])
    records.rejected([file, file | {"file_hash": "bb"}])
    records.rejected([file | {"run_id": "run-2"}])
    assert records.rejected_hashes() == {(date(2024, 1, 2), "orders.csv"): {"aa", "bb"}}
    assert home.database("select distinct run_id from lakehouse.rejected_files") == [("run-1",)]
