"""The served schema, as Postgres has it after the first publication."""

import asyncio
import contextlib
import threading
import time
from dataclasses import replace
from datetime import date

import psycopg2
import pytest

from contracts import registry
from contracts.errors import InfrastructureError
from serving import ddl, migrate, retry, roles
from serving.read import Reader
from serving.reports import publish as reports

NEXT = {"customers": [{"customer_id": "C2"}]}


@pytest.fixture
def narrower(monkeypatch):
    """The contract of dim_store without the store's name, which no report reads."""
    real = registry.tables

    def tables(layer):
        found = real(layer)
        if layer != "gold":
            return found
        store = found["dim_store"]
        columns = tuple(column for column in store.columns if column.name != "store_name")
        return found | {"dim_store": replace(store, grain="One row per shop.", columns=columns)}

    monkeypatch.setattr(ddl, "tables", tables)


def test_every_served_table_has_its_columns_in_order_and_its_comments(shop):
    for table in ddl.served_tables():
        columns = shop.database(
            "select attname, col_description(attrelid, attnum) from pg_attribute"
            f" where attrelid = 'serving.{table.name}'::regclass and attnum > 0 order by attnum"
        )
        assert columns == [(column.name, column.meaning) for column in table.columns]
        assert shop.database(f"select obj_description('serving.{table.name}'::regclass)") == [(table.grain,)]
    served = {table.name for table in ddl.served_tables()}
    assert "fct_money_ledger" not in served
    assert {"quarantine", "conservation", "fct_orders", "dim_product"} <= served


def test_every_served_table_has_its_primary_key(shop):
    keys = dict(
        shop.database(
            "select conrelid::regclass::text, array_agg(attname::text order by array_position(conkey, attnum)) from"
            " pg_constraint join pg_attribute on attrelid = conrelid and attnum = any(conkey)"
            " where contype = 'p' and connamespace = 'serving_v1'::regnamespace group by 1"
        )
    )
    assert keys == {f"serving_v1.{table.name}": list(table.key) for table in ddl.served_tables()}


def test_a_line_names_an_order_a_product_a_customer_and_a_store_that_are_there(shop):
    parents = shop.database(
        "select confrelid::regclass::text from pg_constraint"
        " where contype = 'f' and conrelid = 'serving_v1.fct_order_items'::regclass order by 1"
    )
    assert parents == [(f"serving_v1.{name}",) for name in ("dim_customer", "dim_product", "dim_store", "fct_orders")]
    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        shop.database("delete from serving_v1.fct_orders")


def test_the_view_of_revenue_orders_leaves_out_what_bears_none(shop):
    shop.land("2024-01-03", orders=[{"order_id": "O2", "status": "created", "paid_at": "", "delivered_at": ""}])
    shop.succeed("pipeline", "2024-01-03")
    assert shop.database("select count(*) from serving.fct_orders") == [(2,)]
    assert shop.database("select order_id from serving.revenue_orders") == [("O1",)]


def test_the_fingerprint_moves_with_the_contract_and_with_nothing_else(narrower, monkeypatch):
    changed = ddl.fingerprint()
    assert changed == ddl.fingerprint()
    monkeypatch.undo()
    assert ddl.fingerprint() != changed


def test_money_has_four_places_and_reasons_are_a_list():
    statements = {
        line.split()[2]: line for line in ddl.statements("serving_v1") if line.strip().startswith("CREATE TABLE")
    }
    assert "net_revenue NUMERIC(18, 4) NOT NULL" in statements["serving_v1.fct_orders"]
    assert "reasons TEXT[] NOT NULL" in statements["serving_v1.quarantine"]
    assert "customer_id TEXT, " in statements["serving_v1.fct_orders"]


def test_a_changed_contract_is_published_beside_and_the_views_follow(shop, narrower):
    shop.land("2024-01-03", **NEXT)
    shop.succeed("pipeline", "2024-01-03")
    schemas = shop.database("select nspname from pg_namespace where nspname ~ '^serving' order by 1")
    assert schemas == [("serving",), ("serving_at",), ("serving_bi",), ("serving_history",), ("serving_v2",)]
    columns = "select attname from pg_attribute where attrelid = 'serving.dim_store'::regclass and attnum > 0"
    assert [name for (name,) in shop.database(f"{columns} order by attnum")] == [
        "store_id",
        "channel",
        "country",
        "region",
        "city",
    ]
    assert shop.database("select store_id from serving.dim_store") == [("unknown",)]
    assert shop.database("select count(*) from serving.dim_customer") == [(2,)]
    assert shop.database("select version from lakehouse.serving_version order by 1") == [(1,), (2,)]


def test_the_rows_of_a_changed_contract_are_in_the_history_as_they_were_published(shop, narrower):
    shop.land("2024-01-03", **NEXT)
    shop.succeed("pipeline", "2024-01-03")
    kept = "select store_id, store_name, city, from_release, to_release from serving_history.dim_store"
    assert shop.database(kept) == [("unknown", "unknown", None, 1, 2)]
    assert shop.database("select distinct from_release from serving_v2.dim_store") == [(2,)]


def test_a_migration_that_fails_leaves_the_old_tables_served(shop, narrower, monkeypatch):
    def fail(*_):
        raise InfrastructureError("The disk is full.")

    shop.land("2024-01-03", **NEXT)
    with monkeypatch.context() as patch:
        patch.setattr(roles, "grant", fail)  # the last step
        assert shop.run("pipeline", "2024-01-03").exit_code == 3
    assert shop.database("select nspname from pg_namespace where nspname ~ '^serving_v'") == [("serving_v1",)]
    assert shop.database("select count(store_name), count(*) from serving.dim_store") == [(1, 1)]
    assert shop.database("select count(*) from serving.dim_customer") == [(1,)]
    assert shop.database("select count(*) from serving_history.dim_store") == [(0,)]
    shop.succeed("pipeline", "2024-01-03")
    assert shop.database("select count(*) from serving.dim_customer") == [(2,)]


