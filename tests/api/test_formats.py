from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from api.formats import ARROW, CSV, JSON, choose
from contracts.errors import NotAcceptable

ALERTS = "/v1/inventory/alerts?status=all"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV; charset=utf-8", CSV),
        ("text/*", CSV),
        ("application/json;q=0.5, text/csv", CSV),
        ("application/json;q=0, */*", CSV),
        ("application/vnd.apache.arrow.stream, application/json;q=0.9", ARROW),
    ],
)
def test_the_client_gets_what_it_likes_best(accept, chosen):
    assert choose(accept) == chosen


@pytest.mark.parametrize("accept", ["application/xml", "application/json;q=0", "text/csv;q=none", "json"])
def test_a_client_that_takes_nothing_on_offer_is_told_what_there_is(accept):
    with pytest.raises(NotAcceptable, match="text/csv"):
        choose(accept)


def test_another_media_type_is_406(client):
    answer = client.get(ALERTS, "application/xml")
    assert (answer.status_code, answer.headers["content-type"]) == (406, "application/problem+json")


def test_csv_has_the_rows_of_json_under_a_header_with_nulls_empty_and_quotes_doubled(client):
    answer = client.get(f"{ALERTS}&limit=2", "text/csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text == (
        "alert_id,product_id,opened_on,resolved_on,days_open,severity,on_hand,allocated,available,reorder_point,"
        "shortfall\r\n"
        'a3,"a/""quoted"", SKU é",2024-02-06,2024-02-07,1,at_risk,9,0,9,10,1\r\n'
        "a1,SKU-1,2024-02-05,,3,at_risk,9,5,4,10,6\r\n"
    )
    assert 'rel="next"' in answer.headers["link"]


def test_csv_keeps_money_and_truth_values_as_json_spells_them(client):
    answer = client.get("/v1/ltv/30?grain=month&limit=1", "text/csv")
    assert answer.text.splitlines()[1] == "2023-12-01,30,8,true,0,0.0,8,-10.0004,-1.2501"


def test_arrow_has_the_rows_with_their_types(client):
    answer = client.get("/v1/ltv/30?grain=month&limit=1", ARROW)
    table = pa.ipc.open_stream(answer.content).read_all()
    assert answer.headers["content-type"] == ARROW
    assert table.to_pylist() == [
        {
            "cohort_month": date(2023, 12, 1),
            "window_days": 30,
            "cohort_size": 8,
            "is_mature": True,
            "retained_customers": 0,
            "retention_rate": 0.0,
            "orders": 8,
            "net_revenue": Decimal("-10.0004"),
            "ltv": Decimal("-1.2501"),
        }
    ]
    assert table.schema.field("net_revenue").type == pa.decimal128(18, 4)


def test_arrow_times_are_in_the_business_time_zone_and_nulls_stay_null(client):
    releases = pa.ipc.open_stream(client.get("/v1/releases", ARROW).content).read_all()
    assert releases.schema.field("created_at").type == pa.timestamp("us", tz="Europe/London")
    assert releases["created_at"][1].as_py() == datetime(2023, 7, 2, 2, 30, tzinfo=ZoneInfo("Europe/London"))
    alerts = pa.ipc.open_stream(client.get(ALERTS, ARROW).content).read_all()
    assert alerts["resolved_on"].to_pylist() == [date(2024, 2, 7), None, None, date(2024, 1, 12)]


def test_an_empty_list_keeps_its_columns_in_every_format(client):
    empty = "/v1/metrics/daily?end=2000-01-01&fields=date,aov"
    assert client.get(empty, "text/csv").text == "date,aov\r\n"
    table = pa.ipc.open_stream(client.get(empty, ARROW).content).read_all()
    assert (table.num_rows, table.schema.names) == (0, ["date", "aov"])
    assert table.schema.field("aov").type == pa.decimal128(18, 4)
