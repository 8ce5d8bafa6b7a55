-- What the stock of the dates in scope is computed from: of most products what moved lately, on top of what they had.
create table in_stock.silver.inventory_movements as
select product_id, movement_type, quantity, movement_date
from memory.silver.inventory_movements
where $moved_lately
union all
select product_id, 'adjustment' as movement_type, on_hand as quantity, date as movement_date
from memory.before.fct_inventory_daily
where date = $opening and product_id not in (select product_id from in_stock.scope.products)
union all
select product_id, 'allocation' as movement_type, allocated as quantity, date as movement_date
from memory.before.fct_inventory_daily
where date = $opening and product_id not in (select product_id from in_stock.scope.products);
