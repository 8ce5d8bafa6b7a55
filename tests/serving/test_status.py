"""The state of a home, from its database."""

import pytest

from serving import postgres
from serving.status import read_status


@pytest.fixture
def status(shop):
    def read():
        engine = postgres.engine(shop.settings)
        try:
            return read_status(engine)
        finally:
            engine.dispose()

    return read


def test_the_release_its_rows_and_the_runs_newest_first(shop, status):
    shop.succeed("pipeline", "--all")
    found = status()
    assert (found.release_id, found.as_of) == (1, "2024-01-02")
    assert found.rows["fct_orders"] == found.rows["dim_product"] == 1
    assert found.rows["fct_returns"] == 0
    assert [run["status"] for run in found.runs] == ["nothing_new", "released"]
    assert all(run["seconds"] >= 0 for run in found.runs)


def test_only_open_quarantine_counts_by_reason(shop, status):
    shop.land(
        "2024-01-03",
        order_items=[{"order_id": "O2"}, {"line_number": "0", "quantity": "0"}, {"line_number": "2", "quantity": "0"}],
    )
    shop.succeed("pipeline", "2024-01-03")
    assert status().quarantine == {"quantity:ge_1": 2, "line_number:ge_1": 1, "order_id:orphan": 1}
    shop.land("2024-01-04", orders=[{"order_id": "O2"}])
    shop.succeed("pipeline", "2024-01-04")
    assert status().quarantine == {"quantity:ge_1": 2, "line_number:ge_1": 1}


def test_a_run_that_stopped_says_why(shop, status):
    (shop.land("2024-01-03") / "orders.csv").write_bytes(b"")
    assert shop.run("pipeline", "2024-01-03", "--strict").exit_code == 1
    text = status().as_text()
    assert "stopped" in text
    assert "2024-01-03/orders.csv" in text
