DAILY = """
with moved as (
    select product_id, occurred_at::date as day,
        sum(case when movement_type in ('receipt', 'return', 'adjustment') then quantity::int
            when movement_type = 'shipment' then -quantity::int else 0 end) as on_hand,
        sum(case movement_type when 'allocation' then quantity::int when 'release' then -quantity::int else 0 end)
            as allocated
    from inventory_movements group by all
), days as (
    select product_id, unnest(generate_series(first, last, interval 1 day))::date as day
    from (select product_id, min(day) as first, (select max(day) from moved) as last from moved group by product_id)
), daily as (
    select product_id, day, sum(coalesce(on_hand, 0)) over so_far as on_hand,
        sum(coalesce(allocated, 0)) over so_far as allocated
    from days left join moved using (product_id, day)
    window so_far as (partition by product_id order by day)
)
"""


def test_every_movement_is_good_by_the_data_model(autumn):
    bad = autumn.query(
        """select * from inventory_movements
        where movement_type not in ('receipt', 'shipment', 'return', 'adjustment', 'allocation', 'release')
            or quantity::int = 0 or (quantity::int < 0 and movement_type <> 'adjustment')
            or not regexp_full_match(movement_id, 'M[0-9]{10}')"""
    )
    assert bad == []
    assert autumn.query("select count(*) = count(distinct movement_id) from inventory_movements") == [(True,)]


def test_no_more_is_promised_or_shipped_than_there_is(autumn):
    assert autumn.query(DAILY + "select * from daily where on_hand < 0 or allocated < 0 or on_hand < allocated") == []


def test_some_products_run_out_and_are_filled_again(autumn):
    rows = autumn.query(
        DAILY
        + """select avg((on_hand <= allocated)::int), count(distinct product_id) filter (refilled) from (
            select *, on_hand > allocated and lag(on_hand <= allocated) over (partition by product_id order by day)
                as refilled from daily)"""
    )
    share, refilled = rows[0]
    assert 0.002 < share < 0.06
    assert refilled >= 5


def test_what_an_order_takes_is_shipped_or_released(autumn):
    rows = autumn.query(
        """with by_order as (
            select order_id,
                sum(quantity::int) filter (movement_type = 'allocation') as allocated,
                sum(quantity::int) filter (movement_type = 'release') as released,
                sum(quantity::int) filter (movement_type = 'shipment') as shipped
            from inventory_movements where order_id is not null group by all
        ), ordered as (select order_id, sum(quantity::int) as units from current_lines group by all)
        select status, count(*) filter (coalesce(allocated, 0) <> coalesce(released, 0)),
            count(*) filter (coalesce(shipped, 0) <> units)
        from current_orders join ordered using (order_id) join by_order using (order_id)
        where status in ('delivered', 'cancelled', 'fulfilled') group by all"""
    )
    found = {status: (open_allocations, not_shipped) for status, open_allocations, not_shipped in rows}
    assert found["delivered"] == found["fulfilled"] == (0, 0)
    cancelled = autumn.query("select count(*) from current_orders where status = 'cancelled'")[0][0]
    assert found["cancelled"] == (0, cancelled)
