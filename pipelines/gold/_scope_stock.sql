-- The products whose whole stock history a landing can have changed, and the movements to compute from.
create table in_stock.scope.products as
-- Moved long ago: every day since is another.
select product_id from memory.changed.inventory_movements where movement_date <= $recent
union
-- The reorder point of today stands on every day.
select coalesce(now.product_id, before.product_id)
from (select product_id, reorder_point from memory.gold.dim_product where is_current) as now
full join (select product_id, reorder_point from memory.before.dim_product where is_current) as before
    on now.product_id = before.product_id
where now.reorder_point is distinct from before.reorder_point;

-- Of the other products what moved lately, on top of what they had then.
create table in_stock.silver.inventory_movements as
select product_id, movement_type, quantity, movement_date
from memory.silver.inventory_movements
where movement_date > $opening or product_id in (select product_id from in_stock.scope.products)
union all
select product_id, 'adjustment' as movement_type, on_hand as quantity, date as movement_date
from memory.before.fct_inventory_daily
where date = $opening and product_id not in (select product_id from in_stock.scope.products)
union all
select product_id, 'allocation' as movement_type, allocated as quantity, date as movement_date
from memory.before.fct_inventory_daily
where date = $opening and product_id not in (select product_id from in_stock.scope.products);