@pytest.fixture
def retyped(monkeypatch):
    """Gives a column of dim_product another type."""
    real = registry.tables

    def retype(name, kind):
        def tables(layer):
            found = real(layer)
            if layer != "gold":
                return found
            product = found["dim_product"]
            columns = [replace(each, type=kind) if each.name == name else each for each in product.columns]
            return found | {"dim_product": replace(product, columns=tuple(columns))}

        monkeypatch.setattr(ddl, "tables", tables)

    return retype


def test_a_column_of_another_type_keeps_what_was_published_in_the_new_one(shop, retyped):
    shop.land("2024-01-03", products=[{"reorder_point": "7", "updated_at": "2024-01-03"}])
    shop.succeed("pipeline", "2024-01-03")
    before = "select reorder_point, from_release, to_release from serving_history.dim_product order by 2, 1"
    assert {str(point) for point, _, _ in shop.database(before)} == {"5"}
    retyped("reorder_point", "money")
    shop.land("2024-01-04", **NEXT)
    shop.succeed("pipeline", "2024-01-04")
    kept = {str(point) for point, _, _ in shop.database(before)}
    assert kept == {"5.0000", "7.0000"}
    assert {str(point) for (point,) in shop.database("select reorder_point from serving.dim_product")} == {"7.0000"}
    of_two = "select reorder_point from serving_at.dim_product where from_release <= 1 and to_release > 1"
    assert {str(point) for (point,) in shop.database(of_two)} == {"5.0000"}


def test_rows_that_do_not_fit_the_new_type_stop_the_run_and_the_old_tables_are_served(shop, retyped):
    retyped("product_name", "int")
    shop.land("2024-01-03", products=[{"product_name": "12", "updated_at": "2024-01-03"}])
    ran = shop.run("pipeline", "2024-01-03")
    assert ran.exit_code == 1
    assert "A column of gold.dim_product (product_name) has another type" in ran.err
    assert "Lamp" not in ran.err  # a column may hold personal data
    assert shop.database("select distinct product_name from serving.dim_product") == [("Lamp",)]
    assert shop.database("select release_id from serving.publication") == [(1,)]


def test_a_migration_waits_for_no_reader_longer_than_the_lock_timeout(shop, narrower, monkeypatch):
    monkeypatch.setattr(migrate, "SWAP_TIMEOUT", "100ms")
    monkeypatch.setattr(migrate, "SWAP_ATTEMPTS", 2)
    monkeypatch.setattr(retry, "ATTEMPTS", 2)
    shop.land("2024-01-03", **NEXT)
    with contextlib.closing(psycopg2.connect(shop.url)) as reader, reader.cursor() as cursor:
        cursor.execute("select count(*) from serving.dim_store")
        ran = shop.run("pipeline", "2024-01-03")
        assert (ran.exit_code, "lock timeout" in ran.err) == (3, True)
        cursor.execute("select count(*) from serving.dim_customer")
        assert cursor.fetchall() == [(1,)]
    shop.succeed("pipeline", "2024-01-03")
    assert shop.database("select count(*) from serving.dim_customer") == [(2,)]


def test_a_table_somebody_dropped_is_made_again_with_the_next_release(shop):
    shop.database("drop table serving_v1.dim_store cascade")
    shop.land("2024-01-03", **NEXT)
    shop.succeed("pipeline", "2024-01-03")
    assert shop.database("select store_id from serving.dim_store") == [("unknown",)]
    schemas = shop.database("select nspname from pg_namespace where nspname ~ '^serving_v' order by 1")
    assert schemas == [("serving_v2",)]


def test_a_reader_who_comes_while_a_changed_contract_is_published_sees_all_of_it_after(shop, narrower):
    shop.land("2024-01-03", orders=[{"order_id": "O2"}], order_items=[{"order_id": "O2"}])
    found = []

    def read():
        async def ask():
            reader = Reader(shop.settings)
            try:
                return await reader.read(everything)
            finally:
                await reader.close()

        async def everything(snapshot):
            days = {"start": date(2024, 1, 1), "end": date(2024, 1, 1), "after_date": None, "limit": 9}
            rows = await snapshot.rows("metrics_daily", **days)
            return snapshot.publication.release_id, [row["orders"] for row in rows]

        found.append(asyncio.run(ask()))

    reader = threading.Thread(target=read)
    holder = psycopg2.connect(shop.url)

    def waiting():
        return shop.database("select count(*) from pg_locks where not granted")[0][0]

    def come_by():
        with contextlib.closing(holder):
            while waiting() < 1:  # the publication, for the holder's view
                time.sleep(0.01)
            reader.start()
            while waiting() < 2:
                time.sleep(0.01)

    comes = threading.Thread(target=come_by)

    def hold(*_):
        folder = make_report(*_)
        holder.cursor().execute("select count(*) from serving.dim_store")
        comes.start()
        return folder

    make_report = reports.write_pending
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "SWAP_TIMEOUT", "20s")
        patch.setattr(reports, "write_pending", hold)
        shop.succeed("pipeline", "2024-01-03")
    comes.join()
    reader.join()
    assert found == [(2, [2])]
