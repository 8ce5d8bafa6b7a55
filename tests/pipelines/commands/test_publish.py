"""`tillhouse publish`: whoever edited what is served, it is made the release in force again."""

SERVED = "select store_id, store_name, from_release from serving_v1.dim_store order by 1"
LINES = "select order_id, net_amount, from_release from serving_v1.fct_order_items order by 1"


def test_edited_deleted_and_foreign_rows_are_put_right_and_nothing_else_is_written(shop):
    shop.land("2024-01-03", stores=[{"store_id": "A"}, {"store_id": "B"}], orders=[{"order_id": "O2"}])
    shop.succeed("pipeline", "2024-01-03")
    stores, lines = shop.database(SERVED), shop.database(LINES)
    shop.database("update serving_v1.dim_store set store_name = 'Nowhere' where store_id = 'A'")
    shop.database("delete from serving_v1.dim_store where store_id = 'B'")
    shop.database(
        "insert into serving_v1.dim_store select 'C', 'Elsewhere', channel, country, region, city, 1"
        " from serving_v1.dim_store where store_id = 'unknown'"
    )
    shop.database("update serving_v1.fct_order_items set net_amount = 1")
    out = " ".join(shop.succeed("publish").out.split())
    # A: one out, one in; B: in; C: out; the line: one out, one in.
    assert out.startswith("Release 2, as of 2024-01-03, is served: ")
    assert out.endswith("rows compared, 6 rewritten.")
    assert (shop.database(SERVED), shop.database(LINES)) == (stores, lines)
    assert shop.database("select count(*) from serving_history.dim_store where store_name = 'Nowhere'") == [(0,)]
    assert shop.database("select count(*) from lakehouse.releases") == [(2,)]
    record = "select status, release_id, message from lakehouse.runs where command = 'publish'"
    assert shop.database(record) == [("nothing_new", 2, "6 rows rewritten")]


def test_what_is_as_released_is_left_alone(shop):
    assert shop.succeed("publish").out.endswith(" 0 rewritten.\n")


def test_a_dropped_table_is_there_again(shop):
    shop.database("drop table serving_v1.fct_orders cascade")
    shop.succeed("publish")
    assert shop.database("select order_id from serving.fct_orders") == [("O1",)]
    assert shop.database("select release_id from serving.publication") == [(1,)]


def test_without_a_release_there_is_nothing_to_publish(home):
    ran = home.run("publish")
    assert ran.exit_code == 2
    assert "Nothing is released yet" in ran.err
