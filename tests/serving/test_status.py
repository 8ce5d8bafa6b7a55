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


def test_a_message_of_several_lines_is_indented_below_its_run(shop, status):
    bad = [{"line_number": str(number), "quantity": "0"} for number in range(1, 101)]
    shop.land("2024-01-03", order_items=bad)
    assert shop.run("pipeline", "2024-01-03").exit_code == 1
    _, runs = status().as_text().split("Last runs\n")
    lines = runs.splitlines()
    assert len(lines) > 4
    assert [line[:2].isspace() for line in lines] == [True] * len(lines)
    assert [line.startswith(" " * 6) for line in lines] == [False, *[True] * (len(lines) - 2), False]


def test_rows_kept_out_are_counted_once_before_their_reasons(shop, status):
    shop.land(
        "2024-01-03",
        order_items=[{"line_number": "2", "quantity": "0"}, {"line_number": "0", "quantity": "0"}],
        orders=[{"order_id": "O2", "status": "lost"}],
    )
    shop.succeed("pipeline", "2024-01-03")
    shop.land("2024-01-04", orders=[{"order_id": "O2", "updated_at": "2024-01-04"}])
    shop.succeed("pipeline", "2024-01-04")
    found = status()
    assert (found.quarantined_rows, found.corrected_rows) == (3, 1)
    text = found.as_text()
    assert "           3  rows in open quarantine, 1 of them corrected\n           2    quantity:ge_1\n" in text
    assert "rejected" not in text


def test_rejected_files_are_counted(shop, status):
    (shop.land("2024-01-03", customers=[{}]) / "orders.csv").write_bytes(b"")
    shop.succeed("pipeline", "2024-01-03")
    found = status()
    assert found.rejected_files == 1
    assert "           1  files rejected so far; bronze.rejected_files says why" in found.as_text()
