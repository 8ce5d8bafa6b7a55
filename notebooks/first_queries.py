# %% [markdown]
# # First queries
#
# A release of the lake from a notebook: read-only, and the same while a pipeline runs. Open this file in Jupyter
# (as a percent script), in VS Code, or run it: `TILLHOUSE_HOME=demo-data uv run python notebooks/first_queries.py`.

# %%
import polars as pl

import lake

con = lake.connect()

# %% [markdown]
# ## What there is

# %%
print(lake.tables().group_by("table", maintain_order=True).agg(pl.col("grain").first(), pl.len().alias("columns")))

# %% [markdown]
# ## Net revenue, week by week
#
# `gold.fct_revenue_daily` is dense: a day without orders is a row of zeros, so weeks can be summed without gaps.

# %%
weekly = con.sql("""
    select week_start, sum(orders)::bigint as orders, sum(net_revenue) as net_revenue
    from gold.fct_revenue_daily
    join gold.dim_date on date_key = date
    group by week_start
    order by week_start
""").pl()
print(weekly)

# %% [markdown]
# ## The identity holds on every day
#
# `net_revenue = gross_revenue - discounts - refunds - taxes`, in exact decimals.

# %%
off = con.sql("""
    select count(*) from gold.fct_revenue_daily
    where net_revenue <> gross_revenue - discounts - refunds - taxes
""").fetchall()[0][0]
print(f"days on which the identity does not hold: {off}")

# %% [markdown]
# ## The same table in polars, lazily

# %%
best = (
    lake.scan("gold.fct_order_items")
    .filter(pl.col("is_revenue"))
    .group_by("product_id")
    .agg(pl.col("net_amount").sum(), pl.col("quantity").sum())
    .sort("net_amount", "product_id", descending=[True, False])
    .head(5)
    .collect()
)
print(best)

# %% [markdown]
# ## What another tool needs
#
# The Delta table and the version the release holds. Without the version a reader sees the newest write, released or
# not.

# %%
print(lake.path("gold.fct_orders"), "version", lake.version("gold.fct_orders"))
