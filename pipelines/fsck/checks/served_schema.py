"""Postgres has every served table, key, index, view and history that the contracts name."""

from collections.abc import Iterator

import sqlalchemy as sa

from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home
from serving import whole

NEEDS_ROWS = False


def find(home: Home) -> Iterator[Finding]:
    """What somebody dropped or changed, or what a changed contract has not brought yet."""
    if home.release is None or home.is_foreign:
        return
    version = 0
    if home.has("lakehouse.serving_version"):
        version = home.database.scalar(sa.text("select max(version) from lakehouse.serving_version")) or 0
    for lack in whole.lacks(home.database, f"serving_v{version}"):
        yield Finding(
            "served_schema",
            lack.place,
            f"it {lack.said}.",
            "`tillhouse publish` or --repair makes it again.",
            mend="served",
            table=lack.place,
        )
