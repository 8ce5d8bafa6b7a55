"""Which row of a key wins, and where every other row goes.

Pure functions, frames to frames. A verdict holds each row it was given exactly once.
"""

from dataclasses import dataclass, replace

import polars as pl

from contracts.base import Source
from pipelines.silver.judge import DELETED, REASONS

# The latest of a key by these, in this order; so the result depends on what landed, never on when it was loaded.
ORDER = ("ingested_at", "landing_date", "source_file", "row_number")


@dataclass(frozen=True)
class Verdict:
    """Every judged row of a source, in one of three places."""

    kept: pl.DataFrame  # the current truth: one row per key
    superseded: pl.DataFrame  # good rows a later one replaced, and tombstones
    rejected: pl.DataFrame  # with `__reasons`

    @property
    def rows(self) -> int:
        """Rows in all three places."""
        return self.kept.height + self.superseded.height + self.rejected.height

    def with_kept(self, kept: pl.DataFrame) -> "Verdict":
        """The same verdict with columns added to what is kept."""
        return replace(self, kept=kept)


def latest_per_key(judged: pl.DataFrame, source: Source) -> Verdict:
    """The latest good row of each key is current; a tombstone that wins takes its key out."""
    rejected = judged.filter(pl.col(REASONS).list.len() > 0)
    good = judged.filter(pl.col(REASONS).list.len() == 0).sort(*source.key, *ORDER)
    key = pl.struct(source.key)
    wins = key.ne_missing(key.shift(-1))
    marked = good.with_columns((wins & ~pl.col(DELETED)).alias("__wins"))
    return Verdict(
        kept=marked.filter("__wins").drop("__wins"),
        superseded=marked.filter(~pl.col("__wins")).drop("__wins"),
        rejected=rejected,
    )
