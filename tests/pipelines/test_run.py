"""A run from landing to publication, by the command a user types."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from contracts.errors import ReleaseConflict
from pipelines.gold import build as gold

RELEASES = "select release_id, as_of::text from lakehouse.releases order by release_id"
TOTALS = "select sum(orders), sum(gross_revenue), sum(refunds), sum(net_revenue) from serving.fct_revenue_daily"
RUNS = "select status from lakehouse.runs order by started_at"


def versions(home):
    """The newest version of every Delta table, released or not."""
    logs = sorted((home.path / "lake").glob("*/*/_delta_log"))
    return {f"{log.parent.parent.name}.{log.parent.name}": len(list(log.glob("*.json"))) - 1 for log in logs}


def stored_rows(home):
    """Every served row with the transaction that wrote it."""
    tables = home.database("select table_name from information_schema.tables where table_schema = 'serving_v1'")
    return {name: sorted(map(str, home.database(f"select xmin, * from serving_v1.{name}"))) for (name,) in tables}


def test_a_day_becomes_a_release_with_its_figures(shop):
    assert shop.database(RELEASES) == [(1, "2024-01-02")]
    # 2 lamps at 10, discount 1, tax 3
    assert shop.database(TOTALS) == [(1, Decimal(20), Decimal(0), Decimal(16))]
    assert (shop.path / "reports" / "2024-01-02" / "index.html").exists()
    assert (shop.path / "lake" / "_releases" / "1.json").exists()


def test_a_day_loaded_twice_changes_nothing_at_all(shop):
    before, rows = versions(shop), stored_rows(shop)
    again = shop.run("pipeline", "2024-01-02")
    assert (again.exit_code, "nothing new" in again.out) == (0, True)
    assert shop.succeed("pipeline", "--all").out.count("nothing new") == 1
    assert versions(shop) == before
    assert stored_rows(shop) == rows
    assert shop.database(RELEASES) == [(1, "2024-01-02")]
    assert shop.database(RUNS) == [("released",), ("nothing_new",), ("nothing_new",)]


def test_a_file_sent_again_with_other_content_replaces_its_rows(shop):
    shop.land("2024-01-02", order_items=[{"quantity": "3"}])
    shop.succeed("pipeline", "2024-01-02")
    assert shop.rows("select count(*) as n from bronze.order_items") == [{"n": "1"}]
    # 3 lamps at 10, discount 1, tax 3
    assert shop.database(TOTALS) == [(1, Decimal(30), Decimal(0), Decimal(26))]


def test_a_file_that_vanished_from_landing_keeps_its_rows(shop):
    shutil.rmtree(shop.path / "landing" / "2024-01-02")
    shop.land("2024-01-03", customers=[{"customer_id": "C2"}])
    shop.succeed("pipeline", "--all")
    assert shop.database(TOTALS) == [(1, Decimal(20), Decimal(0), Decimal(16))]
    assert shop.database("select count(*) from serving.dim_customer") == [(2,)]


def test_only_partitions_that_changed_are_written(shop):
    before = versions(shop)
    shop.land("2024-01-03", stores=[{}])
    shop.succeed("pipeline", "2024-01-03")
    after = versions(shop)
    for untouched in ("bronze.orders", "silver.orders", "silver.order_items", "gold.fct_orders", "gold.dim_product"):
        assert after[untouched] == before[untouched], untouched
    for written in ("bronze.stores", "silver.stores", "gold.dim_store"):
        assert after[written] == before[written] + 1, written


def test_a_line_waits_for_its_order_and_is_released_when_it_lands(shop):
    shop.land("2024-01-03", order_items=[{"order_id": "O2", "quantity": "1"}])
    shop.succeed("pipeline", "2024-01-03")
    quarantined = "select reasons::text, status from serving.quarantine"
    assert shop.database(quarantined) == [("{order_id:orphan}", "open")]
    assert shop.database(TOTALS)[0][1] == 20

    shop.land("2024-01-04", orders=[{"order_id": "O2", "customer_id": ""}])
    shop.succeed("pipeline", "2024-01-04")
    assert shop.database(quarantined) == [("{order_id:orphan}", "released")]
    assert shop.database(TOTALS) == [(2, Decimal(30), Decimal(0), Decimal(22))]  # 10 - 1 - 3 more
    assert shop.database("select * from serving.conservation where source = 'order_items'") == [
        ("order_items", 2, 2, 0, 0)
    ]


def test_a_file_without_a_required_column_is_kept_aside_and_the_others_go_on(shop):
    folder = shop.land("2024-01-03", orders=[{"order_id": "O2"}])
    legacy = b"name,updated_at\nAda,2024-01-01\n"
    (folder / "customers_legacy.csv").write_bytes(legacy)
    (folder / "notes.txt").write_text("hello")
    ran = shop.succeed("pipeline", "2024-01-03")
    assert "2024-01-03/customers_legacy.csv" in ran.err
    assert "customer_id" in ran.err
    assert "2024-01-03/notes.txt" in ran.err
    [(kept,)] = shop.database("select kept_as from lakehouse.rejected_files")
    assert (shop.path / "rejected" / kept).read_bytes() == legacy
    assert shop.database("select count(*) from serving.fct_orders") == [(2,)]
    again = shop.succeed("pipeline", "--all")
    assert "nothing new" in again.out
    [seen] = shop.rows("select source_file, source, landing_date from bronze.rejected_files")
    assert seen == {"source_file": "customers_legacy.csv", "source": "customers", "landing_date": "2024-01-03"}


def test_a_strict_run_stops_at_a_file_it_cannot_read(shop):
    folder = shop.land("2024-01-03", orders=[{"order_id": "O2"}])
    (folder / "returns.csv").write_bytes(b"")
    ran = shop.run("pipeline", "2024-01-03", "--strict")
    assert (ran.exit_code, "2024-01-03/returns.csv" in ran.err) == (1, True)
    assert shop.database(RELEASES) == [(1, "2024-01-02")]
    assert shop.database(RUNS)[-1] == ("stopped",)
    shop.succeed("pipeline", "2024-01-03")  # without --strict the good file goes on
    assert shop.database("select count(*) from serving.fct_orders") == [(2,)]


def lines(bad, rows=100):
    return [{"line_number": str(n), "quantity": "0" if n <= bad else "1"} for n in range(1, rows + 1)]


def test_too_many_bad_rows_stop_the_run_and_a_higher_ratio_lets_them_pass(shop):
    before = versions(shop)
    shop.land("2024-01-03", order_items=lines(bad=6))
    ran = shop.run("pipeline", "2024-01-03")
    assert ran.exit_code == 1
    assert "found 6 of 100 rows of order_items bad, where 5.0% is allowed; nothing was published" in ran.err
    assert "allow it for once with --max-reject-ratio" in ran.err
    assert "order_items,2024-01-03,order_items.csv,1,quantity:ge_1" in ran.err
    # what it found stays to be looked at
    assert shop.rows(
        "select status, checked.severity, rows from quality.check_results as checked"
        " join (select run_id, count(*) as rows from quality.stopped_quarantine group by run_id) using (run_id)"
        " where check_name = 'reject_share'"
    ) == [{"status": "failed", "severity": "blocking", "rows": "6"}]
    assert shop.database(RELEASES) == [(1, "2024-01-02")]
    assert shop.database(TOTALS)[0][1] == 20
    assert shop.rows("select count(*) as n from bronze.order_items") == [{"n": "1"}]
    assert {name for name, version in versions(shop).items() if version != before[name]} >= {"bronze.order_items"}

    shop.succeed("pipeline", "2024-01-03", "--max-reject-ratio", "0.06")
    # 94 lines of one lamp; line 1 of the day before stays, as the bad row of its key does not win
    assert shop.database(TOTALS)[0][1] == 20 + 94 * 10


def test_five_bad_rows_of_a_hundred_are_within_the_ratio_and_few_rows_are_never_judged(shop):
    shop.land("2024-01-03", order_items=lines(bad=5))
    shop.succeed("pipeline", "2024-01-03")
    shop.land("2024-01-04", order_items_late=lines(bad=99, rows=99))
    shop.succeed("pipeline", "2024-01-04")


def test_orphans_do_not_count_as_bad_rows(shop):
    shop.land("2024-01-03", order_items=[{"order_id": f"LATE{n}"} for n in range(100)])
    shop.succeed("pipeline", "2024-01-03")
    assert shop.database("select quarantined_rows from serving.conservation where source = 'order_items'") == [(100,)]


@pytest.fixture
def faulty_models(tmp_path, monkeypatch):
    """The models with a store that comes twice."""
    folder = Path(shutil.copytree(gold.FOLDER, tmp_path / "models"))
    model = folder / "dim_store.sql"
    model.write_text(f"select * from ({model.read_text()}) union all select * from ({model.read_text()})")
    with monkeypatch.context() as patch:
        patch.setattr(gold, "FOLDER", folder)
        yield patch


def test_a_failed_blocking_check_leaves_the_release_before_in_force_everywhere(shop, faulty_models):
    shop.land("2024-01-03", orders=[{"order_id": "O2"}])
    report = (shop.path / "reports" / "index.html").read_bytes()
    ran = shop.run("pipeline", "2024-01-03")
    assert ran.exit_code == 1
    assert "unique_key of gold.dim_store" in ran.err
    assert shop.database(RELEASES) == [(1, "2024-01-02")]
    assert shop.database("select count(*) from serving.fct_orders") == [(1,)]
    assert shop.rows("select count(*) as n from gold.fct_orders") == [{"n": "1"}]
    assert (shop.path / "reports" / "index.html").read_bytes() == report
    # ... but what was found is there to be looked at.
    failed = "select table_name, severity, sample from lakehouse.check_results where status = 'failed'"
    assert shop.database(failed) == [("gold.dim_store", "blocking", "store_id,copies\nunknown,2\n")]
    [seen] = shop.rows("select table_name from quality.check_results where status = 'failed'")
    assert seen == {"table_name": "gold.dim_store"}

    faulty_models.undo()
    shop.succeed("pipeline", "--all")  # the stopped folder is still to be loaded
    assert shop.database("select count(*) from serving.fct_orders") == [(2,)]


def test_a_changed_refund_window_restates_without_a_new_file(shop, monkeypatch):
    # Delivered on 2024-01-02 09:00; one of two lamps comes back three days later: half of 16.
    shop.land("2024-01-06", returns=[{}])
    shop.succeed("pipeline", "2024-01-06")
    assert shop.database(TOTALS) == [(1, Decimal(20), Decimal(8), Decimal(8))]
    monkeypatch.setenv("TILLHOUSE_REFUND_WINDOW_DAYS", "3")
    shop.succeed("pipeline", "--all")
    assert shop.database(TOTALS) == [(1, Decimal(20), Decimal(0), Decimal(16))]
    assert shop.database("select settings->>'refund_window_days' from lakehouse.releases order by 1")[0] == ("3",)
    assert "nothing new" in shop.succeed("pipeline", "--all").out


def test_a_file_of_only_a_header_moves_the_as_of_date(shop):
    shop.land("2024-01-09", returns=[])
    shop.succeed("pipeline", "2024-01-09")
    assert shop.database(RELEASES) == [(1, "2024-01-02"), (2, "2024-01-09")]
    assert shop.database("select max(date)::text from serving.fct_revenue_daily") == [("2024-01-09",)]
    assert "nothing new" in shop.succeed("pipeline", "--all").out


def test_a_rejected_file_does_not_move_the_as_of_date(shop):
    (shop.land("2024-01-09") / "returns.csv").write_bytes(b"")
    shop.succeed("pipeline", "2024-01-09")
    assert shop.database("select max(as_of)::text from lakehouse.releases") == [("2024-01-02",)]


def test_a_first_run_with_nothing_but_rejected_files_publishes_nothing(home):
    (home.land("2024-01-02") / "orders.csv").write_bytes(b"")
    ran = home.succeed("pipeline", "2024-01-02")
    assert "2024-01-02/orders.csv" in ran.err
    assert home.database(RELEASES) == []
    assert home.run("sql", "select 1").exit_code == 2


def test_many_folders_make_one_release_or_one_each(shop):
    for day in ("2024-01-03", "2024-01-04", "2024-01-05", "2024-01-06"):
        shop.land(day, orders=[{"order_id": f"O-{day}"}])
    shop.succeed("pipeline", "--from", "2024-01-03", "--to", "2024-01-04")
    assert shop.database(RELEASES)[1:] == [(2, "2024-01-04")]
    shop.succeed("pipeline", "--all", "--release-each")
    assert shop.database(RELEASES)[2:] == [(3, "2024-01-05"), (4, "2024-01-06")]
    # Each release stays readable.
    counts = [shop.rows("select count(*) as n from gold.fct_orders", "--at", str(n))[0]["n"] for n in (1, 2, 3, 4)]
    assert counts == ["1", "3", "4", "5"]


def test_one_release_a_folder_is_one_run_a_folder_with_something_new_and_keeps_no_connection(shop):
    for day in ("2024-01-03", "2024-01-04", "2024-01-05"):
        shop.land(day, orders=[{"order_id": f"O-{day}"}])
    ours = "select count(*) from pg_stat_activity where application_name = 'tillhouse' and datname = current_database()"
    [(before,)] = shop.database(ours)
    shop.succeed("pipeline", "--all", "--release-each")
    assert shop.database(ours) == [(before,)]
    runs = "select count(*) from lakehouse.runs"
    assert shop.database(runs) == [(4,)]  # the shop's own and three
    again = shop.succeed("pipeline", "--all", "--release-each")
    assert "nothing new to load" in again.out + again.err
    assert shop.database(runs) == [(5,)]


def test_a_run_that_loses_the_release_to_another_stops_and_the_next_one_goes_on(shop):
    shop.land("2024-01-03", orders=[{"order_id": "O2"}])
    # Another run released while this one worked: its base is no longer the newest release.
    shop.database(
        "create function lakehouse.another() returns trigger language plpgsql as $$ begin"
        " insert into lakehouse.releases select release_id + 1, 'another', as_of, created_at, settings, versions"
        " from lakehouse.releases; return null; end $$;"
        "create trigger another after insert on lakehouse.run_steps for each row when (new.step = 'checks')"
        " execute function lakehouse.another()"
    )
    ran = shop.run("pipeline", "2024-01-03")
    assert ran.exit_code == ReleaseConflict.exit_code == 3
    assert "Release 2 was published while this run was working from 1" in ran.err
    assert shop.database("select count(*) from serving.fct_orders") == [(1,)]
    shop.database("drop trigger another on lakehouse.run_steps")
    shop.succeed("pipeline", "2024-01-03")
    assert shop.database("select max(release_id) from lakehouse.releases") == [(3,)]
    assert shop.database("select count(*) from serving.fct_orders") == [(2,)]


def test_what_an_unreleased_run_wrote_is_never_built_upon(shop, faulty_models):
    shop.land("2024-01-03", order_items=[{"quantity": "7"}])
    assert shop.run("pipeline", "2024-01-03").exit_code == 1
    faulty_models.undo()
    shutil.rmtree(shop.path / "landing" / "2024-01-03")
    shop.land("2024-01-04", customers=[{"customer_id": "C2"}])
    shop.succeed("pipeline", "--all")
    assert shop.database(TOTALS)[0][1] == 20
    assert shop.rows("select count(*) as n from bronze.order_items") == [{"n": "1"}]


def test_a_rebuild_gives_what_is_there(shop):
    before, rows = versions(shop), stored_rows(shop)
    shop.succeed("rebuild")
    assert versions(shop) == before
    assert stored_rows(shop) == rows


def test_each_step_is_recorded_with_its_rows(shop):
    steps = shop.rows("select step, rows_in, rows_out from quality.run_steps order by position")
    assert [step["step"] for step in steps] == ["bronze", "silver", "gold", "checks", "publish"]
    # a customer, a product, an order, a line and a movement
    assert [step["rows_in"] for step in steps[:2]] == ["5", "5"]
    assert shop.rows("select status, release_id, as_of from quality.runs") == [
        {"status": "released", "release_id": "1", "as_of": "2024-01-02"}
    ]


def test_a_run_says_beforehand_what_of_the_published_days_it_computes_again(shop, monkeypatch):
    shop.land("2024-01-03", returns=[{"returned_at": "2024-01-02T18:00"}])
    ran = shop.succeed("pipeline", "2024-01-03")
    assert "will restate" not in ran.err
    # refunds of the 2nd on both clocks, both nets, what came back and the share of the 1st's orders that did
    assert "figures of 2 published days, 2024-01-01 to 2024-01-02, restated (return)" in ran.out

    shop.land("2024-01-02", order_items=[{"unit_price": "12.00"}])
    shop.land("2024-01-02", stores=[{}])
    monkeypatch.setenv("TILLHOUSE_REFUND_WINDOW_DAYS", "10")
    foretold = [
        "refund_window_days is 10, was 30: every published day is computed again",
        "2024-01-02/order_items.csv replaces what landed under that name before",
        "the first stores file: every row that names one is judged by it",
        "2024-01-02 landed after the release as of 2024-01-03: days published by it may move",
    ]
    dry = shop.succeed("pipeline", "2024-01-02", "--dry-run")
    assert [line for line in foretold if f"would restate: {line}" not in dry.out] == []
    ran = shop.succeed("pipeline", "2024-01-02")
    assert [line for line in foretold if f"will restate: {line}" not in ran.err] == []
    assert ran.err.index("will restate") < ran.err.index("bronze:")
