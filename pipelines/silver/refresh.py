"""Silver after a load: by the affected keys alone where that is enough, else from all of bronze."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from contracts.registry import sources, tables
from contracts.settings import Settings
from lake import delta, lookup
from lake.writer import Writer
from pipelines.silver.by_keys import Place, Update
from pipelines.silver.from_all import build


def refresh(
    root: str,
    base: Mapping[str, int] | None,
    versions: dict[str, int],
    files: Mapping[str, Sequence[Place]],
    settings: Settings,
    run_id: str,
    now: datetime,
) -> pl.DataFrame:
    """Write the silver tables, put their versions into `versions`, and return `quality.conservation`.

    `base` names the versions of the release before, or is None where all must be judged again; `files`
    the (landing date, name) of what was loaded since, by source. Both ways give the same rows.
    """
    knows_all = base is not None and all(table.full_name in base for table in tables("silver").values())
    if base is not None and knows_all and not _first_of_an_optional_parent(root, base, files):
        return Update(root, dict(base), versions, dict(files), settings, run_id, now).run()
    bronze = {
        name: delta.scan(root, source.table, versions[source.table.full_name]).drop("file_hash", "run_id").collect()
        for name, source in sources().items()
    }
    quarantine = tables("silver")["quarantine"]
    before = delta.read(root, quarantine, versions[quarantine.full_name])

    with Writer(versions, threads=2) as writer:

        def write(name: str, rows: pl.DataFrame) -> None:
            table = tables("silver")[name]
            writer.write(table, lambda version: delta.write_changes(root, table, rows, version))

        built = build(bronze, settings, run_id, now, before, write)
    return built.conservation


def _first_of_an_optional_parent(root: str, base: Mapping[str, int], files: Mapping[str, Sequence[Place]]) -> bool:
    """The first stores file makes every order ever landed a row to be judged."""
    parents = {
        reference.table for source in sources().values() for reference in source.references if reference.once_landed
    }
    return any(
        name in files and not lookup.row_count(root, source.table, base[source.table.full_name])
        for name, source in sources().items()
        if name in parents
    )
