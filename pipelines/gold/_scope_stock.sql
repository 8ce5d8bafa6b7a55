-- The products whose whole stock history a landing can have changed.
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
