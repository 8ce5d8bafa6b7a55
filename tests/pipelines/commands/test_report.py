"""`tillhouse report`, and the report that a killed run left behind."""

import json
import shutil
import subprocess

import pytest

from serving import postgres
from serving.retry import Retries
from serving.run_records import Records

DAY = "2024-01-02"


@pytest.fixture
def writing(shop):
    """Holds the lock of runs, as a run does."""
    engine = postgres.engine(shop.settings)
    yield lambda: Records(engine, shop.settings, Retries()).writing(wait=False)
    engine.dispose()


def leave_unfinished(shop):
    """The state of a home whose run was killed just after its commit."""
    reports = shop.path / "reports"
    (reports / ".pending").mkdir(exist_ok=True)
    (reports / DAY).rename(reports / ".pending" / "1")
    copy = shop.path / "lake" / "_releases" / "1.json"
    copy.unlink()
    return reports / DAY / "index.html", copy


def test_the_report_of_the_release_in_force_is_written_again(shop):
    shutil.rmtree(shop.path / "reports" / DAY)
    told = shop.succeed("report").out
    page = shop.path / "reports" / DAY / "index.html"
    assert told.strip() == page.as_uri()
    assert page.exists()


def test_a_report_waits_for_the_run_that_is_writing_so_it_shows_one_release(shop, writing):
    facts = shop.path / "reports" / DAY / "report.json"
    written = facts.stat().st_ino
    with writing():
        command = shop.spawn("report")
        with pytest.raises(subprocess.TimeoutExpired):
            command.wait(4)
        assert facts.stat().st_ino == written
    _, said = command.communicate(timeout=60)
    assert command.returncode == 0, said
    assert facts.stat().st_ino != written
    assert json.loads(facts.read_text())["release_id"] == 1


@pytest.mark.parametrize("command", [("status",), ("report",), ("publish",), ("pipeline", DAY)])
def test_the_command_after_a_kill_shows_the_report_and_writes_the_copy(shop, command):
    page, copy = leave_unfinished(shop)
    shop.succeed(*command)
    assert page.exists()
    assert copy.exists()
    assert not list((shop.path / "reports" / ".pending").glob("*"))


def test_status_answers_at_once_while_a_run_is_writing_and_leaves_its_report_alone(shop, writing):
    page, copy = leave_unfinished(shop)
    with writing():
        assert "Release 1, as of 2024-01-02" in shop.succeed("status").out
        assert (page.exists(), copy.exists()) == (False, False)
        assert (shop.path / "reports" / ".pending" / "1").exists()
