"""Reports change together with the release: written before its commit, shown after it.

`reports/.pending/<release_id>` holds a report that waits for its commit; `reports/<as_of>` the newest
of that date; `reports/<as_of>.<release_id>` one that it replaced. Callers hold the lock of runs, so that
one process at a time works here.
"""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from contracts.errors import NotFound
from contracts.settings import NumberFormat
from serving.reports import formats
from serving.reports.archive import FACTS, write_archive
from serving.reports.assets import write_assets
from serving.reports.files import disk_errors, move, remove, write_durably
from serving.reports.release import read_release
from serving.reports.render import render

PENDING = ".pending"


def write_pending(
    connection: Connection, reports: Path, release_id: int, number_format: NumberFormat = "1,234.5"
) -> Path:
    """Writes the report of a release that is about to be committed, and returns its folder.

    Reads schema `serving` and `lakehouse.releases` through the given connection, inside its
    transaction, which it neither commits nor rolls back. Raises NotFound where they do not hold the release,
    InfrastructureError where the disk fails.
    """
    # Sums of all orders: in memory, and on two cores although many rows go from one to the other.
    connection.exec_driver_sql(
        "set local work_mem = '128MB'; set local hash_mem_multiplier = 4; set local parallel_tuple_cost = 0.01"
    )
    with formats.numbers(number_format):
        rendered = render(connection, read_release(connection, release_id))
    folder = reports / PENDING / str(release_id)
    part = folder.with_name(f"{release_id}.part")
    with disk_errors(reports):
        remove(folder)
        remove(part)
        write_assets(reports)
        for name, content in rendered.files.items():
            write_durably(part / name, content)
        write_durably(part / FACTS, (json.dumps(rendered.facts, ensure_ascii=False, indent=1) + "\n").encode())
        move(part, folder)
    return folder


def show(reports: Path, release_id: int, as_of: date) -> Path:
    """Moves the pending report of a committed release to its date, and returns where it stands.

    A report of another release that stood there moves, whole, to `<as_of>.<its release_id>`. Safe to call
    again after a stop at any point. Raises NotFound where there is no report of the release,
    InfrastructureError where the disk fails.
    """
    with disk_errors(reports):
        return _show(reports, release_id, as_of)


def finish_pending(reports: Path, released: Callable[[int], bool]) -> list[Path]:
    """Shows the pending reports of releases that were committed and removes all others.

    `released` says whether a release was committed. Returns the folders shown, in order of release.
    Also brings the archive up to date, if a stop left it behind.
    """
    with disk_errors(reports):
        folder = reports / PENDING
        waiting = sorted(int(item.name) for item in folder.iterdir() if item.name.isdigit()) if folder.exists() else []
        shown = []
        for release_id in waiting:
            if released(release_id):
                facts = json.loads((folder / str(release_id) / FACTS).read_text(encoding="utf-8"))
                shown.append(_show(reports, release_id, date.fromisoformat(facts["as_of"])))
        remove(folder)
        if reports.exists():
            _write_what_is_shared(reports)
    return shown


def _show(reports: Path, release_id: int, as_of: date) -> Path:
    pending = reports / PENDING / str(release_id)
    old = pending.with_name(f"{release_id}.old")  # an earlier writing of the same release
    target = reports / as_of.isoformat()
    if pending.exists():
        standing = _release_of(target)
        if standing is not None and standing > release_id:
            target = _replaced(target, release_id)
            standing = _release_of(target)
        if standing == release_id:
            remove(old)
            move(target, old)
        elif standing is not None:
            move(target, _replaced(target, standing))
        move(pending, target)
    elif _release_of(target) != release_id:
        target = _replaced(target, release_id)
        if _release_of(target) is None:
            raise NotFound(
                f"There is no report of release {release_id} in {reports}. Write it with `tillhouse report`."
            )
    remove(old)
    _write_what_is_shared(reports)
    return target


def _write_what_is_shared(reports: Path) -> None:
    write_assets(reports)
    write_archive(reports)


def _replaced(target: Path, release_id: int) -> Path:
    return target.with_name(f"{target.name}.{release_id}")


def _release_of(folder: Path) -> int | None:
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return int(facts["release_id"])
