"""One world for all rounds of a test process."""

from collections.abc import Iterator

import pytest

from tests.conftest import Databases
from tests.faults.launcher import Launcher
from tests.faults.servers import EmbeddedWorld
from tests.faults.worlds import World


@pytest.fixture(scope="session")
def world(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A base home, and what its next day makes of it undisturbed."""
    folder = tmp_path_factory.mktemp("faults")
    with Launcher(folder / "commands") as launcher:
        yield World(folder / "world", databases, launcher)


@pytest.fixture(scope="session")
def embedded_world(world: World) -> Iterator[EmbeddedWorld]:
    """The same with a Postgres in each home."""
    with EmbeddedWorld(world) as own:
        yield own
