"""Tables written while the next ones are made: a writer of Parquet uses one core."""

from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from contracts.base import Table


class Writer:
    """Writes tables in the background and puts their new versions into `versions`.

    The version is noted as soon as a table is written: where another table fails, what was written is
    put back by it. Leaving the `with` block waits for all of them and raises the first failure.
    `most` bounds the tables begun and not yet written, and so the memory that waits.
    """

    def __init__(self, versions: dict[str, int], *, threads: int = 1, most: int | None = None) -> None:
        self._versions = versions
        self._most = most
        self._pool = ThreadPoolExecutor(threads)
        self._writing: dict[str, Future[None]] = {}  # by table, the one begun first first

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown()
        if error is None:
            self.wait()

    def write(self, table: Table, how: Callable[[int], int]) -> list[str]:
        """Begin a table; `how` gets the version it stands on and returns the new one.

        Returns the tables that were waited for, as `wait` does.
        """
        full = self._most is not None and len(self._writing) >= self._most
        waited = self.wait([next(iter(self._writing))]) if full else []

        def write() -> None:
            self._versions[table.full_name] = how(self._versions[table.full_name])

        self._writing[table.full_name] = self._pool.submit(write)
        return waited

    def wait(self, names: Collection[str] | None = None) -> list[str]:
        """Wait until these tables, or all, are written; returns those among them that were not yet waited for."""
        waited = [name for name in self._writing if names is None or name in names]
        for name in waited:
            self._writing.pop(name).result()
        return waited
