"""Whatever runs, dead runs, passing time and maintenance do: each kept release reads as on the day it was made."""

import os
from pathlib import Path

import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contracts.errors import PastRetention
from contracts.registry import lake_tables, sources
from lake import delta
from lake import release as releases
from lake.connection import connect
from pipelines.maintain import compact
from tests.conftest import Databases, Home
from tests.properties.test_pipeline import a_copy

EXAMPLES = max(4, int(os.environ.get("HYPOTHESIS_EXAMPLES", "400")) // 100)
ACTS = st.lists(st.sampled_from(["run", "run", "dead run", "time passes", "maintain"]), min_size=3, max_size=6)


@pytest.fixture
def opened(home: Home) -> Home:
    """A home with one release of nothing."""
    home.land("2024-01-01", **{name: [] for name in sources()})
    home.succeed("pipeline", "2024-01-01")
    return home


def read(home: Home, at: int) -> dict[str, list[tuple[object, ...]]]:
    with connect(home.settings, at) as con:
        return {name: con.sql(f"select * from {name} order by all").fetchall() for name in lake_tables()}


def run(home: Home, number: int) -> None:
    """Late orders of one day, so that it is restated each time."""
    day, order = f"2024-01-{number + 1:02}", {"order_id": f"O{number}"}
    parents = {"customers": [{"full_name": f"Ada {number}"}], "products": [{}]}
    home.land(day, orders=[order], order_items=[order], **parents)
    home.succeed("pipeline", day)


def die(home: Home) -> None:
    """What a killed run leaves: versions that no release names, and files that no version does."""
    root = home.settings.lake
    for name in ("bronze.orders", "silver.orders", "gold.fct_restatements", "gold.dim_customer"):
        table = lake_tables()[name]
        folder = delta.location(root, table)
        write_deltalake(folder, DeltaTable(folder).to_pyarrow_table(), mode="append")
        (Path(folder) / "part-half.parquet").write_bytes(b"PAR1")


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(acts=ACTS)
def test_every_kept_release_reads_as_on_the_day_it_was_made(
    opened: Home, databases: Databases, monkeypatch: pytest.MonkeyPatch, acts: list[str]
) -> None:
    monkeypatch.setattr(compact, "WORTH", 2)  # so that few runs are enough
    with a_copy(opened, databases, monkeypatch) as home:
        made = {1: read(home, 1)}
        for number, act in enumerate([*acts, "maintain"], start=1):
            if act == "run":
                run(home, number)
            elif act == "dead run":
                die(home)
            elif act == "time passes":
                home.database("update lakehouse.releases set created_at = created_at - interval '60 days'")
            else:
                before = releases.current(home.settings)
                home.succeed("maintain")
                after = releases.current(home.settings)
                if before and after and before != after:
                    made[after.release_id] = made[before.release_id]
            newest = releases.current(home.settings)
            if newest and newest.release_id not in made:
                made[newest.release_id] = read(home, newest.release_id)
            kept = [release.release_id for release in releases.kept(home.settings)]
            assert newest is not None
            assert kept == list(range(kept[0], newest.release_id + 1))
            for release_id, rows in made.items():
                if release_id in kept:
                    assert read(home, release_id) == rows, (act, release_id)
                else:
                    with pytest.raises(PastRetention):
                        releases.at(home.settings, release_id)
