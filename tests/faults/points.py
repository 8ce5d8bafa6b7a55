"""Fault points, put around a command from outside: the product knows nothing of them.

A point is a moment beside one effect on the world, `<what>:<which>:<before|during|after>`: a file written,
renamed, removed, synced; a write to a Delta table; a COPY; a COMMIT. `during` is the middle of it: half a file's
bytes; a table's Parquet without its log entry. A point passed again in the same run is `...#2`.
"""

import builtins
import contextlib
import errno
import io
import itertools
import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import deltalake
import psycopg2
import psycopg2.errors
import psycopg2.extensions

import lake.delta

KILL, EXCEPTION, FULL = "kill", "exception", "full"
NO_SPACE = "No space left on device"
PUBLISH = "publish"  # the COMMIT that makes a release
_PID = re.compile(r"\.\d+$")
_WRITES = re.compile(
    r"\b(insert into|update|delete from|lock table|create (?:table|schema|view)(?: if not exists)?|alter table|analyze)"
    r'\s+"?(\w+)"?(?:\."?(\w+)"?)?',
    re.IGNORECASE,
)
_SERVED = re.compile(r'(?:serving_v\d+\."?|copy "\w+ )(\w+)"?')  # also of a COPY into "come fct_orders"
_LOCKS = re.compile(r"pg_(?:try_)?advisory_(?:xact_)?(lock|unlock)\(")


class Unforeseen(Exception):
    """An error no code of the product knows."""


def transaction_name(statements: list[str]) -> str | None:
    """What a transaction is called by what it said: `publish`, or its last write; None where it wrote nothing."""
    if any("insert into lakehouse.releases" in each for each in statements):
        return PUBLISH
    for said in reversed(statements):
        if found := _WRITES.search(said):
            verb = " ".join(found[1].lower().split())
            target = f"{found[2]}.{found[3]}" if found[3] else found[2]
            return f"{verb} {target}"
        if found := _LOCKS.search(said):
            return found[1]
    return None


def copied_table(statements: list[str]) -> str:
    """The served table the next COPY is for."""
    named = (found[1] for said in reversed(statements) for found in _SERVED.finditer(said))
    return next(named, "staging")


