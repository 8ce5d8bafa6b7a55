"""What a release is made of, byte by byte: the SHA-256 of each Parquet file and Delta log entry it needs.

Names below a table's folder never come again with other bytes, so what an earlier release knows of a
name is carried over and only new files are read.
"""

import gzip
import json
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from contracts.registry import lake_tables
from lake import delta, durable
from lake.filenames import CHECKPOINT, ENTRY, LOG

# Table (`gold.fct_orders`) to name below its folder to SHA-256.
ByTable = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Hashes:
    """The Parquet files of a release, and the log entries that say so."""

    files: ByTable = field(default_factory=dict)
    log: ByTable = field(default_factory=dict)


def of(root: str, versions: Mapping[str, int], known: Hashes) -> Hashes:
    """The hashes of everything the versions need; a file that is not there has none."""
    files: ByTable = {}
    log: ByTable = {}
    for name in sorted(versions.keys() & lake_tables().keys()):
        table = lake_tables()[name]
        folder = Path(delta.location(root, table))
        paths = [os.path.relpath(path, folder) for path in delta.files(root, table, versions[name])]
        files[name] = _hashed(folder, paths, known.files.get(name, {}))
        log[name] = _hashed(folder / LOG, entries(folder, versions[name]), known.log.get(name, {}))
    return Hashes(files, log)


def entries(folder: Path, version: int) -> list[str]:
    """The names in the log that opening a version needs: the newest checkpoint up to it, and every entry after that."""
    names = [found.name for found in os.scandir(folder / LOG)]
    found = [(int(match[1]), match[0]) for name in names if (match := CHECKPOINT.fullmatch(name))]
    newest = max((number for number, _ in found if number <= version), default=-1)
    checkpoint = sorted(name for number, name in found if number == newest)
    return checkpoint + [f"{number:020}.json" for number in range(newest + 1, version + 1)]


def hash_all(paths: Iterable[Path]) -> list[str | None]:
    """The SHA-256 of each file, None where there is none; on all cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(durable.sha256, paths))


def _hashed(folder: Path, names: list[str], known: Mapping[str, str]) -> dict[str, str]:
    new = [name for name in names if name not in known]
    read = dict(zip(new, hash_all([folder / name for name in new]), strict=True)) if new else {}
    found = {name: known.get(name) or read.get(name) for name in names}
    return {name: digest for name, digest in sorted(found.items()) if digest}


def save_log(path: Path, root: str, hashes: Hashes, known: Hashes) -> None:
    """Keep the text of the log entries `known` lacks, so that one that is lost later can be put back."""
    saved = {}
    for name, log in hashes.log.items():
        folder = Path(delta.location(root, lake_tables()[name])) / LOG
        new = [entry for entry in log if entry not in known.log.get(name, {}) and ENTRY.fullmatch(entry)]
        saved[name] = {entry: (folder / entry).read_text(encoding="utf-8") for entry in new}
    durable.write(path, gzip.compress(json.dumps(saved).encode(), compresslevel=6, mtime=0))


def saved_log(path: Path) -> dict[str, dict[str, str]]:
    """The text of log entries as `save_log` kept it: table to entry to text."""
    found: dict[str, dict[str, str]] = json.loads(gzip.decompress(path.read_bytes()))
    return found
