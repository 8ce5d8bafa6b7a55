-- One row per order line, whatever the order's status.
with returned_lines as (
    select order_id, line_number, sum(quantity) as returned_quantity, sum(refund_amount) as refund_amount
    from gold.fct_returns
    group by order_id, line_number
),

-- When each version of a product came into force; the first one holds for all time before it, too.
version_starts as (
    select
        product_id,
        unit_cost,
        updated_at,
        lead(updated_at) over (partition by product_id order by updated_at) as next_updated_at,
        lag(updated_at) over (partition by product_id order by updated_at) is null as is_first_version
    from silver.product_versions
),

version_periods as (
    select
        product_id,
        unit_cost,
        case when is_first_version then timestamp '1900-01-01' else updated_at end as valid_from,
        coalesce(next_updated_at, timestamp '9999-12-31') as valid_to
    from version_starts
),

-- A price holds over one or more versions, so each version lies in one row of dim_product.
priced_versions as (
    select
        versions.product_id,
        versions.unit_cost,
        versions.valid_from,
        versions.valid_to,
        dim_product.product_key
    from version_periods as versions
    left join gold.dim_product as dim_product
        on
            versions.product_id = dim_product.product_id
            and versions.valid_from >= dim_product.valid_from
            and versions.valid_from < dim_product.valid_to
),

-- Silver keeps no line without its order: the inner join loses nothing.
lines as (
    select
        items.order_id,
        items.line_number,
        orders.order_date,
        orders.created_at,
        items.product_id,
        orders.customer_id,
        orders.store_id,
        items.quantity,
        items.unit_price,
        items.quantity * items.unit_price as gross_amount,
        items.discount_amount,
        items.tax_amount,
        items.quantity * items.unit_price - items.discount_amount - items.tax_amount as net_amount,
        is_revenue_bearing(orders.status) as is_revenue
    from silver.order_items as items
    inner join silver.orders as orders on items.order_id = orders.order_id
),

lines_with_returns as (
    select
        lines.*,
        coalesce(returned_lines.returned_quantity, 0) as returned_quantity,
        coalesce(returned_lines.refund_amount, 0) as refund_amount
    from lines
    left join returned_lines
        on lines.order_id = returned_lines.order_id and lines.line_number = returned_lines.line_number
),

-- An unknown unit cost leaves cost and profit unknown.
lines_with_costs as (
    select
        lines.*,
        versions.product_key,
        (lines.quantity - lines.returned_quantity) * versions.unit_cost as cost_amount
    from lines_with_returns as lines
    left join priced_versions as versions
        on
            lines.product_id = versions.product_id
            and lines.created_at >= versions.valid_from
            and lines.created_at < versions.valid_to
)

select
    lines.order_id,
    lines.line_number,
    lines.order_date,
    lines.product_id,
    lines.product_key,
    lines.customer_id,
    coalesce(dim_store.store_id, 'unknown') as store_id,
    lines.quantity,
    lines.unit_price,
    lines.gross_amount,
    lines.discount_amount,
    lines.tax_amount,
    lines.net_amount,
    lines.returned_quantity,
    lines.refund_amount,
    lines.cost_amount,
    lines.net_amount - lines.refund_amount - lines.cost_amount as profit_amount,
    lines.is_revenue
from lines_with_costs as lines
left join gold.dim_store as dim_store on lines.store_id = dim_store.store_id
