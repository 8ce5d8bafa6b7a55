"""Lineage below the models, by contract: landed file, bronze, silver, and the books kept beside them."""

from collections.abc import Iterable, Iterator

from contracts.base import BOOKKEEPING, PROVENANCE, Column, Source, Table
from contracts.registry import sources, tables
from pipelines.lineage.model import Made, Place
from pipelines.lineage.trace import ROWS, Inputs, Node

# Columns any file may have beside its own; bronze keeps them in `extra`.
OPTIONAL = {
    "ingested_at": "When the shop exported the row (optional).",
    "deleted": "True takes the key out (optional).",
    "_file": "The landed file whose row this one corrects (optional).",
    "_row": "The row of that file (optional).",
}
BOOKED = {
    "landing_date": "The date of the landing folder.",
    "ingested_at": "The landing date's midnight, at loading.",
    "source_file": "The name of the landed file.",
    "row_number": "The place of the record in its file.",
    "row_hash": "A hash of the declared values.",
    "file_hash": "The SHA-256 of the file's bytes.",
    "run_id": "The run that loaded the file.",
}
WINNING = (
    "Of the good rows of a key the latest by ingested_at, landing date, file and row; a bad row waits in "
    "silver.quarantine with every reason."
)
# Derived dates, and the silver column each is the date of.
DATES = {
    ("orders", "order_date"): Node("silver.orders", "created_at"),
    ("order_items", "order_date"): Node("silver.orders", "order_date"),
    ("returns", "return_date"): Node("silver.returns", "returned_at"),
    ("inventory_movements", "movement_date"): Node("silver.inventory_movements", "occurred_at"),
}
SOURCE_OF = {"product_versions": "products"}  # where it is not the table's own name
KEPT_BESIDE = {
    "quarantined_at": "The clock, when the row was first kept out.",
    "reasons": "The rules of the source's contract, all that the row breaks.",
    "status": "Open until the row is let in.",
    "raw": "The whole row as it arrived.",
}
# Kept by each run itself in the database, outside the release.
RUN_RECORDS = {
    "bronze.rejected_files": "Files that could not be read as their source, and why.",
    "quality.check_results": "What each check of each run observed.",
    "quality.run_steps": "The steps of each run: rows in, rows out, seconds.",
    "quality.runs": "Every run and how it ended.",
    "quality.stopped_quarantine": "The rows kept out by a run that stopped.",
}


def places() -> Iterator[Place]:
    """Everything that is no gold table: files, bronze, silver, quality."""
    for source in sources().values():
        yield _file(source)
        yield _bronze(source)
    for table in tables("silver").values():
        source_name = SOURCE_OF.get(table.name, table.name)
        if source_name in sources():
            yield _silver(table, sources()[source_name])
    yield _landed_files(tables("bronze")["landed_files"])
    yield _corrections(tables("silver")["corrections"])
    yield _quarantine(tables("silver")["quarantine"])
    yield _conservation(tables("quality")["conservation"])
    for name, words in RUN_RECORDS.items():
        yield Place(name, name.partition(".")[0], words, note="Written by each run itself.")


def file_of(source: str) -> str:
    """`orders.csv`, whatever the landed file's full name."""
    return f"{source}.csv"


def _from(*nodes: Node) -> Inputs:
    return Inputs(frozenset(nodes))


def _rows(*names: str) -> Inputs:
    return _from(*(Node(name, ROWS) for name in names))


def _file(source: Source) -> Place:
    declared = {column.name: Made(meaning=column.meaning) for column in source.columns}
    optional = {name: Made(meaning=meaning) for name, meaning in OPTIONAL.items() if name not in declared}
    note = f"landing/<date>/{source.name}[_anything].csv[.gz]"
    return Place(file_of(source.name), "landing", source.grain, declared | optional, note=note)


def _bronze(source: Source) -> Place:
    file = file_of(source.name)
    made = {column.name: Made(_from(Node(file, column.name)), "", column.meaning) for column in source.columns}
    for column in BOOKKEEPING:
        inputs, words = Inputs(), BOOKED.get(column.name, "")
        if column.name == "extra":
            inputs = _from(*(Node(file, name) for name in OPTIONAL))
            words = "Columns of the file that no contract declares, as JSON."
        elif column.name == "row_hash":
            inputs = _from(*(Node(file, name) for name in source.names))
        made[column.name] = Made(inputs, words, column.meaning)
    return Place(
        f"bronze.{source.name}", "bronze", source.grain, made, _rows(file), "Every row as it arrived, as text."
    )


