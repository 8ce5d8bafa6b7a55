"""Data quality: runs, checks, the rows kept out, and which tables each visual comes from."""

from collections.abc import Callable
from typing import Any

from serving.reports.formats import money, plural
from serving.reports.model import PageSpec
from serving.reports.pages.queries import catalogue
from serving.reports.periods import Periods
from serving.reports.query import Row
from serving.reports.release import Release


def context(release: Release, _periods: Periods, dataset: Callable[[str], list[Row]]) -> dict[str, Any]:
    """What is held back and what it is worth, and the queries that visuals come from with the tables they read."""
    held = dataset("money_at_risk")[0]
    return {
        "at_risk": money(held["gross"], release.currency),
        "held_rows": plural(held["held_rows"], "row"),
        "unpriced": held["lines"] - held["priced_lines"],
        "lineage": [query for query in catalogue() if query.visuals],
    }


PAGE = PageSpec(
    order=70, title="Data quality", template="quality.html.j2", context=context, heading="Can these figures be trusted?"
)
