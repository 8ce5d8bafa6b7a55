"""One number everywhere: JSON, CSV, Arrow, Postgres, the lake and the report give the same cents."""

import base64
import csv
import io
import json
import random
import re
import zlib
from array import array
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal

import psycopg2
import pyarrow as pa
import pytest

from contracts.settings import Settings
from lake.connection import connect
from tests.api.conftest import load_generated, served
from tests.conftest import enter

DAILY = ("orders", "units", "gross_revenue", "discounts", "taxes", "refunds", "net_revenue", "recognized_net")
CUBE = ("units", "gross_revenue", "discounts", "taxes", "refunds", "net_revenue", "profit")
# What the report calls otherwise, and what it counts.
REPORTED = {"gross": "gross_revenue", "recognized": "recognized_net"}
COUNTED = {"orders", "units", "first_orders", "guest_orders"}
DIMENSIONS = {"country": "country", "store": "store_id", "channel": "channel", "category": "category"}
ALL = "start=2024-01-01&end=2024-01-21"
QUERIES = {
    "": ("/v1/metrics/daily", f"select date, {', '.join(DAILY)} from {{}}.fct_revenue_daily", DAILY),
    **{
        name: (
            f"/v1/sales?group_by=date,{name}",
            f"select date, {column}, {', '.join(f'sum({measure})' for measure in CUBE)}"
            f" from {{}}.agg_sales_daily group by date, {column}",
            CUBE,
        )
        for name, column in DIMENSIONS.items()
    },
}


def from_rows(rows, name, measures):
    found = {}
    for row in rows:
        for measure in measures:
            found[str(row["date"]), name and row[name], measure] = Decimal(str(row[measure]))
    return found


def from_tuples(rows, name, measures):
    wide = [dict(zip(("date", *([name] if name else []), *measures), row, strict=True)) for row in rows]
    return from_rows(wide, name, measures)


@pytest.fixture(scope="module")
def shop(databases, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        home = enter(patch, tmp_path_factory.mktemp("generated") / "home", databases.make())
        load_generated(home)
        return home.settings


@pytest.fixture(scope="module")
def places(shop: Settings):
    """Place to (date, dimension's value, measure) to figure."""
    found = {"json": {}, "csv": {}, "arrow": {}, "postgres": {}, "lake": {}}
    with (
        served(shop) as api,
        closing(psycopg2.connect(shop.database_url)) as connection,
        connection.cursor() as cursor,
    ):
        lake = connect(shop)
        for name, (path, sql, measures) in QUERIES.items():
            url = f"{path}{'&' if '?' in path else '?'}{ALL}"
            text = api.get(url, "text/csv").text
            stream = api.get(url, "application/vnd.apache.arrow.stream").content
            cursor.execute(sql.format("serving"))
            for place, figures in {
                "json": from_rows(api.get(url).json()["data"], name, measures),
                "csv": from_rows(csv.DictReader(io.StringIO(text)), name, measures),
                "arrow": from_rows(pa.ipc.open_stream(stream).read_all().to_pylist(), name, measures),
                "postgres": from_tuples(cursor.fetchall(), name, measures),
                "lake": from_tuples(lake.sql(sql.format("gold")).fetchall(), name, measures),
            }.items():
                found[place] |= {(name, *point): figure for point, figure in figures.items()}
    return found


def test_two_hundred_points_are_the_same_to_the_cent_wherever_they_are_read(places):
    points = random.Random(7).sample(sorted(point for point, figure in places["json"].items() if figure), 200)
    for place, figures in places.items():
        assert {point: figures[point] for point in points} == {point: places["json"][point] for point in points}, place


def test_orders_are_the_same_whichever_tables_they_are_counted_in(shop):
    with served(shop) as api:
        sales = f"/v1/sales?{ALL}&group_by="
        methods = {row["payment_method"] for row in api.get(f"{sales}payment_method").json()["data"]}
        by_line = "".join(f"&payment_method={method}" for method in sorted(methods))
        for dimensions in ("date", "date,country,city", "week,store", "segment,channel", "date,region,segment,store"):
            counted = api.get(sales + dimensions).json()["data"]
            assert counted == api.get(sales + dimensions + by_line).json()["data"], dimensions
            assert sum(row["orders"] for row in counted) > 400


def test_no_place_has_a_point_more(places):
    for place, figures in places.items():
        assert figures.keys() == places["json"].keys(), place


def test_the_report_holds_the_same_figures_of_every_day(places, shop):
    page = (shop.reports / "2024-01-21" / "index.html").read_text()
    data = json.loads(re.search(r'<script type="application/json" id="report-data">(.*?)</script>', page, re.S)[1])
    sums = zlib.decompress(base64.b64decode(re.search(r'id="report-cubes">(.*?)</script>', page, re.S)[1]))
    [cube] = [cube for cube in data["cubes"] if cube["name"] == "daily"]

    def column(packed):
        values = array(packed["type"])
        values.frombytes(sums[packed["at"] : packed["at"] + cube["rows"] * values.itemsize])
        return [int(value) for value in values]

    days = [date.fromisoformat(cube["since"]) + timedelta(days=number) for number in column(cube["columns"]["date"])]
    reported = {}
    for name, packed in cube["measures"].items():
        share = 1 if name in COUNTED else Decimal("0.0001")
        for day, value in zip(days, column(packed), strict=True):
            reported[day.isoformat(), REPORTED.get(name, name)] = value * packed["times"] * share
    daily = {
        (point[0], point[2]): figure
        for (name, *point), figure in places["json"].items()
        if not name and point[2] != "net_revenue"
    }
    assert {point: reported[point] for point in daily} == daily
    assert len(daily) == len(days) * 7
