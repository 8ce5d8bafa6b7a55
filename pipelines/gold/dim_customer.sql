-- One row per customer, with lifetime figures and the RFM segment as of the as-of date.
with buyers as (
    select
        customer_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        count(*) as orders,
        sum(gross_revenue) as gross_revenue,
        sum(net_revenue) as net_revenue
    from gold.fct_orders
    -- Orders without revenue make no buyer; guests stand in fct_revenue_daily.
    where is_revenue and customer_id is not null
    group by customer_id
),

-- Fifths of the buyers by rank; ties share the lowest rank.
scored_buyers as (
    select
        *,
        $as_of - last_order_date as recency_days,
        1 + 5 * (rank() over (order by last_order_date) - 1) // count(*) over () as recency_score,
        1 + 5 * (rank() over (order by orders) - 1) // count(*) over () as frequency_score,
        1 + 5 * (rank() over (order by net_revenue) - 1) // count(*) over () as monetary_score
    from buyers
),

-- The first that matches wins; a buyer's scores are never null.
segmented_buyers as (
    select
        *,
        case
            when recency_score >= 4 and frequency_score >= 4 and monetary_score >= 4 then 'Champions'
            when frequency_score >= 4 and recency_score >= 3 then 'Loyal'
            when recency_score <= 2 and frequency_score >= 4 and monetary_score >= 4 then 'Can''t Lose'
            when recency_score <= 2 and frequency_score >= 3 then 'At Risk'
            when recency_score >= 4 and (frequency_score = 1 or orders = 1) then 'New'
            when recency_score >= 3 and frequency_score <= 2 then 'Promising'
            when recency_score <= 2 and frequency_score <= 2 then 'Hibernating'
            else 'Need Attention'
        end as segment
    from scored_buyers
)

select
    customers.customer_id,
    customers.full_name,
    customers.email,
    customers.country,
    customers.region,
    customers.city,
    customers.signup_at,
    buyers.first_order_date,
    buyers.last_order_date,
    coalesce(buyers.orders, 0) as orders,
    coalesce(buyers.gross_revenue, 0) as gross_revenue,
    coalesce(buyers.net_revenue, 0) as net_revenue,
    buyers.recency_days,
    buyers.recency_score,
    buyers.frequency_score,
    buyers.monetary_score,
    coalesce(buyers.segment, 'Prospect') as segment
from silver.customers as customers
left join segmented_buyers as buyers on customers.customer_id = buyers.customer_id
