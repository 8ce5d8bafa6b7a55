-- Of orders returned on the dates in scope and placed on others, a refund asks whether they bear revenue, no more.
insert into in_days.gold.fct_orders by name
select order_id, is_revenue
from ($orders)
where order_id in (select order_id from in_days.scope.returned_orders);

create table in_days.gold.fct_returns as
select returns.*
from memory.gold.fct_returns as returns
where returns.order_id in (select order_id from in_days.gold.fct_orders);
