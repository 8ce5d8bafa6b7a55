"""A release written beside the lake: what it is made of, byte by byte."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.registry import lake_tables
from lake import copies, delta, filenames, hashes
from lake import release as releases


def test_a_copy_knows_the_rows_of_each_table_and_the_hash_of_each_file_and_log_entry(shop):
    release = releases.current(shop.settings)
    copy = copies.read(shop.settings, 1)
    assert copy.release == release
    assert copy.rows["gold.fct_orders"] == 1
    table = lake_tables()["gold.fct_orders"]
    folder = Path(delta.location(shop.settings.lake, table))
    [(path, digest)] = copy.hashes.files["gold.fct_orders"].items()
    assert hashlib.sha256((folder / path).read_bytes()).hexdigest() == digest
    entries = [f"{number:020}.json" for number in range(release.versions["gold.fct_orders"] + 1)]
    assert list(copy.hashes.log["gold.fct_orders"]) == entries


def test_hashes_the_release_before_knew_are_carried_over_and_not_read_again(shop):
    [(path, digest)] = copies.read(shop.settings, 1).hashes.files["bronze.orders"].items()
    file = Path(delta.location(shop.settings.lake, lake_tables()["bronze.orders"])) / path
    file.write_bytes(b"damaged meanwhile")
    copies.write(shop.settings, replace(releases.current(shop.settings), release_id=2))
    assert copies.read(shop.settings, 2).hashes.files["bronze.orders"] == {path: digest}


def test_each_log_entry_is_kept_once_with_the_release_that_brought_it(shop):
    shop.land("2024-01-03", customers=[{"customer_id": "C2"}])
    shop.succeed("pipeline", "2024-01-03")
    newest, oldest = (hashes.saved_log(path) for path in copies.saved_logs(shop.settings))
    for name, log in copies.read(shop.settings, 2).hashes.log.items():
        folder = Path(delta.location(shop.settings.lake, lake_tables()[name])) / filenames.LOG
        assert newest[name].keys().isdisjoint(oldest[name])
        assert {entry: (folder / entry).read_text() for entry in log} == oldest[name] | newest[name]


def test_a_file_that_is_no_copy_is_refused(shop):
    path = releases.copy_path(shop.settings, 1)
    assert copies.read(shop.settings, 9) is None
    for content in ("{", "[]", json.dumps({"release_id": 1})):
        path.write_text(content)
        with pytest.raises(ValueError, match=r"lacks|line 1"):
            copies.read(shop.settings, 1)
