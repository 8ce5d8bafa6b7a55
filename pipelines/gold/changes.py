"""What differs between the release before and silver as it is now, read from the files that differ.

In a connection with the layers as they are now it makes two schemas: `before`, gold of the release
before, and `changed`, the rows of silver only one of the two has, `side` saying which (before, after),
and `changed.files`, what this run loaded.
"""

from collections.abc import Mapping

import duckdb

from contracts.base import Table
from contracts.registry import tables
from lake import delta
from lake.connection import select_files, select_version

PLACE = "landing_date, source_file, row_number"
# What rows in scope and the causes of a restatement are found by. Provenance counts: the ledger cites file and row.
COLUMNS: dict[str, str] = {
    "orders": "*",
    "order_items": "*",
    "returns": "*",
    "customers": f"customer_id, {PLACE}",
    "products": f"product_id, {PLACE}",
    "stores": f"store_id, {PLACE}",
    "product_versions": "product_id, updated_at, list_price, unit_cost",
    "inventory_movements": "movement_id, product_id, movement_type, quantity, movement_date",
}


def find(con: duckdb.DuckDBPyConnection, root: str, before: Mapping[str, int], after: Mapping[str, int]) -> None:
    """Make both schemas. `before` and `after` name the versions; a table `before` does not know is empty in it."""
    con.execute("create schema before")
    con.execute("create schema changed")
    for table in tables("gold").values():
        version = before.get(table.full_name)
        select = select_files(table, []) if version is None else select_version(root, table, version)
        con.execute(f"create view before.{table.name} as {select}")
    for name, columns in COLUMNS.items():
        table = tables("silver")[name]
        gone, come = _files(root, table, before, after)
        # Rows of a file both versions have are the same.
        pairs = differing(table, f"select {columns} from ({gone})", f"select {columns} from ({come})")
        con.execute(
            f"create table changed.{name} as with pairs as ({pairs})"
            f" select 'before' as side, unnest(old) from pairs where old.{table.key[0]} is not null"
            f" union all select 'after', unnest(new) from pairs where new.{table.key[0]} is not null"
        )
    landed = tables("bronze")["landed_files"]
    gone, come = _files(root, landed, before, after)
    con.execute(
        "create table changed.files as"
        f" select now.source, now.landing_date, now.source_file, old.file_hash is not null as replaced"
        f" from ({come}) as now left join ({gone}) as old"
        " on now.landing_date = old.landing_date and now.source_file = old.source_file"
        " where now.file_hash is distinct from old.file_hash"
    )


def _files(root: str, table: Table, before: Mapping[str, int], after: Mapping[str, int]) -> tuple[str, str]:
    """The SELECTs over the files only the one and only the other version has."""
    version = before.get(table.full_name)
    old = set() if version is None else set(delta.files(root, table, version))
    new = set(delta.files(root, table, after[table.full_name]))
    return select_files(table, sorted(old - new)), select_files(table, sorted(new - old))


def differing(table: Table, old: str, new: str) -> str:
    """The SELECT of rows that differ: the structs `old` and `new`, of nulls where there is none.

    `old` and `new` are SELECTs with the key of the table, unique in each. A join by the key takes a fifth of
    the time of two EXCEPT ALL (measured on 500,000 orders).
    """
    same = " and ".join(f"old.{name} is not distinct from new.{name}" for name in table.key)
    return f"select old, new from ({old}) as old full join ({new}) as new on {same} where old is distinct from new"
