"""landed_files: what of each file is in bronze, header-only files included."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per landed file, as last loaded.",
    columns=columns_of("landing_date", "source_file", "source", "file_hash", "file_bytes", "rows", "run_id"),
    key=("landing_date", "source_file"),
    served=False,
)
