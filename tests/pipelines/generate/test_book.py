STATES = "array['created', 'paid', 'fulfilled', 'delivered', 'returned', 'cancelled']"


def test_an_order_lands_on_its_first_day_and_on_each_day_its_state_changes(autumn):
    missing = autumn.query(
        """with moments as (
            select distinct order_id, unnest([created_at, paid_at, fulfilled_at, delivered_at, returned_at,
                cancelled_at])::date as day
            from current_orders
        )
        select order_id, day from moments where day is not null
        except select order_id, updated_at::date from orders"""
    )
    assert missing == []


def test_the_last_row_of_an_order_is_its_newest_state(autumn):
    older = autumn.query(
        """select order_id from orders qualify updated_at < max(updated_at) over (partition by order_id)
            and row_number() over (partition by order_id order by position desc) = 1"""
    )
    assert older == []


def test_an_order_keeps_all_but_its_state(autumn):
    changed = autumn.query(
        """select order_id from orders group by order_id
        having count(distinct (customer_id, store_id, created_at, payment_method, currency, shipping_amount)) > 1
            or count(distinct paid_at) > 1 or count(distinct fulfilled_at) > 1 or count(distinct delivered_at) > 1"""
    )
    assert changed == []


def test_an_order_seldom_lands_twice_in_one_file(autumn):
    twice = autumn.query(
        "select count(*) from (select 1 from orders group by order_id, landing_date having count(*) > 1)"
    )
    total = autumn.query("select count(*) from orders")
    assert 0 < twice[0][0] < 0.03 * total[0][0]


def test_lines_are_sent_again_or_corrected_in_nothing_but_the_discount(autumn):
    again = autumn.query(
        """select count(*), count(*) filter (meanings = 1), count(*) filter (meanings = 2), max(others)
        from (
            select count(distinct discount_amount) as meanings,
                count(distinct (product_id, quantity, unit_price, tax_amount)) as others
            from order_items group by order_id, line_number having count(*) > 1
        )"""
    )
    lines, resent, corrected, others = again[0]
    assert resent > 0
    assert corrected > 0
    assert resent + corrected == lines
    assert others == 1


def test_line_numbers_run_from_one_without_a_gap(autumn):
    gaps = autumn.query("select order_id from current_lines group by order_id having max(line_number::int) <> count(*)")
    assert gaps == []
