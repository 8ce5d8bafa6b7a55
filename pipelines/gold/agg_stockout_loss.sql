-- One row per product and month with a stock-out day in fct_inventory_daily.
with sold_by_day as (
    select product_id, order_date, sum(quantity) as units
    from gold.fct_order_items
    -- Lines without revenue are no demand; they stand in fct_order_items.
    where is_revenue
    group by product_id, order_date
),

stock_days as (
    select
        product_id,
        date,
        date_trunc('month', date) as month,
        is_stockout
    from gold.fct_inventory_daily
),

-- Demand comes from the days that ended in stock only.
product_months as (
    select
        stock_days.product_id,
        stock_days.month,
        max(stock_days.date) as last_day,
        count(*) filter (where not stock_days.is_stockout) as days_on_hand,
        count(*) filter (where stock_days.is_stockout) as days_out,
        coalesce(sum(sold_by_day.units) filter (where not stock_days.is_stockout), 0) as units_sold
    from stock_days
    left join sold_by_day
        on stock_days.product_id = sold_by_day.product_id and stock_days.date = sold_by_day.order_date
    group by stock_days.product_id, stock_days.month
    -- A month without a stock-out lost nothing.
    having bool_or(stock_days.is_stockout)
)

select
    months.product_id,
    months.month,
    months.days_on_hand,
    months.days_out,
    months.units_sold,
    months.units_sold / nullif(months.days_on_hand, 0) as velocity,
    months.units_sold * months.days_out / nullif(months.days_on_hand, 0) as lost_units,
    exact_quotient(months.units_sold * months.days_out * dim_product.list_price, months.days_on_hand) as lost_revenue
from product_months as months
-- The price in force as the month's last day ends; dim_product has one for every moment.
inner join gold.dim_product as dim_product
    on
        months.product_id = dim_product.product_id
        and dim_product.valid_from < months.last_day + 1
        and dim_product.valid_to >= months.last_day + 1
