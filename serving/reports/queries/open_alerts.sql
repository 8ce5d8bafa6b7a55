-- One row per open alert, the worst first.
select
    alerts.product_id,
    coalesce(products.product_name, alerts.product_id) as product_name,
    alerts.severity,
    case alerts.severity when 'stockout' then 'Ran out' else 'Below reorder point' end as severity_label,
    alerts.opened_on,
    alerts.days_open,
    alerts.available,
    alerts.reorder_point,
    alerts.shortfall
from serving.fct_inventory_alerts as alerts
left join serving.dim_product as products on products.product_id = alerts.product_id and products.is_current
where alerts.resolved_on is null
order by alerts.shortfall desc, alerts.severity desc, alerts.product_id
