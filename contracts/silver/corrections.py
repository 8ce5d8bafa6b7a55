"""corrections: which landed rows say, in `_file` and `_row`, whose place they take."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per landed row that names the row it corrects, as `tillhouse quarantine export` writes it.",
    columns=columns_of(
        "source",
        "landing_date",
        "source_file",
        "row_number",
        "corrected_by",
        "ingested_at",
        landing_date="Landing date of the row that is corrected.",
        source_file="File of the row that is corrected.",
        row_number="Record of the row that is corrected.",
        corrected_by="The row that says so: `<landing_date>/<source_file>#<row_number>`.",
        ingested_at="When the row that says so was exported; of several good ones the latest counts.",
    ),
    key=("source", "landing_date", "source_file", "row_number", "corrected_by"),
    served=False,
)
