"""The round trip of a bad row: listed, shown, exported, mended, dropped in again."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from contracts.dictionary import reasons
from contracts.registry import sources
from pipelines.quarantine import advice
from tests.conftest import ROOT, Databases, Home

DAY = "2024-01-03"


def listed(home: Home, *filters: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(home.succeed("quarantine", "list", "--format", "csv", *filters).out)))


def exported(home: Home, *arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(home.succeed("quarantine", "export", *arguments).out)))


def status(home: Home) -> list[tuple[str, str, str]]:
    rows = home.rows(
        "select source_file, row_number, status, corrected_by from silver.quarantine order by landing_date, 1, 2"
    )
    return [(f"{row['source_file']}#{row['row_number']}", row["status"], row["corrected_by"]) for row in rows]


def land_bad_rows(home: Home) -> Home:
    """Four bad rows: two lines (30 and one without a price), an orphan (20), an order of two faults."""
    home.land(
        DAY,
        order_items=[
            {"line_number": "2", "quantity": "3", "discount_amount": "x"},
            {"line_number": "3", "quantity": "0", "unit_price": "19,99"},
            {"line_number": "4", "product_id": "P9"},
        ],
        orders=[{"order_id": "", "status": "lost"}],
    )
    home.succeed("pipeline", DAY)
    return home


@pytest.fixture(scope="module")
def bad(_first_day: tuple[Path, str], databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A shop with bad rows, for tests that read only."""
    path, template = _first_day
    url = databases.make(template)
    home = Home(shutil.copytree(path, tmp_path_factory.mktemp("bad") / "a home"), url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TILLHOUSE_HOME", str(home.path))
        patch.setenv("TILLHOUSE_DATABASE_URL", url)
        yield land_bad_rows(home)
    databases.drop(url)


def test_rows_and_money_at_risk_are_listed_by_source_and_reason(bad: Home) -> None:
    assert [(row["source"], row["reason"], row["rows"], row["money_at_risk"], row["first"]) for row in listed(bad)] == [
        ("order_items", "discount_amount:type", "1", "30.0000", "2024-01-03/order_items.csv#1"),
        ("order_items", "product_id:orphan", "1", "20.0000", "2024-01-03/order_items.csv#3"),
        ("order_items", "quantity:ge_1", "1", "0.0000", "2024-01-03/order_items.csv#2"),
        ("order_items", "unit_price:type", "1", "0.0000", "2024-01-03/order_items.csv#2"),
        ("orders", "order_id:null", "1", "", "2024-01-03/orders.csv#1"),
        ("orders", "status:enum", "1", "", "2024-01-03/orders.csv#1"),
    ]
    # A row with two reasons is one row.
    assert "4 rows, 50.0000 at risk" in bad.succeed("quarantine", "list").out
    assert "1 row, 20.0000 at risk" in bad.succeed("quarantine", "list", "--reason", "product_id:orphan").out


def test_a_place_and_a_reason_are_listed_whole_also_on_a_narrow_terminal(
    bad: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    for is_terminal in ("0", "1"):
        monkeypatch.setenv("TTY_COMPATIBLE", is_terminal)
        words = bad.succeed("quarantine", "list").out.split()
        assert {"2024-01-03/order_items.csv#1", "discount_amount:type"} <= set(words)


def test_the_list_is_the_reports_money_at_risk(bad: Home) -> None:
    query = (ROOT / "serving/reports/queries/money_at_risk.sql").read_text(encoding="utf-8")
    assert bad.database(query) == [(4, 3, 2, Decimal(50))]


def test_an_amount_too_large_to_be_money_is_no_money_at_risk(shop: Home) -> None:
    items = [{"line_number": "2", "tax_amount": "x"}, {"quantity": "999999999", "unit_price": "999999.99"}]
    shop.land(DAY, order_items=items)
    shop.succeed("pipeline", DAY)
    assert "2 rows, 20.0000 at risk" in shop.succeed("quarantine", "list").out
    query = (ROOT / "serving/reports/queries/money_at_risk.sql").read_text(encoding="utf-8")
    assert shop.database(query) == [(2, 2, 1, Decimal(20))]


def test_a_list_in_json_spells_money_as_text(bad: Home) -> None:
    said = json.loads(bad.succeed("quarantine", "list", "--format", "json", "--source", "order_items").out)
    assert said[0]["money_at_risk"] == "30.0000"


def test_rows_are_chosen_by_reason_source_and_landing_date(bad: Home) -> None:
    assert {row["source"] for row in listed(bad, "--source", "orders")} == {"orders"}
    assert [row["first"] for row in listed(bad, "--reason", "status:enum", "--date", DAY)] == [
        "2024-01-03/orders.csv#1",
        "2024-01-03/orders.csv#1",
    ]
    assert listed(bad, "--date", "2024-01-02") == []


def test_a_reason_or_a_source_nobody_knows_is_wrong_usage(bad: Home) -> None:
    ran = bad.run("quarantine", "list", "--reason", "status:enums")
    assert ran.exit_code == 2
    assert "did you mean status:enum" in ran.err
    assert bad.run("quarantine", "export", "--source", "order").exit_code == 2


def test_a_run_shows_what_it_found_and_an_unknown_one_is_not_found(bad: Home) -> None:
    [run] = bad.rows("select distinct run_id from silver.quarantine")
    assert len(listed(bad, "--run", run["run_id"])) == 6
    [first] = bad.rows("select run_id from quality.runs where as_of = date '2024-01-02'")
    assert listed(bad, "--run", first["run_id"]) == []
    ran = bad.run("quarantine", "list", "--run", "20240101T000000-aaaaaa")
    assert (ran.exit_code, "No run" in ran.err) == (2, True)


def test_an_older_release_shows_what_was_kept_out_then(bad: Home) -> None:
    assert listed(bad, "--at", "1") == []
    assert listed(bad, "--at", "2") == listed(bad)
    assert "No row is kept out." in bad.succeed("quarantine", "show", "--at", "1").out
    place = "2024-01-03/order_items.csv#2"
    assert bad.run("quarantine", "show", place, "--at", "1").exit_code == 2
    assert bad.succeed("quarantine", "show", place, "--at", "2").out.startswith(place)
    assert exported(bad, "--source", "orders", "--at", "2") == exported(bad, "--source", "orders")
    assert "nothing was written" in bad.succeed("quarantine", "export", "--at", "1").err
    ran = bad.run("quarantine", "list", "--at", "9")
    assert (ran.exit_code, "There is no release 9" in ran.err) == (2, True)


def test_what_a_run_found_is_in_its_release_and_of_a_stopped_one_in_none(shop: Home) -> None:
    land_bad_rows(shop)
    [found] = shop.rows("select distinct run_id from silver.quarantine")
    assert len(listed(shop, "--run", found["run_id"], "--at", "2")) == 6
    assert listed(shop, "--run", found["run_id"], "--at", "1") == []
    shop.land("2024-01-04", customers=[{"customer_id": f"C{number}", "updated_at": "x"} for number in range(100)])
    assert shop.run("pipeline", "2024-01-04").exit_code == 1
    [stopped] = shop.rows("select run_id from quality.runs where status = 'stopped'")
    assert len(listed(shop, "--run", stopped["run_id"])) == 1  # one reason
    ran = shop.run("quarantine", "list", "--run", stopped["run_id"], "--at", "2")
    assert (ran.exit_code, "released nothing, so no release holds" in ran.err) == (2, True)


def test_a_row_is_shown_as_it_arrived_with_each_reason_in_words(bad: Home) -> None:
    said = bad.succeed("quarantine", "show", "2024-01-03/order_items.csv#2").out
    assert "2024-01-03/order_items.csv#2 (order_items): open, found by run" in said
    assert "  unit_price       19,99" in said
    assert "quantity:ge_1: It is below 1." in said
    assert "unit_price:type: It does not parse as DECIMAL(18,4)" in said
    assert bad.succeed("quarantine", "show", "--source", "order_items").out.count("found by run") == 3


@pytest.mark.parametrize("place", ["2024-01-03/order_items.csv#9", "order_items 2"])
def test_a_place_without_a_row_is_not_found(bad: Home, place: str) -> None:
    assert bad.run("quarantine", "show", place).exit_code == 2


def test_every_reason_says_what_to_do() -> None:
    for source in sources().values():
        codes = [code for code, _ in reasons(source)]
        assert [code for code, said, todo in advice.explain(source.name, codes) if said and todo] == codes


def test_an_export_is_the_file_with_its_reasons_beside_each_row(bad: Home) -> None:
    assert exported(bad, "--source", "order_items", "--reason", "quantity:ge_1") == [
        {
            "order_id": "O1",
            "line_number": "3",
            "product_id": "P1",
            "quantity": "0",
            "unit_price": "19,99",
            "discount_amount": "1.00",
            "tax_amount": "3.00",
            "ingested_at": "2024-01-03T00:00:00",
            "_reasons": "quantity:ge_1 unit_price:type",
            "_file": "2024-01-03/order_items.csv",
            "_row": "2",
        }
    ]


def test_an_export_of_several_sources_needs_a_folder_and_overwrites_nothing(bad: Home, tmp_path: Path) -> None:
    assert bad.run("quarantine", "export").exit_code == 2
    assert bad.run("quarantine", "export", "--to", str(tmp_path / "one.csv")).exit_code == 2
    to = tmp_path / "to mend"
    bad.succeed("quarantine", "export", "--to", str(to))
    assert sorted(path.name for path in to.iterdir()) == ["order_items_fixed.csv", "orders_fixed.csv"]
    (to / "orders_fixed.csv").write_text("mended")
    assert bad.run("quarantine", "export", "--to", str(to)).exit_code == 2
    assert (to / "orders_fixed.csv").read_text() == "mended"
    bad.succeed("quarantine", "export", "--to", str(to), "--force")
    assert (to / "orders_fixed.csv").read_text().startswith("order_id,")


def test_odd_text_undeclared_columns_and_ragged_fields_come_out_as_they_went_in(shop: Home) -> None:
    odd = 'say "hi",\nund Grüße'
    row = {"customer_id": "C7", "updated_at": "x", "full_name": odd, 'a/b~"c': "yes", "ingested_at": "2024-01-01"}
    folder = shop.land(DAY, customers=[row])
    text = "updated_at,customer_id,full_name\n2024-01-01,C8,Bob,more\n2024-01-01,C9\n"
    (folder / "customers_ragged.csv").write_text(text, encoding="utf-8")
    shop.succeed("pipeline", DAY)
    first, *ragged = exported(shop, "--source", "customers")
    assert (first["full_name"], first['a/b~"c'], first["ingested_at"]) == (odd, "yes", "2024-01-01")
    # By position, as the file's own header has them.
    assert [(row["customer_id"], row["full_name"], row["updated_at"], row["_reasons"]) for row in ragged] == [
        ("C8", "Bob", "2024-01-01", "row:ragged"),
        ("C9", "", "2024-01-01", "row:ragged"),
    ]
    assert "\\x0aund Grüße" in shop.succeed("quarantine", "show", f"{DAY}/customers.csv#1").out
    assert "  field 4  more" in shop.succeed("quarantine", "show", f"{DAY}/customers_ragged.csv#1").out


def test_a_mended_row_is_current_and_the_old_one_is_out_of_the_money_at_risk(shop: Home) -> None:
    bad = land_bad_rows(shop)
    rows = exported(bad, "--source", "order_items", "--reason", "discount_amount:type")
    rows += exported(bad, "--source", "order_items", "--reason", "quantity:ge_1")
    # The second one's line number was mistyped too: the mended row has another key.
    mended = [rows[0] | {"discount_amount": "1"}, rows[1] | {"line_number": "5", "quantity": "1", "unit_price": "7"}]
    bad.land("2024-01-20", order_items_fixed=[mended[0], mended[1] | {"discount_amount": "0", "tax_amount": "0"}])
    ran = bad.succeed("pipeline", "2024-01-20")
    assert "2 rows corrected\n" in ran.out
    assert "new column" not in ran.err

    lines = bad.rows("select line_number, landing_date, ingested_at from silver.order_items order by 1")
    assert [row["line_number"] for row in lines] == ["1", "2", "5"]
    assert lines[1]["ingested_at"].startswith("2024-01-03")
    now = [
        ("order_items.csv#1", "open", "2024-01-20/order_items_fixed.csv#1"),
        ("order_items.csv#2", "open", "2024-01-20/order_items_fixed.csv#2"),
        ("order_items.csv#3", "open", ""),
        ("orders.csv#1", "open", ""),
    ]
    assert status(bad) == now
    assert "2 rows, 20.0000 at risk" in bad.succeed("quarantine", "list").out
    assert "4 rows, 20.0000 at risk" in bad.succeed("quarantine", "list", "--all").out
    assert bad.rows("select quarantined_rows from quality.conservation where source = 'order_items'") == [
        {"quarantined_rows": "3"}
    ]
    bad.succeed("rebuild")
    assert status(bad) == now

    bad.land("2024-01-21", products=[{"product_id": "P9"}])
    assert "1 row released (their parent landed)" in bad.succeed("pipeline", "2024-01-21").out
    assert status(bad)[2] == ("order_items.csv#3", "released", "")
    assert "1 row, 0.0000 at risk" in bad.succeed("quarantine", "list").out
    assert len(listed(bad, "--all")) == 6


def test_release_judges_every_row_again_and_says_how_many_it_let_in(
    shop: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.land(DAY, orders=[{"order_id": "O2", "currency": "EUR"}, {"order_id": "O3", "status": "lost"}])
    shop.succeed("pipeline", DAY)
    monkeypatch.setenv("TILLHOUSE_CURRENCY", "EUR")
    # Order O1 is in dollars, and its line waits for it now.
    assert "1 row was let in, 3 are kept out." in shop.succeed("quarantine", "release").out


def test_what_a_stopped_run_found_is_shown_by_its_run(shop: Home) -> None:
    shop.land(DAY, customers=[{"customer_id": f"C{number}", "updated_at": "x"} for number in range(100)])
    assert shop.run("pipeline", DAY).exit_code == 1
    [(run_id,)] = shop.database("select run_id from lakehouse.runs order by started_at desc limit 1")
    assert listed(shop) == []
    [found] = listed(shop, "--run", run_id)
    assert (found["reason"], found["rows"]) == ("updated_at:type", "100")
    assert "updated_at:type" in shop.succeed("quarantine", "show", f"{DAY}/customers.csv#7", "--run", run_id).out
    assert exported(shop, "--run", run_id)[6]["_row"] == "7"


def test_before_the_first_release_there_is_nothing_to_list(home: Home) -> None:
    ran = home.run("quarantine", "list")
    assert (ran.exit_code, "Nothing is released yet" in ran.err) == (2, True)
    assert home.run("quarantine", "list", "--run", "some").exit_code == 2
