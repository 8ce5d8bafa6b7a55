"""Folders that a run stopped or died at are named until they are loaded or left out."""

import signal

import pytest

STOPPED, LATER = "2024-01-03", "2024-01-04"


def land_bad(shop, day):
    """200 rows of which all are bad: the breaker stops the run."""
    shop.land(day, order_items=[{"line_number": str(n), "quantity": "0"} for n in range(2, 202)])


def land_good(shop, day):
    shop.land(day, customers=[{"customer_id": f"C-{day}"}])


def not_loaded(ran):
    return [line for line in ran.err.splitlines() if line.startswith("not loaded ")]


def test_every_later_run_names_the_folder_of_a_stopped_run_until_it_is_loaded(shop):
    land_bad(shop, STOPPED)
    assert shop.run("pipeline", STOPPED).exit_code == 1
    land_good(shop, LATER)
    for command in (("pipeline", LATER), ("pipeline", LATER), ("rebuild",)):
        [said] = not_loaded(shop.succeed(*command))
        assert said == (
            "not loaded 2024-01-03: a run stopped there. Load it by `tillhouse pipeline 2024-01-03`, or leave a folder"
            " out for good by `tillhouse pipeline 2024-01-03 --skip`."
        )
    assert not_loaded(shop.succeed("pipeline", STOPPED, "--max-reject-ratio", "1")) == []
    assert not_loaded(shop.succeed("pipeline", LATER)) == []


def test_a_folder_left_out_for_good_is_named_no_more_and_its_files_are_kept_and_recorded(shop):
    land_bad(shop, STOPPED)
    shop.run("pipeline", STOPPED)
    landed = (shop.path / "landing" / STOPPED / "order_items.csv").read_bytes()
    shop.succeed("pipeline", STOPPED, "--skip")
    assert not_loaded(shop.succeed("pipeline", "--all")) == []
    assert shop.rows("select count(*) as rows from bronze.order_items") == [{"rows": "1"}]
    [left_out] = shop.rows("select source_file, reason, kept_as from bronze.rejected_files")
    assert (left_out["source_file"], left_out["reason"]) == ("order_items.csv", "left out for good by --skip")
    assert (shop.path / "rejected" / left_out["kept_as"]).read_bytes() == landed
    # What is sent again with other bytes is another file.
    shop.land(STOPPED, order_items=[{"line_number": "2"}])
    shop.succeed("pipeline", "--all")
    assert shop.rows("select count(*) as rows from bronze.order_items") == [{"rows": "2"}]


def test_a_folder_that_was_taken_away_is_named_no_more(shop):
    land_bad(shop, STOPPED)
    shop.run("pipeline", STOPPED)
    (shop.path / "landing" / STOPPED / "order_items.csv").unlink()
    land_good(shop, LATER)
    assert not_loaded(shop.succeed("pipeline", LATER)) == []
    assert shop.database("select count(*) from lakehouse.open_folders") == [(0,)]


def test_with_a_release_each_the_folders_after_the_one_that_stopped_are_named_too(shop):
    land_good(shop, "2024-01-03")
    land_bad(shop, "2024-01-04")
    land_good(shop, "2024-01-05")
    land_good(shop, "2024-01-06")
    assert shop.run("pipeline", "--all", "--release-each").exit_code == 1
    [said] = not_loaded(shop.succeed("pipeline", "2024-01-03"))
    assert said.startswith("not loaded 2024-01-04, 2024-01-05, 2024-01-06: a run stopped there. Load it by `tillhouse")
    assert "pipeline --from 2024-01-04 --to 2024-01-06`" in said


def test_the_folder_of_a_killed_run_is_named_by_the_run_of_another_date(shop):
    land_good(shop, STOPPED)
    command = shop.spawn("pipeline", STOPPED)
    while not command.stderr.readline().startswith("bronze: "):
        assert command.poll() is None
    command.kill()
    command.communicate()
    assert command.returncode == -signal.SIGKILL
    land_good(shop, LATER)
    [said] = not_loaded(shop.succeed("pipeline", LATER))
    assert said.startswith("not loaded 2024-01-03: ")
    assert not_loaded(shop.succeed("pipeline", "--all")) == []


@pytest.mark.parametrize("days", [("--all",), ("--from", "2024-01-02")])
def test_only_one_named_folder_can_be_left_out(shop, days):
    ran = shop.run("pipeline", *days, "--skip")
    assert (ran.exit_code, "name it" in ran.err) == (2, True)
