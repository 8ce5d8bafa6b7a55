def test_every_line_is_good_by_the_data_model(autumn):
    bad = autumn.query(
        """select * from order_items
        where line_number::int < 1 or quantity::int < 1
            or not regexp_full_match(unit_price, '[0-9]+[.][0-9][0-9]')
            or not regexp_full_match(discount_amount, '[0-9]+[.][0-9][0-9]')
            or not regexp_full_match(tax_amount, '[0-9]+[.][0-9][0-9]')
            or discount_amount::decimal(18, 4) + tax_amount::decimal(18, 4)
                > quantity::int * unit_price::decimal(18, 4)"""
    )
    assert bad == []


def test_every_order_has_a_line_and_no_product_twice(autumn):
    assert autumn.query("select order_id from orders except select order_id from order_items") == []
    assert autumn.query("select 1 from current_lines group by order_id, product_id having count(*) > 1") == []


def test_a_line_sells_at_the_list_price_in_force_when_it_was_ordered(autumn):
    wrong = autumn.query(
        """with versions as (select distinct product_id, list_price, updated_at::timestamp as since from products)
        select l.order_id, l.line_number from current_lines l
        join current_orders o using (order_id)
        asof join versions v on l.product_id = v.product_id and o.created_at::timestamp >= v.since
        where l.unit_price <> v.list_price"""
    )
    assert wrong == []


def test_an_average_order_is_worth_60_to_120(autumn):
    aov = autumn.query(
        """select sum(quantity::int * unit_price::decimal(18, 4) - discount_amount::decimal(18, 4)
            - tax_amount::decimal(18, 4)) / count(distinct order_id) from current_lines"""
    )[0][0]
    assert 60 < aov < 120


def test_a_fifth_of_the_products_brings_most_of_the_revenue(autumn):
    share = autumn.query(
        """with sold as (
            select sum(quantity::int * unit_price::decimal(18, 4)) as gross from current_lines group by product_id
        ), ranked as (
            select gross, row_number() over (order by gross desc) <= 0.2 * count(*) over () as top from sold
        )
        select sum(gross) filter (top) / sum(gross) from ranked"""
    )[0][0]
    assert 0.6 < share < 0.9


def test_companions_are_bought_together_more_often_than_by_chance(autumn):
    lift = autumn.query(
        """with orders as (select count(distinct order_id) as n from current_lines),
        bought as (select product_id, count(*) as n from current_lines group by all),
        pairs as (
            select a.product_id as one, b.product_id as other, count(*) as n
            from current_lines a join current_lines b using (order_id) where a.product_id < b.product_id group by all
        )
        select max(pairs.n * orders.n / (x.n * y.n)) from pairs, orders, bought x, bought y
        where x.product_id = one and y.product_id = other and pairs.n >= 10"""
    )[0][0]
    assert lift > 1.5
