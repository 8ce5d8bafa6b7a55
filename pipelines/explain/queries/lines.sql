-- One row per line of an order: silver's values, gold's answer (gold_*), and the product version whose cost counts.
with order_lines as (
    select items.*, orders.created_at
    from silver.order_items as items
    -- Silver keeps no line without its order.
    inner join silver.orders as orders on items.order_id = orders.order_id
    where items.order_id = $order_id
),

-- The version with the greatest updated_at up to the order, else the first.
versions_in_force as (
    select
        lines.line_number,
        versions.updated_at,
        versions.unit_cost,
        versions.landing_date,
        versions.source_file,
        versions.row_number,
        versions.updated_at <= lines.created_at as is_in_force
    from order_lines as lines
    inner join silver.product_versions as versions on lines.product_id = versions.product_id
    qualify row_number() over (
        partition by lines.line_number
        order by
            versions.updated_at <= lines.created_at desc,
            case when versions.updated_at <= lines.created_at then versions.updated_at end desc,
            versions.updated_at
    ) = 1
)

select
    lines.line_number,
    lines.product_id,
    lines.quantity,
    lines.unit_price,
    lines.discount_amount,
    lines.tax_amount,
    lines.landing_date,
    lines.source_file,
    lines.row_number,
    facts.product_key,
    facts.gross_amount as gold_gross_amount,
    facts.discount_amount as gold_discount_amount,
    facts.tax_amount as gold_tax_amount,
    facts.net_amount as gold_net_amount,
    facts.returned_quantity as gold_returned_quantity,
    facts.refund_amount as gold_refund_amount,
    facts.cost_amount as gold_cost_amount,
    facts.profit_amount as gold_profit_amount,
    versions.updated_at as version_updated_at,
    versions.is_in_force as version_is_in_force,
    versions.unit_cost,
    versions.landing_date as version_landing_date,
    versions.source_file as version_source_file,
    versions.row_number as version_row_number,
    landed.unit_cost as version_unit_cost_text,
    landed.updated_at as version_updated_at_text
from order_lines as lines
left join gold.fct_order_items as facts
    on lines.order_id = facts.order_id and lines.line_number = facts.line_number
left join versions_in_force as versions on lines.line_number = versions.line_number
left join bronze.products as landed
    on
        versions.landing_date = landed.landing_date
        and versions.source_file = landed.source_file
        and versions.row_number = landed.row_number
order by lines.line_number
