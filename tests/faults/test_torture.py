"""A small torture, of which `just torture` is the large one.

Random kills, a dying Postgres, races, a full disk, readers under publishes.
"""

import random

import pytest

from tests.faults.readers import hammer
from tests.faults.rounds import kill_at_random, race
from tests.faults.servers import EmbeddedWorld, fill_disk, kill_postgres, small_disk
from tests.faults.worlds import World

SEED = 20240104


@pytest.mark.parametrize("number", range(3))
def test_runs_killed_at_random_twenty_in_a_row_leave_nothing_that_the_next_does_not_mend(
    world: World, number: int
) -> None:
    done = kill_at_random(world, random.Random(SEED + number), first=number == 2, kills=20)
    assert not done.wrong, done


@pytest.mark.parametrize("number", range(2))
def test_a_postgres_killed_in_the_middle_of_a_run_costs_at_most_that_run(
    embedded_world: EmbeddedWorld, number: int
) -> None:
    done = kill_postgres(embedded_world, random.Random(SEED + number))
    assert not done.wrong, done


def test_of_runs_that_race_one_publishes_once(world: World) -> None:
    done = race(world, 8, random.Random(SEED))
    assert not done.wrong, done


@pytest.mark.parametrize("number", range(2))
def test_a_full_disk_stops_a_run_and_room_mends_it(world: World, embedded_world: EmbeddedWorld, number: int) -> None:
    try:
        with small_disk(1):
            pass
    except PermissionError as error:
        pytest.skip(str(error))
    done = fill_disk(world, random.Random(SEED + number), embedded_world if number else None)
    assert not done.wrong, done


def test_readers_over_http_and_in_the_lake_never_see_two_releases_at_once(world: World) -> None:
    done, seen = hammer(world, 2)
    assert not done.wrong, done
    assert seen["HTTP answers"] > 50
    assert seen["lake answers"] > 5
