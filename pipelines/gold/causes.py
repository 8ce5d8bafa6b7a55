"""Why figures moved: what became of each order between two releases."""

from datetime import date

import duckdb

from pipelines.gold import build

# Every cause a restatement can have, and what it says.
CAUSES = {
    "late_order": "An order or a line landed after its day was published.",
    "status_change": "An order reached another state, or a state's time was set anew.",
    "return": "A return came in, or its day came.",
    "resent_row": "A row was sent again with other values, or mended after it was quarantined.",
    "quarantine_released": "A row that waited in quarantine was let in.",
    "deleted": "A tombstone took an order, a line, a return or what they refer to out.",
    "file_replaced": "A landed file was replaced by one of the same name with other content.",
    "setting_changed": "A setting that makes figures was changed.",
    "first_order_moved": "Another order of the customer is the first one now.",
}


def find(con: duckdb.DuckDBPyConnection, as_of_before: date, *, setting_changed: bool) -> None:
    """Make `changed.causes`: date and what became of an order of it; the date is null where all are meant.

    `con` has what `changes.find` and, of both releases, `scopes.touch` make.
    """
    for script in ("row_changes", "causes"):
        build.run_script(con, script, as_of_before=build.literal(as_of_before), setting_changed=str(setting_changed))
