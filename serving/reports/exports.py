"""The tables of a report for other tools: one Excel workbook, typed and formatted, and one archive of CSV files."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter

from serving.reports import formats
from serving.reports.query import Row
from serving.reports.release import Release

WORKBOOK, CSVS, SUMS = "tables.xlsx", "tables-csv.zip", "SHA256SUMS"
_SHARES = ("share", "rate", "margin", "support", "confidence", "retention")
_SHEET = 31  # letters Excel allows in a sheet's name
_EPOCH = (1980, 1, 1, 0, 0, 0)  # same tables, same bytes


def workbook(tables: dict[str, list[Row]], release: Release) -> bytes:
    """A sheet per table that has rows, with a header that stays, filters, and a first sheet that lists them.

    Text is written as text, so that no name becomes a formula. Excel holds figures as floating point; the CSV files
    hold them exactly.
    """
    whole = io.BytesIO()
    with xlsxwriter.Workbook(whole, {"in_memory": True}) as book:
        book.set_properties({"title": f"Tables as of {release.as_of.isoformat()}", "created": release.published_at})
        digits = formats.minor_digits(release.currency)
        styles = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "money": book.add_format({"num_format": "#,##0" + ("." + "0" * digits if digits else "")}),
            "count": book.add_format({"num_format": "#,##0"}),
            "number": book.add_format({"num_format": "#,##0.00"}),
            "share": book.add_format({"num_format": "0.0%"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "text": book.add_format({}),
        }
        contents = book.add_worksheet("contents")
        contents.set_column(0, 0, 30)
        contents.write_row(0, 0, ("Table", "Rows"), styles["head"])
        filled = {name: rows for name, rows in sorted(tables.items()) if rows}
        for at, (name, rows) in enumerate(filled.items(), start=1):
            contents.write_url(at, 0, f"internal:'{name[:_SHEET]}'!A1", string=name)
            contents.write_number(at, 1, len(rows), styles["count"])
            _sheet(book.add_worksheet(name[:_SHEET]), rows, styles)
        line = f"As of {release.as_of.isoformat()}, release {release.release_id}, amounts in {release.currency}"
        contents.write_string(len(filled) + 2, 0, line)
    return whole.getvalue()


def csv_archive(tables: dict[str, list[Row]]) -> bytes:
    """A zip with one CSV per table: UTF-8, a header, amounts exact, dates ISO 8601, nulls empty."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in sorted(tables.items()):
            if not rows:
                continue
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(rows[0])
            writer.writerows([_text(value) for value in row.values()] for row in rows)
            archive.writestr(zipfile.ZipInfo(f"{name}.csv", _EPOCH), text.getvalue(), zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def _sheet(sheet: Any, rows: list[Row], styles: dict[str, Any]) -> None:
    names = list(rows[0])
    for column, name in enumerate(names):
        kind = _kind(name, next((row[name] for row in rows if row[name] is not None), None))
        sheet.set_column(column, column, 28 if kind == "text" else 14)
        sheet.write_string(0, column, name.replace("_", " "), styles["head"])
        for at, row in enumerate(rows, start=1):
            _cell(sheet, at, column, row[name], styles[kind])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(rows), len(names) - 1)


def _cell(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value), style)


def _kind(name: str, value: Any) -> str:
    if isinstance(value, bool | str) or value is None:
        return "text"
    if isinstance(value, date):
        return "date"
    if isinstance(value, Decimal):
        return "money"
    if isinstance(value, float):
        return "share" if any(part in name for part in _SHARES) else "number"
    return "count"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
