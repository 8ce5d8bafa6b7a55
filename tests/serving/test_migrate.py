"""From one contract to the next while readers read, and what others built on the served tables."""

from dataclasses import replace

import pytest

from contracts import registry
from serving import ddl
from serving.reports import publish as reports

NEXT = {"customers": [{"customer_id": "C2"}]}
VIEWS = "select format('%I.%I', nspname, relname) from pg_class join pg_namespace on pg_namespace.oid = relnamespace"


@pytest.fixture
def change(monkeypatch):
    """Gives a gold table other columns in its contract."""
    real = registry.tables

    def changed(name, columns, patch=monkeypatch):
        def tables(layer):
            found = real(layer)
            if layer != "gold":
                return found
            return found | {name: replace(found[name], columns=columns(found[name].columns))}

        patch.setattr(ddl, "tables", tables)

    return changed


def without(name):
    return lambda columns: tuple(column for column in columns if column.name != name)


def of_another_type(name, kind):
    return lambda columns: tuple(replace(column, type=kind) if column.name == name else column for column in columns)


def readable(shop):
    """Reads every view that readers have, each as one who does not wait; returns how many."""
    views = shop.database(f"{VIEWS} where nspname in ('serving', 'serving_bi', 'serving_at') and relkind = 'v'")
    for (view,) in views:
        shop.database(f"set lock_timeout = '50ms'; select * from {view} limit 1")
    return len(views)


def pipeline(shop, day="2024-01-03"):
    shop.land(day, **NEXT)
    return shop.run("pipeline", day)


@pytest.fixture
def read_meanwhile(shop, monkeypatch):
    """How many views were read before and after each report, which is written while the new tables are filled."""
    make_report, read = reports.write_pending, []

    def come_by(*given):
        read.append(readable(shop))
        folder = make_report(*given)
        read.append(readable(shop))
        return folder

    monkeypatch.setattr(reports, "write_pending", come_by)
    return read


@pytest.mark.parametrize(
    ("name", "columns"),
    [("dim_store", without("store_name")), ("dim_product", of_another_type("reorder_point", "money"))],
)
def test_no_reader_waits_while_a_changed_contract_is_filled_and_reported(shop, change, read_meanwhile, name, columns):
    change(name, columns)
    ran = pipeline(shop)
    assert ran.exit_code == 0, ran.err
    assert read_meanwhile == [3 * len(ddl.served_tables()) + 4] * 2
    assert shop.database("select version from lakehouse.serving_version order by 1") == [(1,), (2,)]


def test_a_column_that_comes_is_in_the_views_and_histories_after_and_no_reader_waited(
    shop, change, read_meanwhile, monkeypatch
):
    with monkeypatch.context() as patch:
        change("dim_store", without("store_name"), patch)
        assert pipeline(shop).exit_code == 0
    shop.database("alter table serving_history.dim_store drop column store_name")
    shop.land("2024-01-04", stores=[{"store_id": "A"}])
    shop.succeed("pipeline", "2024-01-04")
    assert read_meanwhile[2:] == [3 * len(ddl.served_tables()) + 4] * 2
    at = "select store_id, store_name, from_release, to_release from serving_at.dim_store order by 3, 4, 1"
    assert shop.database(at) == [
        ("unknown", None, 1, 2),
        ("unknown", None, 2, 3),
        ("A", "High Street", 3, None),
        ("unknown", "unknown", 3, None),
    ]
    assert shop.ask("/v1/metrics/daily")["release"] == 3


def test_a_view_of_mine_lives_through_a_changed_contract_that_keeps_its_columns(shop, change):
    shop.database("create schema mine; create view mine.shops as select store_id, city from serving.dim_store")
    change("dim_customer", without("email"))
    assert pipeline(shop).exit_code == 0
    assert shop.database("select max(version) from lakehouse.serving_version") == [(2,)]
    assert shop.database("select store_id from mine.shops") == [("unknown",)]
    shop.land("2024-01-04", stores=[{"store_id": "A"}])
    shop.succeed("pipeline", "2024-01-04")
    assert shop.database("select store_id from mine.shops order by 1") == [("A",), ("unknown",)]


@pytest.mark.parametrize("kind", ["view", "materialized view"])
def test_a_changed_contract_does_not_take_a_view_of_mine_with_it(shop, change, kind):
    shop.database(f"create schema mine; create {kind} mine.shops as select store_name from serving.dim_store")
    before = shop.database(f"{VIEWS} where nspname like 'serving%' order by pg_class.oid")
    change("dim_store", without("store_name"))
    ran = pipeline(shop)
    assert ran.exit_code == 1
    said = " ".join(ran.err.split())
    assert f"{kind} mine.shops" in said
    assert "Drop it, or move it away, run the same command again" in said
    assert shop.database("select store_name from mine.shops") == [("unknown",)]
    assert shop.database("select release_id from serving.publication") == [(1,)]
    assert shop.database(f"{VIEWS} where nspname like 'serving%' order by pg_class.oid") == before
    shop.database(f"drop {kind} mine.shops")
    shop.succeed("pipeline", "2024-01-03")
    assert shop.database("select release_id from serving.publication") == [(2,)]


def test_a_view_of_mine_made_while_the_report_is_written_is_not_taken_either(shop, change, monkeypatch):
    make_report = reports.write_pending

    def build(*given):
        shop.database("create view public.shops as select store_name from serving.dim_store")
        return make_report(*given)

    change("dim_store", without("store_name"))
    monkeypatch.setattr(reports, "write_pending", build)
    ran = pipeline(shop)
    assert ran.exit_code == 1
    assert "view shops" in ran.err
    assert shop.database("select store_name from public.shops") == [("unknown",)]
    assert shop.database("select release_id from serving.publication") == [(1,)]


def test_a_table_of_mine_in_the_place_of_a_view_is_not_taken(shop):
    shop.database("drop view serving.dim_date cascade; create table serving.dim_date as select 1 as mine")
    ran = shop.run("publish")
    assert ran.exit_code == 1
    assert "serving.dim_date" in ran.err
    assert shop.database("select mine from serving.dim_date") == [(1,)]


def test_former_tables_that_a_view_of_mine_stands_on_stay_until_it_is_gone(shop, change):
    shop.database("create view public.shops as select store_name from serving_v1.dim_store")
    change("dim_store", without("store_name"))
    ran = pipeline(shop)
    assert ran.exit_code == 0
    assert "view shops depends on table serving_v1.dim_store" in ran.err
    assert shop.database("select store_name from public.shops") == [("unknown",)]
    assert shop.database("select count(*) from serving_v1.fct_orders") == [(1,)]
    shop.database("drop view public.shops")
    shop.succeed("publish")
    assert shop.database("select nspname from pg_namespace where nspname ~ '^serving_v'") == [("serving_v2",)]
