-- One row per date and product of :product_id from :start to :end.
select date, product_id, received, shipped, adjusted, on_hand, allocated, available, reorder_point,
       at_risk, is_stockout, avg_daily_shipped_30d, days_of_cover
from serving.fct_inventory_daily
where product_id = any(cast(:product_id as text[]))
  and date between cast(:start as date) and cast(:end as date)
