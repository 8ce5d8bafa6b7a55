"""Reads the files of a foreign export as text: CSV, gzipped CSV and every sheet of an Excel workbook."""

import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from contracts.errors import UnreadableExport
from pipelines.landing.preflight import Records, Unreadable, inspect

ENDINGS = (".csv", ".csv.gz", ".xlsx")


@dataclass(frozen=True)
class Sheet:
    """One table of a file: text columns by header name, stripped, null where blank; one row a record."""

    path: Path
    name: str | None  # of an Excel sheet
    rows: pl.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The file, and the sheet where there are several."""
        return self.path.name if self.name is None else f"{self.path.name}, sheet {self.name}"


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The files to read, each once, in the order given; of a folder all it can read, by name.

    Raises UnreadableExport for a path that does not exist or is of no known kind, and for an empty folder.
    """
    found: dict[Path, Path] = {}  # by what a link leads to
    for path in paths:
        if path.is_dir():
            inside = sorted(item for item in path.iterdir() if item.is_file() and _readable(item))
            if not inside:
                raise UnreadableExport(f"The folder {path} holds no {', '.join(ENDINGS)}. Name the export's files.")
            for item in inside:
                found.setdefault(item.resolve(), item)
        elif not path.is_file():
            raise UnreadableExport(f"There is no file {path}. Name the export's file, or the folder of its files.")
        elif not _readable(path):
            raise UnreadableExport(f"{path} is none of {', '.join(ENDINGS)}. Save the export in one of these forms.")
        else:
            found.setdefault(path.resolve(), path)
    return list(found.values())


def read_sheets(path: Path) -> Iterator[Sheet]:
    """The tables of a file, empty Excel sheets left out. Raises UnreadableExport, naming file and reason."""
    if path.name.lower().endswith(".xlsx"):
        yield from _excel_sheets(path)
    else:
        yield _csv_sheet(path)


def _readable(path: Path) -> bool:
    return path.name.lower().endswith(ENDINGS) and not path.name.startswith((".", "~$"))


def _csv_sheet(path: Path) -> Sheet:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableExport(f"{path} cannot be read: {error.strerror}. Check its permissions.") from None
    if path.name.lower().endswith(".gz"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            raise UnreadableExport(f"{path} is no whole gzip file. Fetch or copy it again.") from None
    notes: tuple[str, ...] = ()
    if not _is_utf8(data):
        data = data.decode("latin-1").encode("utf-8")
        notes = ("not UTF-8; read as Latin-1",)
    try:
        records = inspect(data)
    except Unreadable as reason:
        raise UnreadableExport(
            f"{path} cannot be read as CSV: {reason}. Export it again, or save it as CSV UTF-8 or .xlsx."
        ) from None
    _refuse_ragged(path, records)
    return Sheet(path, None, _clean(_parsed(path, records), records.header), notes)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # A UTF-16 file says so in its first two bytes and is refused with that reason.
        return data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return True


def _refuse_ragged(path: Path, records: Records) -> None:
    if not records.ragged.any():
        return
    first = int(records.ragged.argmax())
    line = records.data.count(b"\n", 0, int(records.starts[first])) + 1
    raise UnreadableExport(
        f"{path} has {records.field_counts[first]} fields in line {line} where its header has {len(records.header)}"
        f" ({int(records.ragged.sum())} such records in all). A comma or quote inside a value was probably not quoted:"
        " mend the line, or export the file again."
    )


def _parsed(path: Path, records: Records) -> pl.DataFrame:
    """The records as text columns c0, c1, ..."""
    names = [f"c{index}" for index in range(len(records.header))]
    if not records.count:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String()))
    frame = _parse(records.data[records.starts[0] :], names)
    if frame.height != records.count:
        # Empty lines are no records, but the parser makes rows of them.
        bounds = zip(records.starts.tolist(), records.ends.tolist(), strict=True)
        frame = _parse(b"\n".join(records.data[start:end] for start, end in bounds), names)
    if frame.height != records.count:
        raise UnreadableExport(
            f"{path} holds {records.count} records but was parsed as {frame.height} rows. Save it as .xlsx instead."
        )
    return frame


def _parse(data: bytes, names: list[str]) -> pl.DataFrame:
    return pl.read_csv(io.BytesIO(data), has_header=False, schema=dict.fromkeys(names, pl.String()))


def _excel_sheets(path: Path) -> Iterator[Sheet]:
    try:
        workbook = fastexcel.read_excel(path)
        for name in workbook.sheet_names:
            rows = workbook.load_sheet(name, header_row=None, dtypes="string").to_polars()
            if rows.height:
                header = tuple((value or "").strip() for value in rows.row(0))
                yield Sheet(path, name, _clean(rows.slice(1), header))
    except fastexcel.FastExcelError as error:
        raise UnreadableExport(
            f"{path} cannot be read as an Excel workbook: {error}. Open it and save it again as .xlsx, or as CSV UTF-8."
        ) from None


def _clean(frame: pl.DataFrame, header: tuple[str, ...]) -> pl.DataFrame:
    """Text stripped, blanks null; of two columns of one name the last counts."""
    position = {name: index for index, name in enumerate(header) if name}
    stripped = [pl.nth(index).str.strip_chars().alias(name) for name, index in position.items()]
    return frame.select(stripped).select(
        pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in position
    )
