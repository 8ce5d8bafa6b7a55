-- Detects: A gap or an overlap in a product's price history, an open end, or not exactly one current row.
-- Why: A line takes the version in force when it was ordered; of none or two it would lose or double its figures.
-- Severity: blocking
-- Table: gold.dim_product
with neighbours as (
    select
        product_id,
        valid_from,
        valid_to,
        is_current,
        lag(valid_to) over (partition by product_id order by valid_from) as valid_to_before,
        lead(valid_from) over (partition by product_id order by valid_from) as next_valid_from
    from gold.dim_product
)

select product_id, valid_from, valid_to, is_current, valid_to_before, next_valid_from
from neighbours
where
    valid_from >= valid_to
    or valid_from is distinct from coalesce(valid_to_before, timestamp '1900-01-01')
    or valid_to is distinct from coalesce(next_valid_from, timestamp '9999-12-31')
    or is_current is distinct from (next_valid_from is null)
order by product_id, valid_from
