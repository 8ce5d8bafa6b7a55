"""Postgres is this lake's, and knows every release that the lake has a copy of."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lake import identity
from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home

NEEDS_ROWS = False


def find(home: Home) -> Iterator[Finding]:
    """A foreign database, a lost id, lost rows of `lakehouse.releases`."""
    if home.is_foreign:
        yield Finding(
            "release_rows",
            "lakehouse.lake",
            f"the database belongs to the lake {home.owner}; this one is {home.lake_id}.",
            "Name this home's own database in TILLHOUSE_DATABASE_URL, or an empty one, which --repair fills.",
        )
        return
    if home.lake_id is None and (home.kept or (Path(home.settings.lake) / identity.NAME).exists()):
        known = "the one Postgres knows" if home.owner is not None else "a new one, as Postgres knows none"
        yield Finding(
            "release_rows",
            f"lake/{identity.NAME}",
            "the lake has lost its id.",
            f"--repair writes {known}.",
            mend="releases",
        )
    recent = datetime.now(UTC) - timedelta(days=home.settings.retention_days)
    oldest = min(home.released, default=0)
    for number, copy in home.copies.items():
        if number in home.released or (number < oldest and copy.release.created_at < recent):
            continue  # else it is past retention, and the file alone is left
        yield Finding(
            "release_rows",
            "lakehouse.releases",
            f"release {number} (as of {copy.release.as_of}) has a copy in the lake and no row here.",
            "--repair writes it again from the copy.",
            mend="releases",
            rows=(str(number),),
            count=1,
        )
