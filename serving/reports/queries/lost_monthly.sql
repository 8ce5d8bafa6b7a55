-- One row per month with a product out of stock: days out, and an estimate of what was not sold. Estimates come from
-- the product's own pace on days in stock; a product without such days has none.
select
    month,
    count(*) as products,
    sum(days_out)::bigint as days_out,
    sum(lost_revenue) as lost_revenue,
    count(*) filter (where lost_revenue is null) as unknown
from serving.agg_stockout_loss
group by month
order by month
