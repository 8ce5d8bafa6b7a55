"""Healthy homes, whatever happened to them, are found healthy; what is unusual is a note."""

import json
import shutil
import time

import pytest

from lake import release as releases
from tests.test_crash import kill_after, land_a_day

DAY = "2024-01-03"


def look(home):
    ran = home.run("fsck", "--json")
    return ran.exit_code, json.loads(ran.out)


def notes(home):
    code, found = look(home)
    assert (code, found["healthy"]) == (0, True), found["findings"]
    return [(note["check"], note["place"]) for note in found["findings"]]


def test_an_empty_home_is_healthy(home):
    assert notes(home) == []
    assert "no release yet: healthy" in home.succeed("fsck").out


def test_a_home_is_healthy_after_its_first_run_its_second_and_a_file_sent_again(shop):
    assert notes(shop) == []
    land_a_day(shop)
    shop.succeed("pipeline", DAY)
    assert notes(shop) == []
    shop.land(DAY, orders=[{"order_id": "O2", "customer_id": "C2", "shipping_amount": "1.00"}])
    assert notes(shop) == [("landed_files", f"landing/{DAY}/orders.csv")]
    shop.succeed("pipeline", DAY)
    shop.succeed("rebuild")
    shutil.rmtree(shop.path / "landing" / "2024-01-02")  # what vanished from landing keeps its rows
    assert notes(shop) == []


def test_a_stopped_run_leaves_a_healthy_home(shop):
    land_a_day(shop)
    (shop.path / "landing" / DAY / "customers_more.csv").write_text("no,header\n")
    assert shop.run("pipeline", DAY, "--strict").exit_code == 1
    assert notes(shop) == []


@pytest.mark.parametrize("step", ["bronze", "gold"])
def test_a_killed_run_leaves_notes_and_the_next_one_a_healthy_home(shop, step):
    land_a_day(shop)
    kill_after(shop.spawn("pipeline", DAY), step)
    found = notes(shop)
    assert found
    assert {check for check, _ in found} <= {"log_entries", "foreign_files"}
    shop.succeed("pipeline", DAY)
    assert notes(shop) == []


def test_a_run_under_way_disturbs_nothing(shop):
    land_a_day(shop)
    process = shop.spawn("pipeline", DAY)
    looks = 0
    while process.poll() is None:
        assert notes(shop) is not None
        looks += 1
        time.sleep(0.1)
    process.communicate()
    assert process.returncode == 0
    assert looks > 0
    assert notes(shop) == []


def test_a_run_that_died_after_its_commit_left_notes(shop):
    land_a_day(shop)
    in_the_way = shop.path / "reports" / DAY
    in_the_way.write_text("")
    assert shop.run("pipeline", DAY).exit_code == 3
    shop.database("update lakehouse.runs set status = 'running' where release_id = 2")  # as a killed one has it
    in_the_way.unlink()
    assert notes(shop) == [
        ("release_copies", "lake/_releases/2.json"),
        ("reports", "reports/.pending/2"),
    ]
    shop.succeed("pipeline", DAY)
    assert notes(shop) == []


def test_a_copy_of_an_earlier_tillhouse_is_a_note_until_repair_completes_it(shop):
    path = releases.copy_path(shop.settings, 1)
    body = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in body.items() if name not in {"hashes", "rows"}}))
    assert notes(shop) == [("release_copies", "lake/_releases/1.json")]
    shop.succeed("fsck", "--repair")
    assert notes(shop) == []
    assert json.loads(path.read_text()) == body


def test_damage_ends_with_one_and_says_what_where_and_what_to_do(shop):
    shop.database("update serving_v1.fct_orders set units = 3 where order_id = 'O1'")
    ran = shop.run("fsck")
    assert ran.exit_code == 1
    assert "damage [served_rows] serving.fct_orders: 1 rows differ from the lake's: order_id=O1." in ran.out
    assert "--repair publishes it again from the lake." in ran.out
    code, found = look(shop)
    assert (code, found["healthy"]) == (1, False)
    [finding] = found["findings"]
    assert (finding["table"], finding["rows"], finding["count"]) == ("serving.fct_orders", ["order_id=O1"], 1)


def test_the_database_of_another_home_is_named_and_nothing_is_done_to_it(shop):
    path = shop.path / "lake" / "_lake.json"
    path.write_text(json.dumps({"lake_id": "another"}))
    for arguments in (["fsck"], ["fsck", "--repair"]):
        ran = shop.run(*arguments)
        assert ran.exit_code == 1
        assert "the database belongs to the lake" in ran.out
