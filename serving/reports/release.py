"""The release a report shows: what it is of, and the settings its figures were made with."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from contracts.errors import NotFound
from serving.reports.query import fetch


@dataclass(frozen=True)
class Release:
    """One published release and the settings recorded with it."""

    release_id: int
    run_id: str
    as_of: date
    published_at: datetime  # in the business time zone
    currency: str
    timezone: str


def read_release(connection: Connection, release_id: int) -> Release:
    """The release as the open transaction sees it.

    Raises NotFound where schema `serving` does not hold this release.
    """
    rows = fetch(connection, "release", release_id=release_id)
    if not rows:
        raise NotFound(
            f"Schema serving does not hold release {release_id}, so no report of it can be written. "
            "Publish the release first."
        )
    row = rows[0]
    published_at: datetime = row["published_at"]
    if published_at.tzinfo is not None:
        published_at = published_at.astimezone(ZoneInfo(row["timezone"]))
    return Release(
        release_id=row["release_id"],
        run_id=row["run_id"],
        as_of=row["as_of"],
        published_at=published_at.replace(tzinfo=None),
        currency=row["currency"],
        timezone=row["timezone"],
    )
