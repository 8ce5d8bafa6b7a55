"""product_versions: every state a living product was in."""

import polars as pl

from pipelines.silver.judge import DELETED
from pipelines.silver.winner import ORDER, Verdict

KEY = ("product_id", "updated_at")


def derive(products: Verdict) -> pl.DataFrame:
    """One row per product and updated_at: of several the one that wins.

    A product taken out by a tombstone has none; sent again, it has its older versions back.
    """
    states = pl.concat([products.kept, products.superseded.filter(~pl.col(DELETED))], how="diagonal")
    living = states.join(products.kept.select("product_id"), on="product_id", how="semi")
    return living.sort(*KEY, *ORDER).unique(KEY, keep="last", maintain_order=True)
