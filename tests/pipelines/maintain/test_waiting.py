"""A backup that takes all night holds maintenance up, and nothing else."""

import contextlib

import psycopg2
import pytest

from serving.lock import KEEPER, WRITER
from tests.test_crash import DAY, land_a_day


@pytest.fixture
def held(shop):
    """Holds a lock as another process would, until it is left."""

    @contextlib.contextmanager
    def hold(lock):
        with contextlib.closing(psycopg2.connect(shop.url)) as connection, connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", (lock,))
            yield

    return hold


def test_runs_go_on_while_maintenance_waits_for_a_backup_and_says_so(shop, held):
    land_a_day(shop)
    with held(KEEPER):
        waiting = shop.spawn("maintain")
        assert "A backup of this home" in waiting.stderr.readline()
        shop.succeed("pipeline", DAY, "--no-wait")
        assert waiting.poll() is None
    _, said = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, said
    assert shop.rows("select count(*) as n from gold.fct_orders") == [{"n": "2"}]


@pytest.mark.parametrize("lock", [KEEPER, WRITER])
def test_maintenance_that_may_not_wait_ends_at_once(shop, held, lock):
    with held(lock):
        ran = shop.run("maintain", "--no-wait")
    assert (ran.exit_code, "run again with --wait" in " ".join(ran.err.split())) == (3, True)


def test_a_backup_waits_for_maintenance_and_says_so(shop, held, tmp_path):
    with held(KEEPER):
        waiting = shop.spawn("backup", str(tmp_path / "shop.tar.zst"))
        assert "`tillhouse maintain`, is under way. Waiting for it" in waiting.stderr.readline()
    _, said = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, said
