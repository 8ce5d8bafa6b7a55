-- One row per product with a revenue-bearing line.
with product_sums as (
    select
        product_id,
        count(distinct order_id) as orders,
        sum(quantity) as units,
        sum(returned_quantity) as returned_units,
        sum(gross_amount) as gross_revenue,
        sum(discount_amount) as discounts,
        sum(refund_amount) as refunds,
        sum(net_amount - refund_amount) as net_revenue,
        -- One line of unknown cost leaves the product's cost unknown.
        case when count(cost_amount) = count(*) then sum(cost_amount) end as cost
    from gold.fct_order_items
    -- Lines without revenue stand in fct_order_items.
    where is_revenue
    group by product_id
),

ranked_products as (
    select
        *,
        net_revenue - cost as profit,
        sum(net_revenue) over () as total_net,
        sum(net_revenue) over (
            order by net_revenue desc, product_id rows unbounded preceding
        ) as cumulative_net
    from product_sums
)

select
    ranked.product_id,
    dim_product.product_name,
    dim_product.category,
    ranked.orders,
    ranked.units,
    ranked.gross_revenue,
    ranked.discounts,
    ranked.refunds,
    ranked.net_revenue,
    ranked.cost,
    ranked.profit,
    ranked.profit / nullif(ranked.net_revenue, 0) as margin,
    ranked.returned_units / ranked.units as return_rate,
    ranked.net_revenue / nullif(ranked.total_net, 0) as revenue_share,
    ranked.cumulative_net / nullif(ranked.total_net, 0) as cumulative_share,
    -- By the share before this product, in exact decimals; no share at all is C.
    case
        when ranked.total_net = 0 then 'C'
        when ranked.cumulative_net - ranked.net_revenue < 0.80 * ranked.total_net then 'A'
        when ranked.cumulative_net - ranked.net_revenue < 0.95 * ranked.total_net then 'B'
        else 'C'
    end as abc_class
from ranked_products as ranked
left join gold.dim_product as dim_product
    on ranked.product_id = dim_product.product_id and dim_product.is_current
