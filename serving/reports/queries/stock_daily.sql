-- One row per date of the inventory table: products short of stock, and how many there are.
select
    date,
    count(*) as products,
    count(*) filter (where is_stockout) as out_of_stock,
    count(*) filter (where at_risk and not is_stockout) as below_reorder
from serving.fct_inventory_daily
where date <= :as_of
group by date
order by date
