"""fct_restatements: what a release changed of days already published, and why."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per release, date and measure of fct_revenue_daily that the release changed after it was published.",
    columns=columns_of("release_id", "date", "measure", "old_value?", "new_value?", "difference?", "causes"),
    key=("release_id", "date", "measure"),
    scope="log",
)
