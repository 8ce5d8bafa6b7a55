import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg2
import pytest

from contracts.errors import DatabaseUnavailable, NothingPublished, UsageError
from contracts.settings import Settings
from serving import connect, embedded, read
from serving.read import Publication, Reader
from tests.api.conftest import execute, let_read

RELEASE = """
drop schema if exists lakehouse cascade;
drop schema if exists serving cascade;
create schema lakehouse;
create schema serving;
create table lakehouse.releases (release_id bigint, run_id text, as_of date, created_at timestamptz, settings jsonb);
create table serving.publication (release_id bigint, run_id text, as_of date, published_at timestamptz);
insert into lakehouse.releases values
  (4, 'run-4', '2024-01-31', '2024-02-01 03:00:00+00', '{"timezone": "Europe/Paris"}');
insert into serving.publication values (4, 'run-4', '2024-01-31', '2024-02-01 03:00:00+00');
create table serving.fct_cohort_ltv (
  cohort_date date, window_days bigint, cohort_size bigint, is_mature boolean, retained_customers bigint,
  retention_rate double precision, orders bigint, net_revenue numeric(18,4), ltv numeric(18,4));
insert into serving.fct_cohort_ltv values ('2024-01-01', 7, 2, true, 1, 0.5, 3, 6.0003, 3.0002);
"""
LTV = {"days": 7, "only_mature": False}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home with a running embedded server."""
    found = Settings(home=tmp_path_factory.mktemp("home"), database_url=None)
    embedded.start(found)
    yield found
    embedded.stop(found)


@pytest.fixture
def url(settings: Settings) -> str:
    """The server's address, release 4 published anew."""
    found = embedded.start(settings)
    execute(found, RELEASE)
    let_read(settings)
    return found


def with_reader(settings: Settings, work):
    """What a coroutine function makes of a reader that is closed after it."""

    async def run():
        reader = Reader(settings)
        try:
            return await work(reader)
        finally:
            await reader.close()

    return asyncio.run(run())


async def publication(snapshot):
    return snapshot.publication


async def cohorts(snapshot):
    return await snapshot.rows("ltv_daily", **LTV)


@pytest.mark.usefixtures("url")
def test_the_publication_names_its_release_and_its_time_zone(settings):
    assert with_reader(settings, lambda reader: reader.read(publication)) == Publication(
        4, "run-4", date(2024, 1, 31), datetime(2024, 2, 1, 3, tzinfo=UTC), "Europe/Paris"
    )


@pytest.mark.usefixtures("url")
def test_rows_come_by_column_with_money_as_an_exact_decimal(settings):
    (row,) = with_reader(settings, lambda reader: reader.read(cohorts))
    assert (row["cohort_date"], row["net_revenue"], row["is_mature"]) == (date(2024, 1, 1), Decimal("6.0003"), True)
    assert str(row["ltv"]) == "3.0002"


@pytest.mark.usefixtures("url")
def test_a_question_asked_often_is_planned_for_its_own_values_each_time(settings):
    async def often(snapshot):
        for _ in range(8):  # after five Postgres would try one plan for all
            await cohorts(snapshot)
        return await snapshot.connection.fetchrow(
            "select custom_plans, generic_plans from pg_prepared_statements"
            " where statement like '%fct_cohort_ltv%' and statement not like '%pg_prepared_statements%'"
        )

    assert tuple(with_reader(settings, lambda reader: reader.read(often))) == (8, 0)


def test_a_publish_in_the_middle_of_a_read_changes_nothing_of_it(settings, url):
    async def straddling(snapshot):
        before = await cohorts(snapshot)
        execute(url, "update serving.publication set release_id = 5; update serving.fct_cohort_ltv set net_revenue = 7")
        return snapshot.publication.release_id, before, await cohorts(snapshot)

    release, before, after = with_reader(settings, lambda reader: reader.read(straddling))
    assert (release, after) == (4, before)


