import csv
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api.table_files import PARQUET

ARROW = "application/vnd.apache.arrow.stream"


def as_rows(answer):
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_a_table_comes_whole_in_order_of_its_key(api):
    answer = api.get("/v1/export/fct_orders")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="fct_orders.csv"'
    assert answer.headers["x-release"] == "3"
    rows = as_rows(answer)
    assert [row["order_id"] for row in rows] == ["O1", "O2", "O3", "O4", "O6"]
    assert (rows[0]["net_revenue"], rows[0]["created_at"], rows[0]["is_revenue"], rows[2]["customer_id"]) == (
        "8.0000",
        "2024-01-01T10:00:00+00:00",
        "true",
        "",
    )


def test_csv_arrow_and_parquet_hold_the_same_rows(api):
    path = "/v1/export/fct_order_items"
    text = as_rows(api.get(path))
    arrow = pa.ipc.open_stream(api.get(path, ARROW).content).read_all()
    parquet = pq.read_table(io.BytesIO(api.get(path, PARQUET).content))
    assert arrow.to_pylist() == parquet.to_pylist()
    assert arrow.schema.field("gross_amount").type == pa.decimal128(18, 4)
    spelled = [{name: "" if value is None else str(value) for name, value in row.items()} for row in arrow.to_pylist()]
    assert [{**row, "is_revenue": row["is_revenue"].capitalize()} for row in text] == spelled


@pytest.mark.parametrize("form", ["csv", "arrow", "parquet"])
def test_an_empty_table_keeps_its_columns(api, form):
    answer = api.get(f"/v1/export/agg_product_pairs?format={form}&fields=product_a,lift")
    if form == "csv":
        names = next(csv.reader(io.StringIO(answer.text)))
    elif form == "arrow":
        names = pa.ipc.open_stream(answer.content).read_all().column_names
    else:
        names = pq.read_table(io.BytesIO(answer.content)).column_names
    assert names == ["product_a", "lift"]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ("filter=status=paid", ["O6"]),
        ("filter=status=paid&filter=status=created", ["O4", "O6"]),
        ("filter=gross_revenue>=20&filter=gross_revenue<110", ["O1", "O6"]),
        ("filter=customer_id=", ["O3"]),
        ("filter=customer_id!=&filter=order_date>2024-01-02", ["O4"]),
        ("filter=is_first_order=true", ["O1", "O2"]),
        ("filter=created_at<2024-01-02T10:00:00%2B00:00", ["O1"]),
        ("filter=status!=delivered&filter=status!=paid", ["O4"]),
        ("filter=status='%20or%20true--", []),
    ],
)
def test_filters_choose_rows(api, filters, ids):
    assert [row["order_id"] for row in as_rows(api.get(f"/v1/export/fct_orders?fields=order_id&{filters}"))] == ids


def test_a_filter_on_a_list_asks_what_it_holds(api):
    path = "/v1/export/fct_restatements?fields=release_id,measure&filter=causes=late_order&filter=measure=orders"
    assert as_rows(api.get(path)) == [{"release_id": "3", "measure": "orders"}]


def test_an_export_goes_back_in_time(api):
    rows = as_rows(api.get("/v1/export/fct_orders?fields=order_id,status&as_of=2024-01-10&filter=order_id>=O2"))
    assert rows == [
        {"order_id": "O2", "status": "paid"},
        {"order_id": "O3", "status": "delivered"},
        {"order_id": "O4", "status": "created"},
    ]


def test_personal_data_is_not_given_nor_guessed_by_a_filter(api):
    assert "email" not in as_rows(api.get("/v1/export/dim_customer"))[0]
    assert api.get("/v1/export/dim_customer?fields=email").status_code == 403
    answer = api.get("/v1/export/dim_customer?filter=email>a")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "filter")


@pytest.mark.parametrize(
    ("query", "status", "at_fault"),
    [
        ("fct_orders?filter=status", 422, "filter"),
        ("fct_orders?filter=colour=red", 422, "filter"),
        ("fct_orders?filter=items=many", 422, "filter"),
        ("fct_orders?filter=order_date=yesterday", 422, "filter"),
        ("fct_orders?filter=items>", 422, "filter"),
        ("fct_orders?filter=is_revenue=1", 422, "filter"),
        ("fct_orders?fields=colour", 422, "fields"),
        ("fct_orders?format=xml", 422, "format"),
    ],
)
def test_a_wrong_parameter_is_422_and_named(api, query, status, at_fault):
    answer = api.get(f"/v1/export/{query}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (status, at_fault)


@pytest.mark.parametrize("table", ["publication", "pg_authid", "fct_money_ledger", "fct_orders;drop", "lakehouse.runs"])
def test_what_is_not_served_is_no_table(api, table):
    answer = api.get(f"/v1/export/{table}")
    assert (answer.status_code, "fct_orders" in answer.json()["detail"]) == (404, True)


def test_an_export_the_client_holds_is_304(api):
    etag = api.get("/v1/export/dim_store").headers["etag"]
    assert api.get("/v1/export/dim_store", If_None_Match=etag).status_code == 304
    assert api.get("/v1/export/dim_store?filter=store_id=S1", If_None_Match=etag).status_code == 200
    assert api.get("/v1/export/dim_store", "application/json").status_code == 406
