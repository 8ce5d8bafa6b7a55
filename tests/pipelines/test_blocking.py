"""Each blocking check, seen red by a planted fault: the run stops, and no reader sees anything of it."""

import contextlib
import hashlib
import shutil

import pytest

import lake
from contracts.registry import lake_tables
from lake import delta
from pipelines import run
from pipelines.gold import build as gold

DAY = "2024-01-06"

# The check, the model its fault is planted into, and what is selected from the model instead.
MODELS = {
    "unique_key": ("dim_store", "select * from model union all select * from model"),
    "not_null": ("dim_store", "select * replace (null as store_name) from model"),
    "bridge_residual": ("agg_revenue_bridge", "select * replace (residual + 0.0001 as residual) from model"),
    "daily_net_revenue": ("fct_revenue_daily", "select * replace (refunds + 0.0001 as refunds) from model"),
    "daily_reconciles": (
        "fct_revenue_daily",
        "select * replace (gross_revenue + 0.0001 as gross_revenue, discounts + 0.0001 as discounts) from model",
    ),
    "ledger_residual": ("fct_money_ledger", "select * from model where event <> 'refund' or clock <> 'booked'"),
    "lines_reconcile": ("fct_order_items", "select * replace (net_amount + 0.0001 as net_amount) from model"),
    "order_net_revenue": ("fct_orders", "select * replace (net_revenue - 0.0001 as net_revenue) from model"),
    "orders_reconcile": ("fct_orders", "select * replace (items + 1 as items) from model"),
    "product_history": (
        "dim_product",
        "select * replace (case when is_current then valid_to else valid_to + interval 1 second end as valid_to)"
        " from model",
    ),
    "returns_reconcile": ("fct_returns", "select * replace (quantity + 1 as quantity) from model"),
}


def into_model(name, select):
    """The fault in the SELECT of a gold table."""

    @contextlib.contextmanager
    def planted(shop, patch, folder):
        for model in gold.FOLDER.glob("*.sql"):
            shutil.copy(model, folder)
        model = folder / f"{name}.sql"
        model.write_text(f"with model as (\n{model.read_text()}\n)\n{select}\n")
        with patch.context() as patched:
            patched.setattr(gold, "FOLDER", folder)
            yield

    return planted


def after_silver(change):
    """The fault in what silver left: `change(root, versions, conservation)` returns conservation as recorded."""

    @contextlib.contextmanager
    def planted(shop, patch, folder):
        refresh = run.refresh

        def and_change(root, base, versions, *rest):
            return change(root, versions, refresh(root, base, versions, *rest))

        with patch.context() as patched:
            patched.setattr(run, "refresh", and_change)
            yield

    return planted


def a_count_off_by_one(root, versions, conservation):
    return conservation.with_columns(superseded_rows=conservation["superseded_rows"] + 1)


def a_row_from_nowhere(root, versions, conservation):
    table = lake_tables()["silver.customers"]
    base = versions[table.full_name]
    rows = delta.read(root, table, base)
    versions[table.full_name] = delta.overwrite(root, table, rows.with_columns(row_number=rows["row_number"] + 1), base)
    return conservation


@contextlib.contextmanager
def bad_rows(shop, patch, folder):
    """Six bad lines of a hundred, in a file of their own."""
    lines = [{"line_number": str(n), "quantity": "0" if n <= 7 else "1"} for n in range(2, 102)]
    file = shop.land(DAY, order_items_late=lines) / "order_items_late.csv"
    yield
    file.unlink()


FAULTS = [
    *(pytest.param(check, into_model(*fault), id=check) for check, fault in MODELS.items()),
    *(
        pytest.param("conservation", after_silver(change), id=f"conservation: {change.__name__}")
        for change in (a_count_off_by_one, a_row_from_nowhere)
    ),
    pytest.param("reject_share", bad_rows, id="reject_share"),
]


def test_every_blocking_check_has_a_fault_planted(empty_lake):
    blocking = {result.check_name for result in empty_lake.results() if result.severity == "blocking"}
    planted = {fault.values[0] for fault in FAULTS} | {"fits_its_type"}  # the last test of this file
    assert planted == blocking, "plant a fault for each new blocking check, and none for one that is no more"


def seen(shop):
    """All that readers have: releases, served rows, the lake's rows, the API's answer, the report's pages."""
    names = shop.database("select table_name from information_schema.tables where table_schema = 'serving' order by 1")
    served = " union all ".join(
        f"select '{name}', count(*), sum(hashtextextended(row::text, 0)) from serving.{name} as row"
        for (name,) in names
    )
    con = lake.connect()
    held = " union all ".join(
        f"select '{name}', count(*), sum(hash(held)) from {name} as held" for name in lake_tables()
    )
    return {
        "releases": shop.database("select release_id, as_of, versions from lakehouse.releases"),
        "served": shop.database(served),
        "money": shop.database("select sum(net_revenue), sum(recognized_net), count(*) from serving.fct_revenue_daily"),
        "lake": con.sql(held).fetchall(),
        "api": shop.ask("/v1/metrics/daily?start=2024-01-01&end=2024-01-31"),
        "report": {
            str(page.relative_to(shop.path)): hashlib.sha256(page.read_bytes()).hexdigest()
            for page in (shop.path / "reports").rglob("*")
            if page.is_file()
        },
    }


@pytest.fixture
def next_day(shop):
    """A shop whose next day has landed: one of its two lamps comes back, and lamps cost more from now on.

    That changes no order, so that a run computes again only what it must.
    """
    shop.land(DAY, returns=[{}], products=[{"list_price": "12.00", "updated_at": "2024-01-05"}])
    return shop


def stopped(shop, before):
    """The run of DAY stops and leaves all as it was `before`; returns what it says and its failed blocking checks."""
    ran = shop.run("pipeline", DAY)
    assert ran.exit_code == 1, ran.err
    assert seen(shop) == before
    failed = lake.connect().sql(
        "select checked.check_name from quality.check_results as checked"
        " join quality.runs as runs on checked.run_id = runs.run_id and runs.status = 'stopped'"
        " where checked.status = 'failed' and checked.severity = 'blocking'"
    )
    return ran.err, [name for (name,) in failed.fetchall()]


def assert_released(shop):
    """Half of the order's 16 net is refunded."""
    shop.succeed("pipeline", DAY)
    assert shop.database("select max(release_id), max(as_of)::text from lakehouse.releases") == [(2, DAY)]
    assert shop.database("select sum(net_revenue), sum(refunds) from serving.fct_revenue_daily") == [(8, 8)]


@pytest.mark.parametrize(("check", "planted"), FAULTS)
def test_a_fault_stops_the_run_and_the_release_in_force_does_not_move(next_day, monkeypatch, tmp_path, check, planted):
    before = seen(next_day)
    folder = tmp_path / "models"
    folder.mkdir()
    with planted(next_day, monkeypatch, folder):
        said, failed = stopped(next_day, before)
    assert f"The check {check} of " in said
    assert "nothing was published" in said
    assert check in failed
    assert_released(next_day)


def test_a_sum_that_does_not_fit_its_column_stops_the_run_and_the_release_in_force_does_not_move(next_day):
    before = seen(next_day)
    # Each line is below 10^14, which DECIMAL(18, 4) holds; two of them are not.
    huge = {"quantity": "1", "unit_price": "99999999999999"}
    file = next_day.land(DAY, order_items=[huge | {"line_number": "2"}, huge | {"line_number": "3"}])
    said, failed = stopped(next_day, before)
    assert "does not fit its column" in said
    assert failed == ["fits_its_type"]
    (file / "order_items.csv").unlink()
    assert_released(next_day)
