def test_every_order_row_is_good_by_the_data_model(autumn):
    bad = autumn.query(
        """select * from orders
        where status not in ('created', 'paid', 'fulfilled', 'delivered', 'returned', 'cancelled')
            or payment_method not in ('card', 'paypal', 'bank_transfer', 'wallet', 'cash_on_delivery', 'gift_card',
                'voucher', 'other')
            or currency <> 'USD' or not regexp_full_match(order_id, 'O[0-9]{9}')
            or not regexp_full_match(coalesce(shipping_amount, '0.00'), '[0-9]+[.][0-9][0-9]')
            or (status = 'paid' and paid_at is null) or (status = 'delivered' and delivered_at is null)
            or (status = 'returned' and returned_at is null) or (status = 'cancelled' and cancelled_at is null)
            or least(paid_at, fulfilled_at, delivered_at, returned_at, cancelled_at, updated_at)::timestamp
                < created_at::timestamp"""
    )
    assert bad == []


def test_orders_come_to_every_state_and_delivered_is_the_common_end(autumn):
    shares = dict(autumn.query("select status, count(*) / sum(count(*)) over () from current_orders group by status"))
    assert set(shares) == {"created", "paid", "fulfilled", "delivered", "returned", "cancelled"}
    assert shares["delivered"] > 0.75
    assert 0.015 < shares["cancelled"] < 0.06
    assert 0.01 < shares["returned"] < 0.05


def test_orders_are_of_every_channel_some_of_guests_and_some_without_a_store(autumn):
    shares = dict(
        autumn.query(
            """select coalesce(channel, 'none'), count(*) / sum(count(*)) over ()
            from current_orders left join (select distinct store_id, channel from stores) using (store_id)
            group by all"""
        )
    )
    assert set(shares) == {"web", "retail", "marketplace", "none"}
    assert shares["web"] > shares["retail"] > shares["marketplace"] > shares["none"]
    guests = autumn.query("select avg((customer_id is null)::int) from current_orders")[0][0]
    assert 0.05 < guests < 0.12


def test_a_store_sells_nothing_before_it_opens(autumn):
    early = autumn.query(
        """select order_id from orders join (
            select store_id, max(updated_at::timestamp) as opened_at from stores group by all
        ) using (store_id) where created_at::timestamp < opened_at"""
    )
    assert early == []
    assert autumn.query("select count(distinct store_id) from stores where updated_at >= '2024-09-10'") == [(2,)]


def test_the_tax_held_in_a_line_is_its_countrys_to_the_cent(autumn):
    shares = autumn.query(
        """select country, sum(tax_amount::decimal(18, 2))
            / sum(quantity::int * unit_price::decimal(18, 2) - discount_amount::decimal(18, 2))
        from current_lines join current_orders using (order_id)
        join (select distinct customer_id, country from customers
            qualify count(*) over (partition by customer_id) = 1) using (customer_id)
        where country in ('GB', 'US') group by all"""
    )
    expected = {"GB": 0.20 / 1.20, "US": 0.08 / 1.08}
    assert {country: round(share, 3) for country, share in shares} == {
        country: round(share, 3) for country, share in expected.items()
    }
