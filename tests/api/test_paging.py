"""A long list read page by page while releases are published; `just pages HOME` reads that of a large shop.

`PAGES_HOME` names a home with a release, which gets further ones; by default a small one is made.
"""

import os
import re
import subprocess
from pathlib import Path

import httpx
import polars as pl
import pytest

from lake import release as releases
from lake.connection import connect
from tests.api.conftest import listening, load_generated
from tests.conftest import Home, enter

LARGE = os.environ.get("PAGES_HOME")
PAGE_ROWS = 1000 if LARGE else 40
PUBLISHES = 3 if LARGE else 1
GROUPS = ("date", "country", "region", "city", "store", "channel", "category", "segment")
MEASURES = ("orders", "units", "gross_revenue", "discounts", "taxes", "refunds", "net_revenue", "profit")
LIST = f"/v1/sales?group_by={','.join(GROUPS)}&start=2000-01-01"
ARROW = "application/vnd.apache.arrow.stream"


@pytest.fixture
def shop(databases, tmp_path, monkeypatch):
    if LARGE:
        monkeypatch.setenv("TILLHOUSE_HOME", LARGE)
        return Home(Path(LARGE), "")
    home = enter(monkeypatch, tmp_path / "home", databases.make())
    load_generated(home)
    return home


def correct(home: Home, number: int) -> "subprocess.Popen[str]":
    """Publish other taxes for all lines of an early day, in pages already read and in pages still to come."""
    days = sorted(path for path in (home.path / "landing").iterdir() if path.is_dir())
    lines = pl.read_csv(days[number * len(days) // (PUBLISHES + 1)] / "order_items.csv", infer_schema=False)
    release = releases.pinned(home.settings, None).release_id
    lines.with_columns(tax_amount=pl.lit(f"0.{release:02}")).write_csv(days[-1] / f"order_items_{release}.csv")
    return home.spawn("pipeline", days[-1].name)


def succeeded(run: "subprocess.Popen[str]") -> None:
    _, said = run.communicate()
    assert run.returncode == 0, said


def test_every_row_once_and_all_of_one_release_though_others_are_published_meanwhile(shop):
    begun = releases.pinned(shop.settings, None).release_id
    lake = connect(shop.settings, begun)
    [(rows,)] = lake.sql("select count(*) from gold.agg_sales_daily").fetchall()
    pages, link, number, run = [], f"{LIST}&limit={PAGE_ROWS}", 0, None
    with (
        listening(shop.settings.model_copy(update={"api_address_rate": 0})) as url,
        httpx.Client(base_url=url, headers={"Accept": ARROW}, timeout=60) as client,
    ):
        while link:
            answer = client.get(link)
            assert answer.status_code == 200, answer.text
            assert answer.headers["x-release"] == str(begun)
            pages.append(pl.read_ipc_stream(answer.content))
            following = re.fullmatch(r'<(\?next=.*)>; rel="next"', answer.headers.get("link", ""))
            link = following and f"/v1/sales{following[1]}&limit={PAGE_ROWS}"
            if number < PUBLISHES and len(pages) * PAGE_ROWS > number * rows / PUBLISHES:
                if run:
                    succeeded(run)
                run, number = correct(shop, number), number + 1
        succeeded(run)
    assert releases.pinned(shop.settings, None).release_id == begun + PUBLISHES
    measures = ", ".join(f"sum({name}) as {name}" for name in MEASURES)
    groups = ", ".join("store_id as store" if name == "store" else name for name in GROUPS)
    whole = lake.sql(
        f"select {groups}, {measures} from gold.agg_sales_daily group by {', '.join(map(str, range(1, 9)))}"
    )
    read = pl.concat(pages)
    print(f"{read.height:,} rows in {len(pages):,} pages")  # noqa: T201 (the recipe shows it)
    assert len(pages) > 2 * PUBLISHES
    expected = whole.pl().sort(GROUPS)
    assert read.select(GROUPS).equals(expected.select(GROUPS).cast(dict(read.select(GROUPS).schema)))
    for name in MEASURES:
        assert read[name].cast(pl.Decimal(38, 4)).equals(expected[name].cast(pl.Decimal(38, 4))), name
