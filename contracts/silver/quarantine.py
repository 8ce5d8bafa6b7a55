"""quarantine: every row kept out, with all its reasons."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per bronze row that is or was kept out of silver.",
    columns=columns_of(
        "source",
        "landing_date",
        "source_file",
        "row_number",
        "row_hash",
        "raw",
        "reasons",
        "run_id",
        "quarantined_at",
        "status",
        "corrected_by?",
        status="open while the row is kept out, released once it was let in.",
    ),
    key=("source", "landing_date", "source_file", "row_number"),
)