def test_a_lost_connection_is_replaced_without_an_error(settings, url):
    async def work(reader):
        await reader.read(publication)
        execute(url, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tillhouse api'")
        return await reader.read(publication)

    assert with_reader(settings, work).release_id == 4


def test_a_table_changed_under_a_prepared_query_is_read_anew(settings, url):
    async def work(reader):
        await reader.read(lambda snapshot: snapshot.rows("releases"))
        execute(url, "alter table lakehouse.releases alter column run_id type varchar(80)")
        return await reader.read(lambda snapshot: snapshot.rows("releases"))

    assert [row["release_id"] for row in with_reader(settings, work)] == [4]


def test_a_server_that_moved_is_found_at_its_new_address(tmp_path, settings, url):
    login = settings.role_password_file("tillhouse_api").read_text()
    settings = Settings(home=tmp_path)
    settings.address_file.parent.mkdir()
    settings.role_password_file("tillhouse_api").write_text(login)
    settings.address_file.write_text(f"postgresql://tillhouse:x@/tillhouse?host={tmp_path}&port=5432\n")

    async def work(reader):
        with pytest.raises(DatabaseUnavailable):
            await reader.read(publication)
        settings.address_file.write_text(url + "\n")
        await asyncio.sleep(read.DOWN_SECONDS)
        return await reader.read(publication)

    assert with_reader(settings, work).release_id == 4


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://shop:secret@127.0.0.1:1/shop",
        "postgresql+psycopg2://shop:secret@/shop?host=/nowhere&port=5432",
        "secret of another kind",
    ],
)
def test_without_an_answer_the_error_says_what_to_do_and_keeps_the_password(tmp_path, address):
    settings = Settings(home=tmp_path, database_url=address)
    with pytest.raises(DatabaseUnavailable, match="TILLHOUSE_DATABASE_URL") as caught:
        with_reader(settings, lambda reader: reader.read(publication))
    assert "secret" not in str(caught.value)


def test_a_home_that_never_had_a_server_is_unavailable(tmp_path: Path):
    with pytest.raises(DatabaseUnavailable):
        with_reader(Settings(home=tmp_path), lambda reader: reader.read(publication))


@pytest.mark.parametrize("change", ["delete from serving.publication", "drop schema serving cascade"])
def test_without_a_release_there_is_nothing_to_read(settings, url, change):
    execute(url, change)
    with pytest.raises(NothingPublished, match="Run `tillhouse pipeline`"):
        with_reader(settings, lambda reader: reader.read(publication))


@pytest.mark.usefixtures("url")
@pytest.mark.parametrize("value", [{"days": 2**40}, {"days": "seven"}])
def test_a_value_that_postgres_cannot_take_is_the_callers_error(settings, value):
    with pytest.raises(UsageError):
        with_reader(settings, lambda reader: reader.read(lambda found: found.rows("ltv_daily", **{**LTV, **value})))


def test_a_query_that_takes_too_long_is_given_up(settings, url, monkeypatch):
    monkeypatch.setattr(connect, "STATEMENT_SECONDS", 1)
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("lock table serving.fct_cohort_ltv")
        with pytest.raises(DatabaseUnavailable, match="longer than 1 s"):
            with_reader(settings, lambda reader: reader.read(cohorts))
    finally:
        connection.close()


@pytest.mark.usefixtures("url")
def test_when_every_connection_is_taken_the_next_read_waits_and_then_is_told(settings, monkeypatch):
    monkeypatch.setattr(read, "POOL_SIZE", 1)
    monkeypatch.setattr(read, "POOL_WAIT_SECONDS", 0.2)

    async def slow(snapshot):
        await asyncio.sleep(0.6)
        return snapshot.publication

    async def work(reader):
        return await asyncio.gather(reader.read(slow), reader.read(publication), return_exceptions=True)

    first, second = with_reader(settings, work)
    assert first.release_id == 4
    assert isinstance(second, DatabaseUnavailable)
    assert "busy" in str(second)
