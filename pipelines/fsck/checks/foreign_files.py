"""Nothing lies in the lake that no run wrote."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from contracts.base import Table
from contracts.registry import LAYERS, lake_tables
from lake import filenames
from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home

# What the Delta writer puts into a log, and what it calls it while it writes.
_LOG = re.compile(r"\d{20}\.(json|crc|checkpoint(\.\d+\.\d+)?\.parquet)|_last_checkpoint")
_UNFINISHED = re.compile(r"(\d{20}\.\w.*|_last_checkpoint)#\d+|_commit_[\w-]+\.json(\.tmp)?")
_NAMED = re.compile(rb'"path":"([^"]+)"')


NEEDS_ROWS = False


def find(home: Home) -> Iterator[Finding]:
    """Foreign files as damage; files of a run that died before it committed them as one note a table."""
    root = Path(home.settings.lake)
    if not root.is_dir():
        return
    for entry in sorted(os.scandir(root), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name in LAYERS:
            yield from _layer(home, entry.name, Path(entry.path))
        elif not entry.name.startswith("_"):
            yield _foreign("", entry.name)


def _layer(home: Home, layer: str, folder: Path) -> Iterator[Finding]:
    tables = {table.name: table for table in lake_tables().values() if table.layer == layer}
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name in tables:
            yield from _table(home, tables[entry.name])
        elif not (Path(entry.path) / filenames.LOG).is_dir():  # a table whose contract is gone stays
            yield _foreign("", f"{layer}/{entry.name}")


def _table(home: Home, table: Table) -> Iterator[Finding]:
    folder = home.folder(table)
    needed = {each.path for each in home.needed if each.table is table}
    needed |= {name for known, name in home.known_hashes[0] if known == table.full_name}
    unknown, unfinished = [], []
    for parent, _, names in os.walk(folder):
        below = os.path.relpath(parent, folder)
        for name in names:
            path = name if below == "." else f"{below}/{name}"
            if path in needed:
                continue
            if below == filenames.LOG:
                if _UNFINISHED.fullmatch(name):
                    unfinished.append(path)
                elif not _LOG.fullmatch(name):
                    unknown.append(path)
            elif filenames.is_data(table, path):
                unfinished.append(path)
            else:
                unknown.append(path)
    if unfinished:
        unfinished = sorted(set(unfinished) - _named_in_log(folder))
    if unfinished:
        yield Finding(
            "foreign_files", table.full_name,
            f"{len(unfinished)} files that no version holds, such as {unfinished[0]}, lie in its folder.",
            "A run that goes on or did not finish wrote them; no reader sees them. `tillhouse maintain` removes them.",
            damage=False, table=table.full_name, file=unfinished[0], count=len(unfinished),
        )  # fmt: skip
    for path in sorted(unknown):
        yield _foreign(table.full_name, path)


def _named_in_log(folder: Path) -> set[str]:
    """The files any version holds or held."""
    found: set[str] = set()
    for entry in (folder / filenames.LOG).glob("*.json"):
        found.update(path.decode() for path in _NAMED.findall(entry.read_bytes()))
    return found


def _foreign(table: str, path: str) -> Finding:
    return Finding(
        "foreign_files", f"{table} {path}" if table else f"lake/{path}", "no run wrote this file here.",
        "Take it away, or let --repair move it to lake/_foreign.", mend="foreign", table=table, file=path,
    )  # fmt: skip