def _silver(table: Table, source: Source) -> Place:
    bronze = f"bronze.{source.name}"
    # The row of the key that wins, where its parents are there.
    decides = {Node(bronze, name) for name in table.key}
    for reference in source.references:
        parent = f"silver.{reference.table}"
        key = tables("silver")[reference.table].key
        decides |= {Node(bronze, name) for name in reference.columns} | {Node(parent, name) for name in key}
    made = {}
    for column in table.columns:
        inputs = _from(DATES.get((table.name, column.name), Node(bronze, column.name)))
        words = ""
        if (table.name, column.name) in DATES:
            words = "Its date."
        elif column.name == "ingested_at":
            inputs = _from(Node(bronze, "extra"), Node(bronze, "ingested_at"))
            words = "The file's own ingested_at, else the landing date's midnight."
        made[column.name] = Made(Inputs(inputs.value, frozenset(decides) - inputs.value), words, column.meaning)
    return Place(table.full_name, "silver", table.grain, made, _rows(bronze), WINNING)


def _landed_files(table: Table) -> Place:
    words = BOOKED | {
        "source": "The source whose name the file's name begins with.",
        "file_bytes": "The size of the landed file.",
    }
    files = [file_of(name) for name in sources()]
    made = _in_words(table.columns, words) | {
        "rows": Made(_rows(*files), "Records of the file.", "Records in the file.")
    }
    return Place(table.full_name, "bronze", table.grain, made, _rows(*files))


def _corrections(table: Table) -> Place:
    names = [f"bronze.{name}" for name in sources()]
    extra = _from(*(Node(name, "extra") for name in names))
    made = {
        column.name: Made(extra, "What the mended row says in _file and _row.", column.meaning)
        for column in table.columns
    }
    for column in ("source", "corrected_by"):
        made[column] = Made(words="Where the mended row itself landed.", meaning=made[column].meaning)
    return Place(table.full_name, "silver", table.grain, made, _rows(*names))


def _quarantine(table: Table) -> Place:
    names = [f"bronze.{name}" for name in sources()]
    made = _in_words(table.columns, BOOKED | KEPT_BESIDE | {"source": "The source the row landed in."})
    for column in PROVENANCE:
        if column.name in made:
            inputs = _from(*(Node(name, column.name) for name in names))
            made[column.name] = Made(inputs, meaning=column.meaning)
    for name in ("raw", "reasons"):
        made[name] = Made(_rows(*names), made[name].words, made[name].meaning)
    winners = [f"silver.{name}" for name in sources()]
    correcting = Inputs(frozenset({Node("silver.corrections", "corrected_by")}), _rows(*winners).value)
    made["corrected_by"] = Made(
        correcting, "A later good row of its key, or one that names it.", made["corrected_by"].meaning
    )
    made["run_id"] = Made(words="The run that kept the row out.", meaning=made["run_id"].meaning)
    return Place(
        table.full_name, "silver", table.grain, made, _rows(*names), "Judged by the rules of contracts/sources."
    )


def _conservation(table: Table) -> Place:
    counted = {
        "bronze_rows": _rows(*(f"bronze.{name}" for name in sources())),
        "current_rows": _rows(*(f"silver.{name}" for name in sources())),
        "quarantined_rows": _rows("silver.quarantine"),
    }
    counted["superseded_rows"] = counted["bronze_rows"]
    words = {"source": "The name of the source.", "superseded_rows": "Good rows that are not the current ones."}
    made = {
        column.name: Made(counted.get(column.name, Inputs()), words.get(column.name, ""), column.meaning)
        for column in table.columns
    }
    return Place(table.full_name, "quality", table.grain, made, _rows(*(f"bronze.{name}" for name in sources())))


def _in_words(columns: Iterable[Column], words: dict[str, str]) -> dict[str, Made]:
    return {column.name: Made(words=words.get(column.name, ""), meaning=column.meaning) for column in columns}
