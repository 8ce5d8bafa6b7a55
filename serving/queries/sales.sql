-- One row per group of sales by order date and refunds by return date, from lines and returns, by the rules of the
-- cube; for groups in which an order can have several categories, and for payment methods.
-- chosen: date, week, month, country, region, city, store, channel, category, segment, payment_method
with events as (
    select order_date as date, order_id, order_id as sold, product_id, quantity as units,
           gross_amount, discount_amount, tax_amount, cast(0 as numeric) as refund_amount,
           -- over lines whose cost is known
           coalesce(net_amount - cost_amount, 0) as profit
    from serving.fct_order_items
    where is_revenue and order_date between cast(:start as date) and cast(:end as date)
    union all
    select returns.return_date, returns.order_id, null, returns.product_id, 0, 0, 0, 0, returns.refund_amount,
           case when lines.cost_amount is null then 0 else -returns.refund_amount end
    from serving.fct_returns as returns
    inner join serving.fct_order_items as lines
        on lines.order_id = returns.order_id and lines.line_number = returns.line_number
    where lines.is_revenue
      -- a return without a refund moves no money
      and returns.refund_amount <> 0
      and returns.return_date between cast(:start as date) and cast(:end as date)
),
placed as (
    select events.date,
           date_trunc('week', events.date)::date as week,
           date_trunc('month', events.date)::date as month,
           orders.country, orders.region, orders.city, orders.store, orders.channel, orders.segment,
           coalesce(products.category, 'unknown') as category,
           orders.payment_method,
           events.sold,
           events.units,
           events.gross_amount,
           events.discount_amount,
           events.tax_amount,
           events.refund_amount,
           events.profit
    from events
    inner join {query: placed_orders} as orders on orders.order_id = events.order_id
    inner join serving.dim_product as products on products.product_id = events.product_id and products.is_current
)
select {chosen},
       count(distinct sold) as orders,
       sum(units)::bigint as units,
       sum(gross_amount)::numeric(18, 4) as gross_revenue,
       sum(discount_amount)::numeric(18, 4) as discounts,
       sum(tax_amount)::numeric(18, 4) as taxes,
       sum(refund_amount)::numeric(18, 4) as refunds,
       sum(gross_amount - discount_amount - tax_amount - refund_amount)::numeric(18, 4) as net_revenue,
       sum(profit)::numeric(18, 4) as profit
from placed
where (cast(:category as text[]) is null or category = any(cast(:category as text[])))
  and (cast(:payment_method as text[]) is null or payment_method = any(cast(:payment_method as text[])))
group by {chosen}
