"""The Delta logs: every entry a release needs is there, unchanged, and says what the release holds."""

import os
import re
from collections.abc import Iterator

from contracts.base import Table
from contracts.errors import LakeUnavailable
from contracts.registry import lake_tables
from lake import delta, durable, filenames, hashes, logs
from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home

AGAIN = "--repair puts it back as the lake keeps it beside its releases."
UNRELEASED = "--repair moves it and what follows it to lake/_foreign; nothing released is in it."


NEEDS_ROWS = False


def find(home: Home) -> Iterator[Finding]:
    """Missing and changed entries; logs that name other files than the release; broken entries of no release."""
    _, known = home.known_hashes
    for (name, entry), digest in sorted(known.items()):
        if name not in lake_tables() or not _is_needed(home, name, entry):
            continue
        path = home.folder(lake_tables()[name]) / filenames.LOG / entry
        found = durable.sha256(path)
        if found != digest:
            home.broken.add(name)
            what = "is missing" if found is None else "was changed since the release"
            yield Finding(
                "log_entries", f"{name} {filenames.LOG}/{entry}", f"this Delta log entry {what}.", AGAIN,
                mend="log", table=name, file=f"{filenames.LOG}/{entry}",
            )  # fmt: skip
    for table in home.tables:
        if table.full_name not in home.broken:
            yield from _says_the_same(home, table)
    for table in lake_tables().values():
        if (home.folder(table) / filenames.LOG).is_dir():
            yield from _after_the_release(home, table)


def _is_needed(home: Home, name: str, entry: str) -> bool:
    """Does a kept release need the entry; a table that a release holds needs all up to its version."""
    found = re.match(r"\d{20}", entry)
    newest = max((release.versions.get(name, -1) for release in home.kept.values()), default=-1)
    return found is not None and int(found[0]) <= newest


def _says_the_same(home: Home, table: Table) -> Iterator[Finding]:
    """The log, opened at the released version, names the files that the release's copy names."""
    release = home.release
    if release is None:
        return
    name = table.full_name
    version = release.versions[name]
    try:
        found = delta.files(home.settings.lake, table, version)
    except LakeUnavailable as error:
        home.broken.add(name)
        if checkpoint := _younger_checkpoint(home, table, version):
            yield _broken_checkpoint(table, checkpoint)
            return
        yield Finding(
            "log_entries", f"{name} {filenames.LOG}", f"version {version} cannot be opened: {error}", AGAIN,
            mend="log", table=name,
        )  # fmt: skip
        return
    copy = home.copies.get(release.release_id)
    if copy is None or copy.release != release or copy.hashes is None:
        return
    paths = {os.path.relpath(path, home.folder(table)) for path in found}
    if other := sorted(paths ^ set(copy.hashes.files.get(name, {}))):
        if checkpoint := _younger_checkpoint(home, table, version):
            home.broken.add(name)
            yield _broken_checkpoint(table, checkpoint)
            return
        yield Finding(
            "log_entries", f"{name} {filenames.LOG}",
            f"version {version} and the release's copy differ by {len(other)} files, such as {other[0]}.", AGAIN,
            mend="copy", table=name, file=other[0],
        )  # fmt: skip


def _younger_checkpoint(home: Home, table: Table, version: int) -> str | None:
    """The checkpoint the version is opened by, if it was made after the release and no hash proves it."""
    newest = hashes.entries(home.folder(table), version)[0]
    known = (table.full_name, newest) in home.known_hashes[1]
    return newest if filenames.CHECKPOINT.fullmatch(newest) and not known else None


def _broken_checkpoint(table: Table, entry: str) -> Finding:
    """The entries are what was released, so what sums them up is not."""
    return Finding(
        "log_entries", f"{table.full_name} {filenames.LOG}/{entry}",
        "this checkpoint cannot be read or says other than the entries it sums up.",
        "--repair moves it to lake/_foreign; the entries hold all that it should.",
        mend="log", table=table.full_name, file=f"{filenames.LOG}/{entry}",
    )  # fmt: skip


def _after_the_release(home: Home, table: Table) -> Iterator[Finding]:
    """Entries newer than any release: readable ones are a run's; the next run removes others."""
    name = table.full_name
    released = max((release.versions.get(name, -1) for release in home.kept.values()), default=-1)
    log = home.folder(table) / filenames.LOG
    newer, torn = logs.beyond(log, released)
    if torn:
        entry, expected = logs.entry(log, torn[0]).name, released + 1 + len(newer)
        what = "cannot be read" if torn[0] == expected else f"follows no entry {expected}"
        yield Finding(
            "log_entries", f"{name} {filenames.LOG}/{entry}",
            f"this Delta log entry, of no release, {what}.", UNRELEASED,
            mend="log", table=name, file=f"{filenames.LOG}/{entry}",
        )  # fmt: skip
        return
    if newer and name not in home.broken and _unreleased_files(home, table, newer[-1]):
        yield Finding(
            "log_entries", f"{name}", f"{len(newer)} versions after the release hold other rows, which no reader sees.",
            "They are of a run that goes on or did not finish; the next run puts the table back.",
            damage=False, table=name,
        )  # fmt: skip


def _unreleased_files(home: Home, table: Table, newest: int) -> bool:
    version = home.release.versions.get(table.full_name, 0) if home.release else 0
    try:
        return set(delta.files(home.settings.lake, table, newest)) != set(
            delta.files(home.settings.lake, table, version)
        )
    except LakeUnavailable:
        return False  # a run that goes on
