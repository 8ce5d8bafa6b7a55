-- One row per clock on which an order moved money: the sum of its rows of the ledger.
select
    clock,
    count(*) as events,
    sum(amount) as amount
from gold.fct_money_ledger
where order_id = $order_id
group by clock
order by clock
