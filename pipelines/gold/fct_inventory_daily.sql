-- One row per date and product, dense from the product's first movement to the as-of date.
with first_movements as (
    select product_id, min(movement_date) as first_date
    from silver.inventory_movements
    group by product_id
),

product_days as (
    select
        product_id,
        cast(unnest(generate_series(first_date, $as_of, interval 1 day)) as date) as date
    from first_movements
),

movements_by_day as (
    select
        product_id,
        movement_date,
        sum(case when movement_type in ('receipt', 'return') then quantity else 0 end) as received,
        sum(case when movement_type = 'shipment' then quantity else 0 end) as shipped,
        sum(case when movement_type = 'adjustment' then quantity else 0 end) as adjusted,
        sum(
            case movement_type when 'allocation' then quantity when 'release' then -quantity else 0 end
        ) as newly_allocated
    from silver.inventory_movements
    group by product_id, movement_date
),

-- Movements after the as-of date have no day yet.
daily_movements as (
    select
        product_days.date,
        product_days.product_id,
        coalesce(movements.received, 0) as received,
        coalesce(movements.shipped, 0) as shipped,
        coalesce(movements.adjusted, 0) as adjusted,
        coalesce(movements.newly_allocated, 0) as newly_allocated
    from product_days
    left join movements_by_day as movements
        on product_days.product_id = movements.product_id and product_days.date = movements.movement_date
),

stock_levels as (
    select
        *,
        sum(received + adjusted - shipped) over days_so_far as on_hand,
        sum(newly_allocated) over days_so_far as allocated,
        sum(shipped) over last_30_days as shipped_30d,
        count(*) over last_30_days as days_30d
    from daily_movements
    window
        days_so_far as (partition by product_id order by date rows unbounded preceding),
        last_30_days as (partition by product_id order by date rows 29 preceding)
),

levels_with_reorder_point as (
    select
        stock_levels.*,
        stock_levels.on_hand - stock_levels.allocated as available,
        dim_product.reorder_point
    from stock_levels
    left join gold.dim_product as dim_product
        on stock_levels.product_id = dim_product.product_id and dim_product.is_current
)

select
    date,
    product_id,
    received,
    shipped,
    adjusted,
    on_hand,
    allocated,
    available,
    reorder_point,
    available < reorder_point as at_risk,
    available <= 0 as is_stockout,
    shipped_30d / days_30d as avg_daily_shipped_30d,
    available * days_30d / nullif(shipped_30d, 0) as days_of_cover
from levels_with_reorder_point
