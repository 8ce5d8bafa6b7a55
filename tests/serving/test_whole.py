"""What somebody takes away from what is served is named, and made again from the lake."""

import pytest

from serving import postgres, whole

DAMAGE = {
    "drop view serving.publication": ["serving.publication: it is not there"],
    "drop view serving_bi.publication": ["serving_bi.publication: it is not there"],
    "drop view serving.revenue_orders": ["serving.revenue_orders: it is not there"],
    "drop view serving_at.dim_store": ["serving_at.dim_store: it is not there"],
    "drop schema serving_bi cascade": ["serving_bi.dim_store: it is not there", "serving_bi.fct_orders: it is not"],
    "create or replace view serving.dim_store as select * from (values ('A', 'A', 'A', 'A', 'A', 'A')) as mine"
    " (store_id, store_name, channel, country, region, city)": [
        "serving.dim_store: it does not stand on serving_v1.dim_store"
    ],
    "alter table serving_v1.fct_orders drop constraint fct_orders_pkey cascade": [
        "serving_v1.fct_orders: it has no primary key (order_id)",
        "serving_v1.fct_order_items: it has no foreign key (order_id) to fct_orders",
    ],
    "drop index serving_v1.fct_orders_order_date": ["serving_v1.fct_orders: it has no valid index on (order_date)"],
    "update pg_index set indisvalid = false where indexrelid = 'serving_v1.fct_orders_order_date'::regclass": [
        "serving_v1.fct_orders: it has no valid index on (order_date)"
    ],
    "alter table serving_v1.dim_store drop column city cascade": [
        "serving_v1.dim_store: it has no column city",
        "serving.dim_store: it is not there",
    ],
    "alter table serving_v1.dim_store drop column from_release cascade": [
        "serving_v1.dim_store: it has no column from_release"
    ],
    "alter table serving_v1.dim_store alter column channel drop not null": [
        "serving_v1.dim_store: it takes null in channel"
    ],
    "alter table serving_history.dim_store drop column city cascade": ["serving_history.dim_store: it has no column"],
    "alter table serving_history.dim_store drop column to_release cascade": [
        "serving_history.dim_store: it has no column to_release"
    ],
    "drop view serving_at.fct_orders; alter table serving_history.fct_orders alter column order_id type varchar(9)": [
        "serving_history.fct_orders: it has character varying(9) in column order_id, not text"
    ],
    "drop index serving_history.dim_store_to_release_idx": [
        "serving_history.dim_store: it has no valid index on (to_release)"
    ],
    "drop table serving_history.fct_returns cascade": ["serving_history.fct_returns: it is not there"],
    "drop schema serving_v1 cascade": ["serving: it has no tables behind it"],
}


@pytest.fixture
def lacks(shop):
    engine = postgres.engine(shop.settings)

    def found():
        [(version,)] = shop.database("select max(version) from lakehouse.serving_version")
        with engine.connect() as connection:
            return whole.lacks(connection, f"serving_v{version}")

    yield found
    engine.dispose()


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_somebody_takes_away_is_named_and_made_again_by_publish(shop, lacks, damage):
    assert lacks() == []
    shop.database(damage)
    said = [f"{lack.place}: it {lack.said}" for lack in lacks()]
    for words in DAMAGE[damage]:
        assert any(each.startswith(words) for each in said), said
    shop.succeed("publish")
    assert lacks() == []
    assert shop.database("select order_id, order_date::text from serving.revenue_orders") == [("O1", "2024-01-01")]


def test_served_tables_that_are_recorded_nowhere_any_more_are_made_anew_beside_and_go(shop, lacks):
    shop.database("delete from lakehouse.serving_version")
    assert shop.run("fsck").exit_code == 1
    shop.succeed("publish")
    assert lacks() == []
    assert shop.database("select version from lakehouse.serving_version") == [(2,)]
    assert shop.database("select nspname from pg_namespace where nspname ~ '^serving_v'") == [("serving_v2",)]
    assert shop.run("fsck").exit_code == 0


def take_away(shop):
    shop.database("drop view serving.publication")
    shop.database("alter table serving_v1.fct_orders drop constraint fct_orders_pkey cascade")
    shop.database("drop index serving_v1.fct_orders_order_date")


def test_fsck_says_what_is_gone_and_what_to_do_and_publish_does_it(shop):
    take_away(shop)
    ran = shop.run("fsck")
    said = " ".join(ran.out.split())
    assert ran.exit_code == 1
    for words in (
        "serving.publication: it is not there.",
        "serving_v1.fct_orders: it has no primary key (order_id).",
        "serving_v1.fct_order_items: it has no foreign key (order_id) to fct_orders.",
        "serving_v1.fct_orders: it has no valid index on (order_date).",
    ):
        assert f"damage [served_schema] {words} `tillhouse publish` or --repair makes it again." in said
    shop.succeed("publish")
    shop.succeed("fsck")
    assert shop.succeed("publish").out.endswith(" 0 rewritten.\n")
    assert shop.ask("/v1/metrics/daily")["release"] == 1


def test_the_next_run_makes_again_what_somebody_took_away(shop, lacks):
    shop.database("drop view serving.publication")
    shop.land("2024-01-03", customers=[{"customer_id": "C2"}])
    shop.succeed("pipeline", "2024-01-03")
    assert lacks() == []
    assert shop.ask("/v1/metrics/daily")["release"] == 2


def test_repair_makes_again_what_somebody_took_away(shop, lacks):
    take_away(shop)
    ran = shop.succeed("fsck", "--repair")
    assert "serving: made anew from the lake" in ran.out
    assert lacks() == []
    assert shop.ask("/v1/metrics/daily")["release"] == 1


def test_a_row_that_moves_to_the_history_of_what_is_made_again_was_true_for_a_release(shop):
    shop.land("2024-01-03", stores=[{"store_id": "A"}])
    shop.succeed("pipeline", "2024-01-03")
    shop.database("drop view serving.publication")
    shop.succeed("publish")
    kept = "select store_id, from_release, to_release from serving_history.dim_store"
    assert shop.database(kept) == [("unknown", 1, 2)]
