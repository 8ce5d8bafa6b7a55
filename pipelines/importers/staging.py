"""An export as a DuckDB table, and the tables a mapping builds from it."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import polars as pl

from contracts.errors import QueryError, UnreadableExport
from lake import spill
from pipelines.importers.mapping import Mapping
from pipelines.importers.reading import Sheet

_SINGLE_DIGIT = r"\b\d\b"  # a day or month without a leading zero, as month-first dates are written


class Staging:
    """An in-memory DuckDB that holds `export` and what a mapping makes of it.

    `export`: one row per record of the files, in their order: row_id (from 1), file, sheet (null for a CSV),
    row_number (from 1 after the header), then the mapping's columns: text, or a timestamp where it names forms.
    """

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._con = spill.connect()
        # A mapping is somebody's SQL.
        self._con.execute("set autoinstall_known_extensions = false; set autoload_known_extensions = false")
        self._rows = 0
        columns = ", ".join(
            f'"{name}" {"TIMESTAMP" if name in mapping.timestamps else "VARCHAR"}' for name in mapping.columns
        )
        self._con.execute(
            f"create table export (row_id BIGINT, file VARCHAR, sheet VARCHAR, row_number BIGINT, {columns})"
        )

    def close(self) -> None:
        """Give the memory back."""
        self._con.close()

    def add(self, sheet: Sheet) -> list[str]:
        """Append a sheet to `export`; what is worth saying about it. Raises UnreadableExport."""
        headers = {name: self._header(sheet, name) for name in self._mapping.columns}
        rows = sheet.rows.select(
            pl.int_range(self._rows + 1, self._rows + 1 + sheet.rows.height, dtype=pl.Int64).alias("row_id"),
            pl.lit(sheet.path.name).alias("file"),
            pl.lit(sheet.name, pl.String).alias("sheet"),
            pl.int_range(1, 1 + sheet.rows.height, dtype=pl.Int64).alias("row_number"),
            *(pl.col(header).alias(name) for name, header in headers.items()),
        )
        forms = {name: self._form(sheet, headers[name], known) for name, known in self._mapping.timestamps.items()}
        typed = (
            f"try_strptime(\"{name}\", '{forms[name]}')" if name in forms else f'"{name}"' for name in rows.columns
        )
        self._con.from_arrow(rows.to_arrow()).project(", ".join(typed)).insert_into("export")
        self._rows += rows.height
        unusual = [f"{headers[name]} read as {form}" for name, form in forms.items() if not form.startswith("%Y")]
        return [*sheet.notes, *unusual]

    def build(self) -> None:
        """Build the mapping's lookups and tables on the way. Raises QueryError naming the file at fault."""
        for name, path in self._mapping.lookups.items():
            with self._blamed(path.name):
                self._con.from_arrow(pl.read_csv(path, infer_schema=False).to_arrow()).create(name)
        # From here on only the mapping's own SELECTs run, and they need nothing but what is here.
        self._con.execute("set enable_external_access = false")
        self._con.execute("set lock_configuration = true")
        for name, text in self._mapping.steps.items():
            with self._blamed(f"_{name}.sql"):
                self._con.sql(text).create(name)

    def source(self, name: str) -> pl.DataFrame:
        """The rows of a source's SELECT, in no order. Raises QueryError."""
        return self._run(f"{name}.sql", self._mapping.selects[name])

    def query(self, text: str) -> pl.DataFrame:
        """The answer to a question of our own about the built tables. Raises QueryError."""
        return self._run("_*.sql", text)

    def _run(self, file: str, text: str) -> pl.DataFrame:
        with self._blamed(file):
            return pl.DataFrame(self._con.sql(text).to_arrow_table())

    @contextmanager
    def _blamed(self, file: str) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            raise QueryError(f"{file} of the mapping {self._mapping.name} does not run: {error}. Mend it.") from None

    def _header(self, sheet: Sheet, name: str) -> str:
        wanted = self._mapping.columns[name]
        for header in wanted:
            if header in sheet.rows.columns:
                return header
        raise UnreadableExport(
            f"{sheet.path} is not the export {self._mapping.title}: {sheet.label} has no column"
            f" {' or '.join(wanted)}, only {', '.join(sheet.rows.columns) or 'none'}."
            " Check that it is the right file and that its first line is the header."
        )

    def _form(self, sheet: Sheet, header: str, forms: list[str]) -> str:
        """The first form all values have. Raises UnreadableExport where none does, or day and month are in doubt."""
        values = sheet.rows.select(pl.col(header).alias("value")).with_row_index("row_number", offset=1)
        values = values.drop_nulls().unique("value", keep="first")
        self._con.register("moments", values.to_arrow())
        form = next((form for form in forms if self._first_misfit(form) is None), None)
        if form is None:
            # The form that gets furthest is the one the file seems to be in.
            row_number, value = max(misfit for form in forms if (misfit := self._first_misfit(form)))
            raise UnreadableExport(
                f"{sheet.path} holds a time that does not fit the others: {value!r} in record {row_number} of"
                f" {sheet.label}. A sheet's times must all have one of the forms {', '.join(forms)}:"
                " write them as 2010-12-31 08:26:00."
            )
        if form.startswith("%m") and self._first_misfit(_day_and_month_swapped(form)) is None:
            dates = values["value"].str.split(" ").list.first()
            if not dates.is_empty() and not dates.str.contains(_SINGLE_DIGIT).any():
                raise UnreadableExport(
                    f"{sheet.path} writes times such as {values['value'].min()!r}, and nothing in {sheet.label} shows"
                    " whether the day or the month stands first. Write them as 2010-12-31 08:26:00."
                )
        return form

    def _first_misfit(self, form: str) -> tuple[int, str] | None:
        """Record and value of the first time that does not have the form, or is of no year the data model knows."""
        found = self._con.execute(
            "select row_number, value from moments"
            " where not coalesce(year(try_strptime(value, $form)) between 1970 and 2199, false)"
            " order by row_number limit 1",
            {"form": form},
        ).fetchall()
        return (int(found[0][0]), str(found[0][1])) if found else None


def _day_and_month_swapped(form: str) -> str:
    return form.translate(str.maketrans("md", "dm"))
