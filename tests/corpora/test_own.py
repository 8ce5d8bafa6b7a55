"""The own corpus: files of one fault each, made by rule, and what must become of each, in memory and as a run."""

import csv
import gzip
import io
from collections import Counter
from pathlib import Path

import pytest

from contracts.dictionary import reasons
from contracts.registry import sources
from pipelines.landing.preflight import Limits, Unreadable
from pipelines.landing.read import read
from tests.conftest import Home
from tests.corpora import files, rows, values
from tests.corpora.shape import COLUMNS, CURRENT, SUPERSEDED, Case, Loaded, Rejected, row, slug, text
from tests.corpora.tally import outcomes, show

CASES = [*files.cases(), *rows.cases(), *values.cases()]
LIMITS = Limits(files.MAX_FILE_MIB, files.MAX_FIELDS, files.MAX_LINE_KIB)
DAY = "2024-02-01"
NO_SOURCE = ("Orders.csv", "order.csv", "ordersx.csv", "my_orders.csv", "orders-2.csv", "customer_1.csv.gz", "1.csv")
NO_CSV = ("orders.txt", ".orders.csv", "orders.csv.part", "orders.csv.filepart", "orders.csv.tmp", "orders.csv.bz2")


def records(case: Case) -> int:
    """The records of a readable file after its header, by the csv module."""
    content = gzip.decompress(case.content) if case.ending == ".csv.gz" else case.content
    lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    return sum(1 for record in lines if record) - 1


def test_there_are_many_cases_each_of_its_own_name_and_every_reason_code_has_one() -> None:
    assert len(CASES) >= 300
    assert not [name for name, count in Counter(case.file_name.lower() for case in CASES).items() if count > 1]
    for name, source in sources().items():
        stated = [case.expected.rows for case in CASES if case.source == name and isinstance(case.expected, Loaded)]
        codes = {code for outcomes in stated for outcome in outcomes for code in outcome.split()}
        assert codes - {CURRENT, SUPERSEDED} == {code for code, _ in reasons(source)}
        alone = {outcome for outcomes in stated for outcome in outcomes}
        assert {code for code, _ in reasons(source)} <= alone, "a code has no row that has it alone"


def surprise(case: Case, path: Path) -> str | None:
    """What reading the file says that is not as stated."""
    path.write_bytes(case.content)
    try:
        found = read(path, sources()[case.source], LIMITS).rows
    except Unreadable as reason:
        return None if isinstance(case.expected, Rejected) and case.expected.said in str(reason) else str(reason)
    if isinstance(case.expected, Rejected):
        return "loaded"
    ragged = found["extra"].str.starts_with("[").fill_null(value=False).to_list()
    as_stated = ragged == [outcome == "row:ragged" for outcome in case.expected.rows] and len(ragged) == records(case)
    return None if as_stated else f"{found.height} rows, {records(case)} records"


@pytest.mark.parametrize("source", COLUMNS)
def test_a_file_is_read_or_refused_as_stated(source: str, tmp_path: Path) -> None:
    csv.field_size_limit(2**31 - 1)
    surprises = {
        case.file_name: said
        for case in CASES
        if case.source == source and (said := surprise(case, tmp_path / case.file_name))
    }
    assert surprises == {}


def parents() -> dict[str, bytes]:
    """What the cases' rows refer to: PARENT of each kind, a line's order, and 10 units a return is of."""
    ordered = [slug(case.name) for case in CASES if case.source == "order_items"]
    sold = [f"back-{slug(case.name)}" for case in CASES if case.source == "returns"]
    written = {
        "customers": [row("customers", "x", customer_id="PARENT")],
        "products": [row("products", "x", product_id="PARENT")],
        "stores": [row("stores", "x", store_id="PARENT")],
        "orders": [row("orders", "x", order_id=order_id) for order_id in ordered + sold],
        "order_items": [row("order_items", "x", order_id=order_id, quantity="10") for order_id in sold],
    }
    return {f"{source}_PARENTS.csv": text(source, rows_of).encode() for source, rows_of in written.items()}


def test_a_run_over_all_of_them_leaves_each_row_where_it_is_stated_to_be(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILLHOUSE_MAX_FILE_MIB", str(files.MAX_FILE_MIB))
    monkeypatch.setenv("TILLHOUSE_MAX_FIELDS", str(files.MAX_FIELDS))
    monkeypatch.setenv("TILLHOUSE_MAX_LINE_KIB", str(files.MAX_LINE_KIB))
    folder = home.path / "landing" / DAY
    folder.mkdir(parents=True)
    landed = {case.file_name: case.content for case in CASES} | parents()
    landed |= dict.fromkeys([*NO_SOURCE, *NO_CSV], b"order_id\n")
    for name, content in landed.items():
        (folder / name).write_bytes(content)
    home.succeed("pipeline", DAY, "--max-reject-ratio", "1")

    found = outcomes(home)
    refused = {case.file_name: case.expected.said for case in CASES if isinstance(case.expected, Rejected)}
    refused |= dict.fromkeys(NO_SOURCE, "the name begins with no source")
    assert found.rejected.keys() == refused.keys()
    assert not {name: reason for name, reason in found.rejected.items() if refused[name] not in reason}
    stated = {case.file_name: case.expected.rows for case in CASES if isinstance(case.expected, Loaded)}
    stated |= {name: (CURRENT,) * (content.count(b"\n") - 1) for name, content in parents().items()}
    assert found.landed == stated.keys()
    told = {
        (name, number): " ".join(sorted(outcome.split()))
        for name, outcomes_of in stated.items()
        for number, outcome in enumerate(outcomes_of, 1)
    }
    assert {
        place: (outcome, told.get(place)) for place, outcome in found.rows.items() if told.get(place) != outcome
    } == {}
    assert found.rows.keys() == told.keys()
    assert found.conserved
    tally = found.tally("own", len(landed) - len(NO_CSV))
    show([tally])
    of_parents = sum(content.count(b"\n") - 1 for content in parents().values())
    of_cases = sum(records(case) for case in CASES if isinstance(case.expected, Loaded))
    assert (tally.left, tally.rows) == (0, of_cases + of_parents)
