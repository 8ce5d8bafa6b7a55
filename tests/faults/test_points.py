"""A run struck at its named points: readers keep one whole release, and the next command makes everything right."""

import random

import pytest

from tests.faults.points import EXCEPTION, copied_table, faults_at, transaction_name
from tests.faults.proxy import BEFORE, DURING
from tests.faults.rounds import lose, strike
from tests.faults.worlds import World

SEED = 20240103
STRETCHES = 5  # of a run


def test_a_run_has_at_least_sixty_points_of_every_kind(world: World) -> None:
    assert len(set(world.recorded)) == len(world.recorded) >= 60
    kinds = {name.partition(":")[0] for name in world.recorded}
    assert kinds >= {"append", "overwrite", "write", "rename", "replace", "fsync", "mkdir", "copy", "commit"}
    for point in (
        "write:rejected/2024-01-03/*",
        "overwrite:silver/orders:during",
        "overwrite:gold/fct_orders:after",
        "fsync:lake/gold/fct_orders:before",
        "copy:fct_orders:before",
        "write:reports/.pending/2.part/.index.html.part:during",
        "commit:publish:before",
        "commit:publish:after",
        "rename:reports/2024-01-03:after",
        "replace:lake/_releases/2.json:before",
    ):
        assert any(name.startswith(point.rstrip("*")) for name in world.recorded), f"{point} is no point of a run"


@pytest.mark.parametrize("number", range(STRETCHES))
def test_after_faults_at_any_points_readers_have_one_release_and_the_next_run_is_right(
    world: World, number: int
) -> None:
    chance = random.Random(SEED + number)
    committed = world.recorded.index("commit:publish:after")
    # Two before the release is in force, of which each test has its own stretch, and one anywhere.
    stretch = committed / STRETCHES
    points = [world.recorded[int(stretch * (number + chance.random()))] for _ in range(2)]
    points.append(chance.choice(world.recorded[committed:] if number % 2 else world.recorded))
    faults = [faults_at(point) for point in points]
    done = strike(world, *((point, faults[n][(number + n) % len(faults[n])]) for n, point in enumerate(points)))
    assert not done.wrong, done


def test_an_error_right_after_the_commit_leaves_the_lake_as_released(world: World) -> None:
    done = strike(world, ("commit:publish:after", EXCEPTION))
    assert not done.wrong, done


def test_a_write_that_ends_in_an_error_after_its_commit_is_put_back(world: World) -> None:
    written = ("append:bronze/orders", "overwrite:silver/orders", "overwrite:gold/fct_orders")
    done = strike(world, *((f"{table}:after", EXCEPTION) for table in written))
    assert not done.wrong, done


@pytest.mark.parametrize(
    ("what", "when"),
    [
        ("commit:publish", BEFORE),
        ("commit:publish", DURING),
        ("commit:insert into lakehouse.runs", DURING),
        ("copy:fct_orders", DURING),
    ],
)
def test_a_connection_lost_at_a_commit_or_copy_loses_and_doubles_nothing(world: World, what: str, when: str) -> None:
    done = lose(world, what, when)
    assert not done.wrong, done


def test_a_transaction_is_named_by_what_it_does() -> None:
    said = [
        "BEGIN",
        "lock table lakehouse.releases in share row exclusive mode",
        "insert into lakehouse.releases values",
    ]
    assert transaction_name([*said, "delete from serving_history.dim_date"]) == "publish"
    assert transaction_name(["update lakehouse.runs set status = 'failed'", "select 1"]) == "update lakehouse.runs"
    assert transaction_name(["select pg_try_advisory_lock(1)"]) == "lock"
    assert transaction_name(["select 1"]) is None
    made = ['create temporary table staging as select * from serving_v1."dim_date"', "copy staging from stdin"]
    assert copied_table(made) == "dim_date"
