import pytest


def changed(api, since, table):
    rows = api.get(f"/v1/changes?since_release={since}&table_name={table}").json()["data"]
    return {(str(next(iter(row["key"].values()))), row["change"]) for row in rows}


def test_the_keys_that_a_release_changed_are_told_apart(api):
    # Since release 2: O6 is new. Since release 1: O1 has a return and O2 is delivered as well.
    assert changed(api, 2, "fct_orders") == {("O6", "added")}
    assert changed(api, 1, "fct_orders") == {("O1", "changed"), ("O2", "changed"), ("O6", "added")}
    assert changed(api, 1, "fct_returns") == {("R1", "added")}
    assert changed(api, 3, "fct_orders") == set()
    assert {key for key, _ in changed(api, 0, "fct_orders")} == {"O1", "O2", "O3", "O4", "O6"}


def test_a_key_has_all_its_columns(api):
    rows = api.get("/v1/changes?since_release=2&table_name=fct_order_items").json()["data"]
    assert rows == [{"table_name": "fct_order_items", "key": {"order_id": "O6", "line_number": 1}, "change": "added"}]


def test_following_the_changes_ends_where_the_table_is(api):
    def table(query=""):
        lines = api.get(f"/v1/export/dim_product?fields=product_key,list_price,valid_to{query}").text.splitlines()[1:]
        return {line.split(",")[0]: line for line in lines}

    copy, now = table("&as_of=2024-01-10"), table()
    for row in api.get("/v1/changes?since_release=1&table_name=dim_product").json()["data"]:
        key = row["key"]["product_key"]
        if row["change"] == "removed":
            del copy[key]
        else:
            copy[key] = now[key]
    assert copy == now
    assert copy != table("&as_of=2024-01-10")


def test_changes_page_over_all_tables_each_key_once(api):
    whole = api.get("/v1/changes?since_release=1").json()["data"]
    found, page = [], api.get("/v1/changes?since_release=1&limit=7").json()
    while page["next"]:
        found += page["data"]
        page = api.get(f"/v1/changes?next={page['next']}&limit=7&since_release=1").json()
    found += page["data"]
    assert found == whole
    assert len({(row["table_name"], str(row["key"])) for row in whole}) == len(whole) > 20


@pytest.mark.parametrize(
    ("query", "at_fault"),
    [("since_release=9", "since_release"), ("", "since_release"), ("since_release=1&table_name=x", "table_name")],
)
def test_a_wrong_parameter_is_422_and_named(api, query, at_fault):
    answer = api.get(f"/v1/changes?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, at_fault)
