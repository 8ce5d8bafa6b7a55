"""Every Parquet file a release needs is there, byte for byte as it was released."""

from collections.abc import Iterator

import polars as pl

from lake import hashes
from pipelines.fsck.finding import Finding, Mend
from pipelines.fsck.home import Home, Needed

MENDS: dict[str, Mend] = {"bronze": "bronze", "silver": "derived", "gold": "derived", "quality": "derived"}
REMEDIES: dict[Mend, str] = {
    "bronze": "--repair loads its rows again from landing, or from an older file that holds them.",
    "derived": "--repair makes it again from bronze.",
}


NEEDS_ROWS = False


def find(home: Home) -> Iterator[Finding]:
    """Files that are missing, changed, or, where no hash is known, cannot be read."""
    wanted = [each for each in home.needed if f"{each.table.full_name}/{each.path}" not in home.lost]
    paths = [home.folder(each.table) / each.path for each in wanted]
    for each, path, found in zip(wanted, paths, hashes.hash_all(paths), strict=True):
        if found is None:
            yield _damaged(home, each, "is missing")
        elif each.digest is None:
            if said := _unreadable(path.as_posix()):
                yield _damaged(home, each, f"cannot be read ({said})")
        elif found != each.digest:
            yield _damaged(home, each, "is not what was released: its bytes have another SHA-256")
    for name in sorted(home.lost):
        yield Finding("parquet_files", name, "lost with an older release.", "--at cannot read that.", damage=False)


def _damaged(home: Home, each: Needed, what: str) -> Finding:
    table = each.table.full_name
    if each.current:
        home.broken.add(table)
        mend = MENDS[each.table.layer]
        remedy = REMEDIES[mend]
    else:
        mend = "none"
        span = ", ".join(map(str, each.releases[:5])) + (", ..." if len(each.releases) > 5 else "")
        what += f"; the release in force does not need it, release {span} does"
        remedy = "The older release cannot be made again: --repair notes it as lost, or restore a backup."
    return Finding(
        "parquet_files", f"{table} {each.path}", f"the file {what}.", remedy, mend=mend, table=table, file=each.path
    )


def _unreadable(path: str) -> str | None:
    try:
        pl.read_parquet(path, hive_partitioning=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        return str(error).splitlines()[0][:120]
    return None
