"""A power cut: what a release needs is on disk before it is one, and what was torn beyond it is no hindrance."""

import json
import os
from pathlib import Path

import pytest
from deltalake import DeltaTable

from contracts.registry import lake_tables
from lake import delta
from lake import release as releases
from lake.filenames import HINT, LOG
from tests.test_crash import DAY, everything, land_a_day, of_a_quiet_day

TORN = {
    "empty": lambda _: b"",
    "nulls": lambda whole: b"\0" * len(whole),
    "half": lambda whole: whole[: len(whole) // 2],
}
WORN = lake_tables()["gold.fct_orders"]


@pytest.fixture
def forced(monkeypatch):
    """The inodes forced to disk, in order, each with its path then."""
    found = []
    real = os.fsync

    def fsync(descriptor):
        real(descriptor)
        found.append((os.fstat(descriptor).st_ino, str(Path(f"/proc/self/fd/{descriptor}").readlink())))

    monkeypatch.setattr(os, "fsync", fsync)
    return found


def missing(forced, paths):
    """Those that were not forced to disk before the first copy of a release, which comes after its commit."""
    before = []
    for inode, path in forced:
        if "_releases" in path:
            break
        before.append(inode)
    return [str(path) for path in paths if path.stat().st_ino not in before]


def folder(home, table):
    return Path(delta.location(home.settings.lake, table))


def lengthen(home, table, version):
    """Entries without effect, up to a version."""
    newest = delta.newest_version(home.settings.lake, table)
    while newest < version:
        newest = delta.fence(home.settings.lake, table, newest)


def test_all_a_first_release_needs_is_on_disk_before_it_is_one(home, forced):
    home.land("2024-01-02", customers=[{}], products=[{}], orders=[{}], order_items=[{}])
    home.succeed("pipeline", "2024-01-02")
    lake = home.path / "lake"
    release = releases.current(home.settings)
    assert 0 in release.versions.values()  # tables nothing landed for
    needed = {lake / "_lake.json", lake, home.path}
    for name, table in lake_tables().items():
        log = folder(home, table) / LOG
        needed |= {log, log.parent, log.parent.parent}
        needed |= {log / f"{number:020}.json" for number in range(release.versions[name] + 1)}
        data = {Path(path) for path in delta.files(home.settings.lake, table, release.versions[name])}
        needed |= data | {path.parent for path in data}
    assert missing(forced, needed) == []


def test_a_later_release_forces_only_what_is_new_to_disk(shop, forced):
    land_a_day(shop)
    shop.succeed("pipeline", DAY)
    before, after = (releases.at(shop.settings, number).versions for number in (1, 2))
    of_lake = [Path(path) for _, path in forced if "/lake/" in path]
    assert {path.name for path in of_lake if path.suffix == ".json" and path.parent.name == LOG} == {
        f"{number:020}.json" for name in after for number in range(before[name] + 1, after[name] + 1)
    }
    untouched = [str(folder(shop, lake_tables()[name])) for name in after if after[name] == before[name]]
    assert untouched
    assert not [path for path in of_lake if str(path).startswith(tuple(untouched))]


def test_a_checkpoint_made_on_the_way_is_on_disk_before_the_release(shop, forced):
    lengthen(shop, WORN, 98)
    log = folder(shop, WORN) / LOG
    assert not (log / HINT).exists()
    land_a_day(shop)
    shop.succeed("pipeline", DAY)
    made = [*log.glob("*.checkpoint.parquet"), log / HINT]
    assert len(made) == 2
    assert missing(forced, made) == []


def test_a_log_that_was_summed_up_is_on_disk(shop, forced):
    lengthen(shop, WORN, 30)
    shop.succeed("maintain")
    log = folder(shop, WORN) / LOG
    made = [*log.glob("*.checkpoint.parquet"), log / HINT]
    assert len(made) == 2
    assert missing(forced, [*made, log]) == []


def test_rejected_bytes_are_on_disk_before_it_is_recorded_that_they_are_kept(shop, forced):
    (shop.land(DAY) / "orders_broken.csv").write_text("no,header\n")
    shop.succeed("pipeline", DAY)
    [(kept,)] = shop.database("select kept_as from lakehouse.rejected_files")
    path = shop.settings.rejected / kept
    assert missing(forced, [path, path.parent, path.parent.parent, shop.path]) == []


@pytest.mark.parametrize("tear", TORN.values(), ids=TORN)
def test_what_was_torn_beyond_the_release_is_removed_and_the_next_run_is_right(another_shop, tear):
    right = of_a_quiet_day(another_shop())
    shop = another_shop()
    for table in lake_tables().values():
        log = folder(shop, table) / LOG
        newest = delta.newest_version(shop.settings.lake, table)
        whole = max(log.glob("*.json")).read_bytes()
        (log / f"{newest + 1:020}.json").write_bytes(tear(whole))
        (log / f"{newest + 2:020}.json").write_bytes(whole)  # which file comes to the disk first is nobody's promise
    land_a_day(shop)
    shop.succeed("pipeline", DAY)
    shop.succeed("fsck")
    assert everything(shop) == right


@pytest.mark.parametrize("tear", TORN.values(), ids=TORN)
def test_a_torn_checkpoint_beyond_the_release_is_removed(shop, tear):
    lengthen(shop, WORN, 30)
    DeltaTable(str(folder(shop, WORN))).create_checkpoint()
    [made] = (folder(shop, WORN) / LOG).glob("*.checkpoint.parquet")
    made.write_bytes(tear(made.read_bytes()))
    delta.forget()
    land_a_day(shop)
    shop.succeed("pipeline", DAY)
    shop.succeed("fsck")


def test_tables_torn_before_the_first_release_are_made_anew(home):
    for table in list(lake_tables().values())[::2]:
        delta.create(home.settings.lake, table)
        (folder(home, table) / LOG / f"{0:020}.json").write_bytes(b"")
    home.land("2024-01-02", customers=[{}], products=[{}], orders=[{}], order_items=[{}])
    home.succeed("pipeline", "2024-01-02")
    home.succeed("fsck")


@pytest.mark.parametrize("content", [b"", b"\0" * 48, b"{}", None], ids=["empty", "nulls", "no id", "gone"])
def test_a_lost_id_is_named_by_every_command_and_put_back_as_postgres_knows_it(shop, tmp_path, content):
    path = shop.path / "lake" / "_lake.json"
    right = json.loads(path.read_text())
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    for command in (["status"], ["pipeline", "--all"], ["publish"], ["backup", str(tmp_path / "shop.tar.zst")]):
        ran = shop.run(*command)
        assert (ran.exit_code, "tillhouse fsck --repair" in " ".join(ran.err.split())) == (3, True), command
    ran = shop.run("fsck")
    assert (ran.exit_code, "damage [release_rows] lake/_lake.json: the lake has lost its id." in ran.out) == (1, True)
    shop.succeed("fsck", "--repair")
    assert json.loads(path.read_text()) == right
    shop.succeed("status")


def test_an_id_torn_before_anything_was_recorded_is_made_anew(home):
    path = home.path / "lake" / "_lake.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    assert home.run("status").exit_code == 3
    home.succeed("fsck", "--repair")
    home.succeed("status")
