"""Opens a DuckDB that takes a part of the memory and works on disk beyond it."""

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from uuid import uuid4

import duckdb

# Of the machine's: polars and the writers need theirs beside it. All of gold from 3,000,000 orders is as quick as
# with DuckDB's own 80%, and takes a third longer with a tenth of it.
SHARE = "25%"


def connect(memory: str = SHARE) -> duckdb.DuckDBPyConnection:
    """An in-memory database that takes so much memory (a share of the machine's, or bytes) and spills what is more.

    It spills into the system's temporary folder, where nobody else can read it, and not into the current one.
    """
    con = duckdb.connect()
    con.execute(f"set memory_limit = '{memory}'")
    con.execute("set temp_directory = $folder", {"folder": str(_folder(os.getpid()) / uuid4().hex)})
    return con


@cache
def _folder(process: int) -> Path:
    """The process's own; it goes with it, and not with a child that was forked."""
    folder = Path(tempfile.mkdtemp(prefix="tillhouse-"))

    def remove() -> None:
        if os.getpid() == process:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder
