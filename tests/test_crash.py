"""A process killed at any moment: the next command works, and the figures are those of a quiet day."""

import os
import signal
import time

import pytest

from contracts.registry import tables
from lake.connection import connect
from serving import embedded

DAY = "2024-01-03"


def land_a_day(home):
    home.land(
        DAY,
        customers=[{"customer_id": "C2"}],
        products=[{"list_price": "12.00", "updated_at": "2024-01-03"}],
        orders=[{"order_id": "O2", "customer_id": "C2"}],
        order_items=[{"order_id": "O2", "unit_price": "12.00"}, {"quantity": "0", "line_number": "2"}],
        returns=[{"returned_at": "2024-01-03T10:00:00"}],
        inventory_movements=[{"movement_id": "M2", "movement_type": "shipment", "quantity": "17"}],
    )


def everything(home):
    """All of gold, the conservation and the quarantine without its clock, as the lake and as Postgres have them."""
    found = {}
    with connect(home.settings) as con:
        for table in [*tables("gold").values(), *tables("quality").values()]:
            found[table.full_name] = con.sql(f"select * from {table.full_name} order by all").fetchall()
            if table.served:
                found[f"serving.{table.name}"] = sorted(map(str, home.database(f"select * from serving.{table.name}")))
        quarantine = "select source, row_number, reasons, status from silver.quarantine order by all"
        found["quarantine"] = con.sql(quarantine).fetchall()
    return found


def of_a_quiet_day(home):
    """What an undisturbed home holds after the day."""
    land_a_day(home)
    home.succeed("pipeline", DAY)
    return everything(home)


def kill_after(process, step):
    """SIGKILL once a step is said to be done."""
    while not process.stderr.readline().startswith(f"{step}: "):
        assert process.poll() is None
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL


@pytest.fixture(scope="module")
def quiet_day():
    """Filled by the first test that needs it: what an undisturbed home holds."""
    return {}


@pytest.mark.parametrize("step", ["bronze", "silver", "gold", "checks"])
def test_the_command_after_a_kill_gives_the_figures_of_a_quiet_day(shop, another_shop, quiet_day, step):
    land_a_day(shop)
    kill_after(shop.spawn("pipeline", DAY), step)
    # Readers still have the day before.
    assert shop.rows("select count(*) as n from gold.fct_orders") == [{"n": "1"}]
    shop.succeed("pipeline", DAY)
    statuses = [status for (status,) in shop.database("select status from lakehouse.runs order by started_at")]
    assert statuses == ["released", "failed", "released"]
    disturbed = everything(shop)
    if not quiet_day:
        quiet_day.update(of_a_quiet_day(another_shop()))
    assert disturbed == quiet_day


def test_a_kill_while_the_publication_is_under_way_leaves_the_day_before(shop):
    land_a_day(shop)
    # The publication waits in the middle of its transaction, until it is killed there.
    shop.database(
        "create function serving_v1.wait() returns trigger language plpgsql as"
        " $$ begin perform pg_sleep(60); return null; end $$;"
        "create trigger wait after insert on serving_v1.fct_returns for each statement"
        " execute function serving_v1.wait()"
    )
    process = shop.spawn("pipeline", DAY)
    asleep = "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
    while shop.database(asleep) == [(0,)]:
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.communicate()
    assert shop.database("select max(release_id) from serving.publication") == [(1,)]
    assert shop.database("select count(*) from serving.fct_orders") == [(1,)]
    shop.database("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'")
    shop.database("drop trigger wait on serving_v1.fct_returns")
    shop.succeed("pipeline", DAY)
    assert shop.database("select max(release_id) from serving.publication") == [(2,)]
    assert shop.database("select count(*) from serving.fct_orders") == [(2,)]


@pytest.mark.parametrize("command", [("pipeline", DAY), ("status",), ("report",)])
def test_a_kill_after_the_commit_leaves_the_release_and_the_next_command_finishes_it(shop, command):
    land_a_day(shop)
    # The report's folder cannot be moved to its date while a file of that name is there: the run dies after its commit.
    in_the_way = shop.path / "reports" / DAY
    in_the_way.write_text("")
    assert shop.run("pipeline", DAY).exit_code == 3
    assert shop.database("select max(release_id) from serving.publication") == [(2,)]
    in_the_way.unlink()
    said = shop.succeed(*command).out
    assert ("nothing new" in said) == (command[0] == "pipeline")
    assert (shop.path / "lake" / "_releases" / "2.json").exists()
    assert (in_the_way / "index.html").exists()
    assert shop.rows("select count(*) as n from gold.fct_orders") == [{"n": "2"}]
    assert shop.database("select max(release_id) from serving.publication") == [(2,)]


def test_the_embedded_server_killed_between_two_commands_is_started_again(home, monkeypatch):
    monkeypatch.delenv("TILLHOUSE_DATABASE_URL")
    try:
        home.land("2024-01-02", customers=[{}], products=[{}], orders=[{}], order_items=[{}])
        home.succeed("pipeline", "2024-01-02")
        os.kill(embedded.status(home.settings).pid, signal.SIGKILL)
        land_a_day(home)
        home.succeed("pipeline", DAY)
        assert home.rows("select count(*) as n from gold.fct_orders") == [{"n": "2"}]
    finally:
        embedded.stop(home.settings)
