"""What a Delta writer calls its files."""

import re

from contracts.base import Table

LOG = "_delta_log"
HINT = "_last_checkpoint"  # in the log: which checkpoint is the newest
ENTRY = re.compile(r"(\d{20})\.json")
CHECKPOINT = re.compile(r"(\d{20})\.checkpoint(\.\d+\.\d+)?\.parquet")
# With #1 and so on while it writes.
_DATA = re.compile(r"part-\d{5}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-c\d{3}(\.\w+)?\.parquet(#\d+)?")


def is_data(table: Table, path: str) -> bool:
    """Is a path below the table's folder one that a writer gives its Parquet files, finished or not."""
    partition, _, name = path.rpartition("/")
    if _DATA.fullmatch(name) is None:
        return False
    if table.partition is None:
        return not partition
    return re.fullmatch(rf"{table.partition}=(\d{{4}}-\d\d-\d\d|__HIVE_DEFAULT_PARTITION__)", partition) is not None
