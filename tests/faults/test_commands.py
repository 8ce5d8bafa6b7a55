"""The commands beside `pipeline` killed on their way: what is released stays, and the same command again ends well."""

from collections.abc import Iterator

import pytest

from tests.faults.worlds import DAY, Copy, State, World, database, everything, leftovers, succeed

KILLED = -9
KILLS = 3  # of each command, one after the other
FILE = "shop.tar.zst"


@pytest.fixture(scope="module")
def kept(world: World) -> Iterator[Copy]:
    """Two releases, of which the first is past retention."""
    home = world.copy(world.base)
    succeed(world.launcher, home, DAY)
    with database(home.url) as cursor:
        cursor.execute("update lakehouse.releases set created_at = now() - interval '100 days'")
    world.launcher.start(home.path, home.given, "fsck", "--repair").wait()  # their copies beside the lake say so too
    yield home
    world.drop(home)


@pytest.mark.parametrize("name", ["maintain", "rebuild", "publish", "backup"])
def test_a_command_killed_on_its_way_ends_well_the_next_time(world: World, kept: Copy, name: str) -> None:
    points, right = _undisturbed(world, kept, name)
    home, arguments = _ready(world, kept, name)
    killed = 0
    for number in range(KILLS):
        point = points[len(points) * (2 * number + 1) // (2 * KILLS)]
        ended = world.launcher.start(home.path, home.given, *arguments, point=point, fault="kill").wait()
        # What an earlier one has done for good is on no later one's way.
        assert ended.status in {0, KILLED}, (point, ended.err)
        killed += ended.status == KILLED
        (home.path / FILE).unlink(missing_ok=True)
    assert killed >= 2
    for command in (arguments, ["fsck"]):
        ended = world.launcher.start(home.path, home.given, *command).wait()
        assert ended.status == 0, (command, ended.out, ended.err)
    assert _without_number(everything(home.path, home.url)) == right
    assert leftovers(home.path, home.url) == []
    assert not list(home.path.glob(".*.part"))
    world.drop(home)


def _ready(world: World, kept: Copy, name: str) -> tuple[Copy, list[str]]:
    """A copy on which the command has something to do, and the command."""
    home = world.copy(kept)
    if name == "publish":
        with database(home.url) as cursor:
            cursor.execute("update serving_v1.fct_orders set units = 99 where order_id = 'O1'")
    return home, [name, str(home.path / FILE)] if name == "backup" else [name]


def _undisturbed(world: World, kept: Copy, name: str) -> tuple[list[str], State]:
    """The points it passes, but those in folders that are never called the same again, and what it makes."""
    home, arguments = _ready(world, kept, name)
    command = world.launcher.start(home.path, home.given, *arguments, point="", fault="record")
    ended = command.wait()
    assert ended.status == 0, ended.err
    found = _without_number(everything(home.path, home.url))
    world.drop(home)
    return [point for point in command.points if ".part" not in point.split("/")[0]], found


def _without_number(found: State) -> State:
    """Each rebuild is a release of its own."""
    return found | {"release": found["release"][1:]}
