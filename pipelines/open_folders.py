"""Landing folders that a run took up and did not load, because it stopped or died: every later run names them."""

from collections.abc import Collection, Mapping
from datetime import date

from contracts.settings import Settings
from pipelines.landing import folder
from pipelines.plan import plan
from pipelines.ports import Records


def look_back(
    settings: Settings,
    records: Records,
    coming: Collection[date],
    loaded: Mapping[tuple[date, str], str],
    rejected: Mapping[tuple[date, str], set[str]],
) -> list[date]:
    """The open folders, but those `coming` now, that still hold a file no release has loaded and no run rejected.

    The others are closed: they were loaded by a run that died before it could say so, mended, or taken away.
    """
    before = set(records.open_folders()) - set(coming)
    there = sorted(before.intersection(folder.dates(settings.landing)))
    unloaded = [day for day in there if plan(settings, [day], loaded, rejected).files]
    records.close(sorted(before.difference(unloaded)))
    return unloaded
