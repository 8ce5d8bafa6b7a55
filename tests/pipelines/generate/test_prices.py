def test_every_product_and_store_row_is_good_by_the_data_model(autumn):
    bad_products = autumn.query(
        """select * from products where product_name is null or reorder_point::int < 0
            or not regexp_full_match(list_price, '[0-9]+[.][0-9][0-9]')
            or not regexp_full_match(unit_cost, '[0-9]+[.][0-9][0-9]')
            or unit_cost::decimal(18, 2) >= list_price::decimal(18, 2)"""
    )
    assert bad_products == []
    bad_stores = autumn.query("select * from stores where channel not in ('web', 'retail', 'marketplace')")
    assert bad_stores == []


def test_catalogue_and_stores_land_in_full_weekly_and_otherwise_what_changed(autumn):
    for source, key in (("products", "product_id"), ("stores", "store_id")):
        rows = autumn.query(
            f"""select landing_date - date '2024-09-10', count(*), count(*) filter (updated_at::date = landing_date)
            from {source} group by all order by all"""
        )
        for day, landed, changed in rows:
            if day % 7:
                assert landed == changed
            else:
                known = autumn.query(
                    f"select count(distinct {key}) from {source} where landing_date - date '2024-09-10' <= {day}"
                )
                assert landed == known[0][0]


def test_a_version_of_a_product_never_changes_its_meaning(autumn):
    changed = autumn.query(
        """select 1 from products group by product_id, updated_at
        having count(distinct (list_price, unit_cost, product_name)) > 1"""
    )
    assert changed == []


def test_prices_change_some_go_back_and_costs_change_alone(autumn):
    rows = autumn.query(
        """with versions as (select distinct product_id, updated_at, list_price, unit_cost from products),
        steps as (
            select *, lag(list_price) over w as price_before, lag(unit_cost) over w as cost_before,
                lag(list_price, 2) over w as price_earlier
            from versions window w as (partition by product_id order by updated_at)
        )
        select count(*) filter (list_price <> price_before),
            count(*) filter (list_price <> price_before and list_price = price_earlier),
            count(*) filter (list_price = price_before and unit_cost <> cost_before)
        from steps"""
    )
    assert min(rows[0]) >= 5


def test_margins_make_sense(autumn):
    margin = autumn.query(
        """with costs as (select product_id, avg(unit_cost::decimal(18, 2)) as cost from products group by all)
        select 1 - sum(quantity::int * cost) / sum(quantity::int * unit_price::decimal(18, 2)
            - discount_amount::decimal(18, 2) - tax_amount::decimal(18, 2))
        from current_lines join costs using (product_id)"""
    )[0][0]
    assert 0.30 < margin < 0.55
