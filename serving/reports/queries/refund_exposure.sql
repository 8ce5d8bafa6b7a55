-- One row per category: what is delivered and may still come back inside the refund window, and what is expected to.
select category, lines, open_net, refund_rate::float8 as refund_rate, expected_refunds
from serving.agg_refund_exposure
order by expected_refunds desc nulls last, open_net desc, category
