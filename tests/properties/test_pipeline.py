"""Silver and gold after any sequence of landings, through the command line: what a rebuild and one load give."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contracts.registry import sources, tables
from lake.connection import connect
from tests.conftest import Databases, Home, Row

# An example is five or six commands on two homes, some eight seconds; `just soak` asks for more of them.
EXAMPLES = max(25, int(os.environ.get("HYPOTHESIS_EXAMPLES", "500")) // 100)
DAYS = ["2024-01-02", "2024-01-03"]
LOGS = ["run_id", "quarantined_at"]

# What differs from the usual rows: few keys, so that files meet in them, and now and then a bad value.
MARKS = {"ingested_at": ["", "", "", "2024-01-01", "2024-01-09"], "deleted": ["", "", "", "", "", "true"]}
VALUES: dict[str, dict[str, list[str]]] = {
    "customers": {"customer_id": ["C1", "C2"], "country": ["GB", "PT"]},
    "products": {
        "product_id": ["P1", "P2"],
        "list_price": ["10", "12.5", "-1"],
        "updated_at": ["2024-01-01", "2024-01-02"],
    },
    "stores": {"store_id": ["S1", "S2"]},
    "orders": {
        "order_id": ["O1", "O2"],
        "customer_id": ["C1", "C2", ""],
        "store_id": ["", "", "S1"],
        "created_at": ["2024-01-01T10:00:00", "2024-01-02T00:30:00"],
        "currency": ["USD", "USD", "USD", "EUR"],
    },
    "order_items": {
        "order_id": ["O1", "O2"],
        "line_number": ["1", "2"],
        "product_id": ["P1", "P2"],
        "quantity": ["2", "3", "0"],
    },
    "returns": {"return_id": ["R1", "R2"], "order_id": ["O1", "O2"], "line_number": ["1", "1", "2"]},
    "inventory_movements": {"movement_id": ["M1", "M2"], "product_id": ["P1", "P2"]},
}
Load = tuple[str, dict[str, list[Row]]]  # a landing date, and rows by the names of its files


def rows_of(source: str) -> st.SearchStrategy[list[Row]]:
    columns = VALUES[source] | MARKS
    row = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in columns.items()})
    return st.lists(row, max_size=3)


FILES = st.dictionaries(
    st.sampled_from([f"{source}{ending}" for source in VALUES for ending in ("", "_b")]),
    st.none(),
    min_size=2,
    max_size=8,
).flatmap(lambda names: st.fixed_dictionaries({name: rows_of(name.removesuffix("_b")) for name in names}))
LOADS = st.lists(st.tuples(st.sampled_from(DAYS), FILES), min_size=2, max_size=3)


@pytest.fixture
def opened(home: Home) -> Home:
    """A home with one release of nothing: every source landed with a header alone."""
    home.land("2024-01-01", **{name: [] for name in sources()})
    home.succeed("pipeline", "2024-01-01")
    return home


@pytest.fixture
def usual() -> dict[str, list[Row]]:
    """One good row of each parent, which lands in one of the loads: most rows need them."""
    return {f"{name}_usual": [{}] for name in ("customers", "products", "orders", "order_items")}


@contextmanager
def a_copy(opened: Home, databases: Databases, patch: pytest.MonkeyPatch) -> Iterator[Home]:
    """The home again, with a database of its own, as the one the settings name."""
    url = databases.make(opened.url)
    with tempfile.TemporaryDirectory() as place:
        copied = shutil.copytree(opened.path, Path(place) / "a home")
        patch.setenv("TILLHOUSE_HOME", str(copied))
        patch.setenv("TILLHOUSE_DATABASE_URL", url)
        yield Home(copied, url)
    databases.drop(url)


def told(home: Home) -> dict[str, pl.DataFrame]:
    """Silver, gold and conservation in force. Which run saw a row first, and rows released since, are logs."""
    names = [*tables("silver").values(), *tables("gold").values(), tables("quality")["conservation"]]
    found = {}
    with connect(home.settings) as con:
        for table in names:
            rows = con.sql(f"select {', '.join(table.names)} from {table.full_name}").pl()
            if table.name == "quarantine":
                rows = rows.filter(pl.col("status") == "open")
            if table.name != "fct_restatements":
                found[table.full_name] = rows.drop(LOGS, strict=False).sort(table.key)
    return found


def assert_equal(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> None:
    different = [f"{name}:\n{rows}\n{other[name]}" for name, rows in one.items() if not rows.equals(other[name])]
    assert not different, "\n".join(different)


# Shrinking would run for hours; a failing example is small as it is.
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(loads=LOADS, parents_in=st.integers(0, 2))
def test_loads_one_after_the_other_give_what_a_rebuild_and_one_load_of_the_last_files_give(
    opened: Home,
    usual: dict[str, list[Row]],
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    loads: list[Load],
    parents_in: int,
) -> None:
    with a_copy(opened, databases, monkeypatch) as home, tempfile.TemporaryDirectory() as place:
        for number, (day, files) in enumerate(loads):
            parents = usual if number == parents_in % len(loads) else {}
            home.land(day, **parents, **files)
            home.succeed("pipeline", day)
        by_loads = told(home)
        home.succeed("rebuild")
        assert_equal(by_loads, told(home))
        landed = shutil.copytree(home.path / "landing", Path(place) / "landing")
        with a_copy(opened, databases, monkeypatch) as other:
            shutil.copytree(landed, other.path / "landing", dirs_exist_ok=True)
            other.succeed("pipeline", "--all")
            assert_equal(by_loads, told(other))
