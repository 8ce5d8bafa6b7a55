-- One row: the first and the last date there are figures for; nulls before the first order.
select
    min(date) as first_date,
    max(date) as last_date
from gold.fct_revenue_daily
