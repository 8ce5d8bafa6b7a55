-- What several models say in the same words. build.py makes these before it runs a model.

-- A status that bears revenue; null never does.
create or replace temp macro is_revenue_bearing(order_status) as
    coalesce(order_status in ('paid', 'fulfilled', 'delivered', 'returned'), false);

-- The value in units of 10^-8, a whole number: HUGEINT holds it exactly for any value below 10^30.
create or replace temp macro hundred_millionths(amount) as
    cast(trunc(cast(amount as decimal(38, 8))) as hugeint) * 100000000
    + cast((cast(amount as decimal(38, 8)) % 1) * 100000000 as hugeint);

-- amount / divisor as money: exact, rounded once, half away from zero, to 4 places; null where the
-- divisor is 0. DuckDB's own `/` of two decimals is a DOUBLE. amount has at most 8 places, divisor,
-- which is not negative, at most 4.
create or replace temp macro exact_quotient(amount, divisor) as
    cast(
        sign(hundred_millionths(amount))
        * (
            (2 * abs(hundred_millionths(amount)) + hundred_millionths(divisor) // 10000)
            // nullif(2 * (hundred_millionths(divisor) // 10000), 0)
        ) as decimal(38, 0)
    ) * cast(0.0001 as decimal(4, 4));

-- The first 16 hex characters of the MD5 of a thing and the moment it began: the same on every machine.
create or replace temp macro stable_key(thing, began) as
    left(md5(thing || '|' || cast(began as varchar)), 16);
