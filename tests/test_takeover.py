"""A run that was taken for dead and is not: it can neither publish nor spoil what its successor writes."""

import os
import signal

import pytest

from contracts.registry import lake_tables
from lake import delta
from tests.test_crash import DAY, everything, land_a_day, of_a_quiet_day

LOSE_THE_LOCK = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
STATUSES = "select status from lakehouse.runs where command like 'pipeline %' order by started_at"


def pause_after(process, step):
    """Stop the process once a step is said to be done."""
    while not process.stderr.readline().startswith(f"{step}: "):
        assert process.poll() is None
    os.kill(process.pid, signal.SIGSTOP)


def go_on(process):
    """Let it go on to its end; returns its exit code and what it said."""
    os.kill(process.pid, signal.SIGCONT)
    _, said = process.communicate(timeout=120)
    return process.returncode, said


def newest(shop):
    return {name: delta.newest_version(shop.settings.lake, table) for name, table in lake_tables().items()}


def must_write_nothing(shop, sleeper):
    """It wakes up, says that its turn is over, and all is as it was."""
    published, lake = everything(shop), newest(shop)
    code, said = go_on(sleeper)
    assert (code, "run the same command again" in " ".join(said.split())) == (3, True)
    assert newest(shop) == lake
    assert everything(shop) == published


@pytest.mark.parametrize("step", ["bronze", "checks"])
def test_a_run_that_wakes_up_after_its_successor_published_changes_nothing(shop, step):
    land_a_day(shop)
    sleeper = shop.spawn("pipeline", DAY)
    pause_after(sleeper, step)
    shop.database(LOSE_THE_LOCK)
    shop.succeed("pipeline", DAY)
    must_write_nothing(shop, sleeper)
    assert shop.database("select count(*) from lakehouse.releases") == [(2,)]
    assert shop.database(STATUSES) == [("released",), ("failed",), ("released",)]
    assert "nothing new" in shop.succeed("pipeline", DAY).out


def test_a_run_that_wakes_up_while_its_successor_works_does_not_disturb_it(shop, another_shop):
    quiet = of_a_quiet_day(another_shop())
    shop = another_shop()
    land_a_day(shop)
    sleeper = shop.spawn("pipeline", DAY)
    pause_after(sleeper, "bronze")
    shop.database(LOSE_THE_LOCK)
    successor = shop.spawn("pipeline", DAY)
    pause_after(successor, "bronze")
    assert go_on(sleeper)[0] == 3
    code, said = go_on(successor)
    assert code == 0, said
    assert everything(shop) == quiet
    assert shop.database("select release_id from serving.publication") == [(2,)]


def test_a_run_that_lost_its_lock_to_nobody_publishes(shop):
    land_a_day(shop)
    process = shop.spawn("pipeline", DAY)
    pause_after(process, "silver")
    shop.database(LOSE_THE_LOCK)
    code, said = go_on(process)
    assert code == 0, said
    assert shop.database("select release_id from serving.publication") == [(2,)]


def test_of_two_runs_at_once_one_publishes_and_the_other_finds_nothing_new(shop):
    land_a_day(shop)
    processes = [shop.spawn("pipeline", DAY) for _ in range(2)]
    ended = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], ended
    assert sorted("nothing new" in out for out, _ in ended) == [False, True]
    assert shop.database("select count(*) from lakehouse.releases") == [(2,)]


def test_a_run_that_wakes_up_after_a_repair_took_its_place_writes_nothing(shop):
    land_a_day(shop)
    sleeper = shop.spawn("pipeline", DAY)
    pause_after(sleeper, "bronze")
    shop.database(LOSE_THE_LOCK)
    shop.database("update serving_v1.fct_orders set units = 3")
    shop.succeed("fsck", "--repair")
    must_write_nothing(shop, sleeper)
    shop.succeed("pipeline", DAY)
    shop.succeed("fsck")
