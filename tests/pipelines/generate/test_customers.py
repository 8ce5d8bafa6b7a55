def test_every_customer_row_is_good_and_mails_are_of_reserved_domains(autumn):
    bad = autumn.query(
        """select * from customers where not regexp_full_match(customer_id, 'C[0-9]{8}')
            or full_name is null or length(country) <> 2 or region is null or city is null
            or updated_at < signup_at
            or not regexp_full_match(coalesce(email, 'a@example.com'), '[^@]+@example[.](com|net|org)')"""
    )
    assert bad == []


def test_a_customer_signs_up_before_the_first_order(autumn):
    early = autumn.query(
        """select order_id from current_orders o join (select distinct customer_id, signup_at from customers) c
        using (customer_id) where o.created_at < c.signup_at"""
    )
    assert early == []


def test_a_customer_who_moves_keeps_name_mail_and_sign_up(autumn):
    changed = autumn.query(
        "select 1 from customers group by customer_id having count(distinct (full_name, email, signup_at)) > 1"
    )
    assert changed == []
    moved = autumn.query(
        "select 1 from customers group by customer_id having count(distinct (country, region, city)) > 1"
    )
    assert len(moved) > 5


def test_a_quarter_to_a_third_of_customers_orders_again_within_90_days(autumn):
    customers, share = autumn.query(
        """with bought as (
            select customer_id, created_at::date as day, min(created_at::date) over (partition by customer_id) as first
            from current_orders where customer_id is not null
        ), cohort as (
            select customer_id, bool_or(day > first and day < first + 90) as again
            from bought where first < '2024-09-20' group by all
        )
        select count(*), avg(again::int) from cohort"""
    )[0]
    assert customers > 200
    assert 0.25 < share < 0.36


def test_names_are_of_several_countries_and_some_only_sign_up(autumn):
    assert autumn.query("select count(distinct country) from customers")[0][0] == 9
    prospects = autumn.query("select customer_id from customers except select customer_id from orders")
    assert len(prospects) > 20
