-- One row per week between delivery and return: returns, and how many came too late for a refund.
select
    least(days_since_delivery / 7, 8) as week,
    case
        when days_since_delivery / 7 >= 8 then '56+'
        else days_since_delivery / 7 * 7 || '-' || days_since_delivery / 7 * 7 + 6
    end as days,
    count(*) as returns,
    count(*) filter (where not refund_eligible) as without_refund,
    sum(refund_amount) as refunds
from serving.fct_returns
where days_since_delivery >= 0 and return_date <= :as_of
group by 1, 2
order by 1