@dataclass
class Points:
    """Writes down each point the run passes, and at one of them does what it was told."""

    home: Path
    seen: Path  # a line for each point passed
    point: str | None = None
    fault: str = KILL
    _counts: dict[str, Iterator[int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _file: int = -1

    def install(self) -> None:
        """Wrap everything, for the rest of this process."""
        self._file = os.open(self.seen, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._wrap_files()
        self._wrap_delta()
        self._wrap_postgres()

    def full_name(self, name: str) -> str:
        """The point's name in this run, and a line for it."""
        with self._lock:
            n = next(self._counts.setdefault(name, itertools.count(1)))
            full = name if n == 1 else f"{name}#{n}"
            # Of the many files of a Delta table that are synced one after the other, the first is the point.
            if n == 1 or not name.startswith("fsync:lake/"):
                os.write(self._file, f"{full}\n".encode())
        return full

    def passes(self, name: str, no_space: Callable[[], Exception]) -> None:
        """Pass a point; at the one wanted, die or raise."""
        if self.full_name(name) == self.point:
            self.strike(no_space)

    def strike(self, no_space: Callable[[], Exception]) -> None:
        """Do what was told, here."""
        if self.fault == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)
        if self.fault == FULL:
            raise no_space()
        raise Unforeseen(f"struck at {self.point}")

    @contextlib.contextmanager
    def around(self, name: str, no_space: Callable[[], Exception]) -> Iterator[None]:
        """The points before and after an effect."""
        self.passes(f"{name}:before", no_space)
        yield
        self.passes(f"{name}:after", no_space)

    def _inside(self, path: Any) -> str | None:
        """The path below the home, without process ids; None outside, and where Postgres keeps its own."""
        try:
            inside = Path(os.path.abspath(os.fsdecode(path))).relative_to(self.home)  # noqa: PTH100 (links stay links)
        except (ValueError, TypeError):
            return None
        if inside.parts[:1] == ("postgres",):
            return None
        return _PID.sub(".*", str(inside))

    def _wrap_files(self) -> None:
        for name in ("rename", "replace", "link"):
            self._wrap_two(name)
        for name in ("unlink", "mkdir"):
            self._wrap_one(name)
        real_tree, real_sync, real_open = shutil.rmtree, os.fsync, io.open

        def remove_tree(path: Any, *arguments: Any, **options: Any) -> None:
            with self._around_path("remove", path):
                real_tree(path, *arguments, **options)

        def sync(descriptor: int) -> None:
            path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))  # noqa: PTH115 (no real path: its file may be gone)
            lake = self.home / "lake"
            table = lake.joinpath(*path.relative_to(lake).parts[:2]) if path.is_relative_to(lake) else path
            with self._around_path("fsync", table):
                real_sync(descriptor)

        def open_(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            inside = self._inside(file) if set(mode) & set("wxa+") and not isinstance(file, int) else None
            if inside is None:
                return real_open(file, mode, *arguments, **options)
            no_space = _no_space(inside)
            self.passes(f"write:{inside}:before", no_space)
            opened = real_open(file, mode, *arguments, **options)
            during, after = (self.full_name(f"write:{inside}:{when}") for when in ("during", "after"))
            if self.point in {during, after}:
                return _Struck(opened, self, no_space, half=self.point == during)
            return opened

        shutil.rmtree, os.fsync, io.open, builtins.open = remove_tree, sync, open_, open_  # type: ignore[assignment]

    def _around_path(self, what: str, path: Any) -> contextlib.AbstractContextManager[None]:
        inside = self._inside(path)
        return contextlib.nullcontext() if inside is None else self.around(f"{what}:{inside}", _no_space(inside))

    def _wrap_two(self, name: str) -> None:
        real = getattr(os, name)

        def moved(source: Any, target: Any, **options: Any) -> None:
            with self._around_path(name, target):
                real(source, target, **options)

        setattr(os, name, moved)

    def _wrap_one(self, name: str) -> None:
        real = getattr(os, name)

        def done(path: Any, *arguments: Any, **options: Any) -> None:
            there = os.path.lexists(path)
            if options.get("dir_fd") is not None or there == (name == "mkdir"):
                real(path, *arguments, **options)  # part of a tree's removal, or without effect
                return
            with self._around_path(name, path):
                real(path, *arguments, **options)

        setattr(os, name, done)

    def _wrap_delta(self) -> None:
        real_write, real_restore = lake.delta.write_deltalake, deltalake.DeltaTable.restore

        def write(table: str | deltalake.DeltaTable, *arguments: Any, **options: Any) -> None:
            folder = _folder(table)
            which = "/".join(folder.parts[-2:])
            what = {"error": "create"}.get(options["mode"], options["mode"])
            no_space = _no_space(f"{which}/part.parquet")
            with self.around(f"{what}:{which}", no_space):
                real_write(table, *arguments, **options)
                if self.full_name(f"{what}:{which}:during") == self.point:
                    max(folder.joinpath("_delta_log").glob("*.json")).unlink()
                    self.strike(no_space)

        def restore(table: deltalake.DeltaTable, *arguments: Any, **options: Any) -> Any:
            which = "/".join(_folder(table).parts[-2:])
            with self.around(f"restore:{which}", _no_space(f"{which}/_delta_log")):
                return real_restore(table, *arguments, **options)

        lake.delta.write_deltalake, deltalake.DeltaTable.restore = write, restore  # type: ignore[assignment]

    def _wrap_postgres(self) -> None:
        points, real_connect = self, psycopg2.connect

        class Cursor(psycopg2.extensions.cursor):
            def execute(self, query: Any, parameters: Any = None) -> None:
                text = query if isinstance(query, str) else query.decode() if isinstance(query, bytes) else str(query)
                self.connection.said.append(text)
                super().execute(query, parameters)

            def copy_expert(self, sql: Any, file: Any, *arguments: Any) -> None:
                self.connection.said.append(str(sql))
                with points.around(f"copy:{copied_table(self.connection.said)}", _server_full):
                    super().copy_expert(sql, file, *arguments)

        class Connection(psycopg2.extensions.connection):
            def __init__(self, *arguments: Any, **options: Any) -> None:
                super().__init__(*arguments, **options)
                self.said: list[str] = []

            def commit(self) -> None:
                name = transaction_name(self.said)
                self.said.clear()
                with contextlib.nullcontext() if name is None else points.around(f"commit:{name}", _server_full):
                    super().commit()

            def rollback(self) -> None:
                self.said.clear()
                super().rollback()

        def connect(*arguments: Any, **options: Any) -> Any:
            factories = {"connection_factory": Connection, "cursor_factory": Cursor}
            return real_connect(*arguments, **{**factories, **options})

        psycopg2.connect = connect


class _Struck:
    """A file that is hit in the middle of its first write, or when it is closed."""

    def __init__(self, opened: Any, points: Points, no_space: Callable[[], Exception], *, half: bool) -> None:
        self._opened, self._points, self._no_space, self._half = opened, points, no_space, half

    def write(self, content: Any) -> int:
        if self._half:
            self._opened.write(content[: len(content) // 2])
            self._opened.flush()
            self._points.strike(self._no_space)
        return int(self._opened.write(content))

    def close(self) -> None:
        self._opened.close()
        if not self._half:
            self._half = True
            self._points.strike(self._no_space)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opened, name)

    def __enter__(self) -> "_Struck":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self._opened.close()


def faults_at(point: str) -> tuple[str, ...]:
    """The faults that stop a run there: an error after a folder was made is none to who wants it to be there."""
    return (KILL,) if point.startswith("mkdir:") and point.endswith(":after") else (KILL, EXCEPTION, FULL)


def _folder(table: str | deltalake.DeltaTable) -> Path:
    return Path(table if isinstance(table, str) else unquote(table.table_uri.removeprefix("file://")))


def _no_space(path: str) -> Callable[[], Exception]:
    return lambda: OSError(errno.ENOSPC, NO_SPACE, path)


def _server_full() -> Exception:
    return psycopg2.errors.DiskFull(f'could not extend file "base/16384/16397": {NO_SPACE}')
