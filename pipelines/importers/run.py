"""Turns a foreign export into landing folders."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import polars as pl

from contracts.base import Source
from contracts.errors import QueryError
from contracts.registry import sources
from contracts.settings import Settings
from pipelines.importers.currency import require_currency, write_currency
from pipelines.importers.landing_files import as_csv, files_by_day, header_only, replace_file, require_columns
from pipelines.importers.mapping import Mapping, load_mapping
from pipelines.importers.reading import find_files, read_sheets
from pipelines.importers.staging import Staging
from pipelines.importers.summary import ImportedSheet, ImportSummary, RowClass


def import_export(
    mapping: str | Path,
    files: Sequence[Path],
    settings: Settings,
    on_step: Callable[[str], None] | None = None,
) -> ImportSummary:
    """Write an export's rows into landing folders and account for each of them.

    `mapping` is a built-in name or a mapping's folder, `files` are files or folders of them; `on_step` is told what
    happens next. Each day gets one CSV a source, `<source>_<mapping>.csv`; the same export gives the same bytes.
    A day the mapping wrote before is replaced, and a source that has no row there any more becomes a header.
    The settings in hand do not change: read them again after the first import of a home, which may set the currency.

    Raises UnreadableExport for a file, UsageError and QueryError for a mapping, SettingsError or UsageError for a
    currency that is not the home's. Nothing is written then.
    """
    say = on_step or (lambda _: None)
    chosen = load_mapping(mapping)
    paths = find_files(files)
    require_currency(chosen.currency, settings)
    with closing(Staging(chosen)) as staging:
        sheets = _read(paths, staging, say)
        say("mapping")
        staging.build()
        classes = _classes(staging, chosen, sum(sheet.rows for sheet in sheets))
        notes = staging.query("select note from notes")["note"].to_list() if "notes" in chosen.steps else []
        landing = {name: staging.source(name) for name in chosen.selects}
        details = _details(staging)
    for name, rows in landing.items():
        require_columns(rows, sources()[name], chosen.name)

    say("writing landing folders")
    currency_written = write_currency(chosen.currency, settings)
    days = sorted({day for rows in landing.values() for day in rows["landing_date"].unique()})
    changed = sum(_land(rows, sources()[name], chosen, days, settings.landing) for name, rows in landing.items())
    details_path = settings.logs / f"import_{chosen.name}.csv"
    replace_file(details_path, as_csv(details))
    return ImportSummary(
        title=chosen.title,
        currency=chosen.currency,
        currency_written=currency_written,
        sheets=tuple(sheets),
        classes=tuple(classes),
        notes=tuple(notes),
        landed={name: rows.height for name, rows in landing.items()},
        folders=tuple(settings.landing / day.isoformat() for day in days),
        changed_files=changed,
        details=details_path,
        first_date=min(days, default=None),
        last_date=max(days, default=None),
    )


def _read(paths: Sequence[Path], staging: Staging, say: Callable[[str], None]) -> list[ImportedSheet]:
    sheets = []
    for path in paths:
        say(f"reading {path.name}")
        for sheet in read_sheets(path):
            notes = staging.add(sheet)
            sheets.append(ImportedSheet(sheet.label, sheet.rows.height, tuple(notes)))
    return sheets


def _classes(staging: Staging, mapping: Mapping, rows: int) -> list[RowClass]:
    """The classes, largest first. Raises QueryError unless each row of the export stands in exactly one."""
    counted = staging.query(
        "select count(*) as counted, count(distinct export.row_id) as known, count(row_class) as classed"
        " from accounting left join export on accounting.row_id = export.row_id"
    ).row(0)
    if counted != (rows, rows, rows):
        raise QueryError(
            f"_accounting.sql of the mapping {mapping.name} accounts for {counted[1]} of the export's {rows} rows"
            f" with {counted[0]} rows, {counted[2]} of them classed. It yields each row_id of `export` once,"
            " with a row_class."
        )
    found = staging.query(
        "select row_class, mapped_as, count(*) as rows_counted from accounting group by row_class, mapped_as"
        " order by mapped_as is null, rows_counted desc, row_class"
    )
    return [RowClass(name, mapped_as, count) for name, mapped_as, count in found.iter_rows()]


def _details(staging: Staging) -> pl.DataFrame:
    return staging.query(
        "select export.file, export.sheet, export.row_number, accounting.row_class, accounting.detail,"
        " export.* exclude (row_id, file, sheet, row_number)"
        " from accounting inner join export on accounting.row_id = export.row_id"
        " where accounting.mapped_as is null or accounting.detail is not null order by export.row_id"
    )


def _land(rows: pl.DataFrame, source: Source, mapping: Mapping, days: Sequence[date], landing: Path) -> int:
    """Write a source's files; how many are new or have other content than before."""
    name = f"{source.name}_{mapping.name}.csv"
    content = dict(files_by_day(rows, source))
    changed = 0
    for day in days:
        path = landing / day.isoformat() / name
        if day in content or path.exists():
            changed += replace_file(path, content.get(day, header_only(source)))
    return changed
