-- One row per return of an order, as gold refunds it.
select
    return_id,
    refund_amount,
    refunded_tax
from gold.fct_returns
where order_id = $order_id
