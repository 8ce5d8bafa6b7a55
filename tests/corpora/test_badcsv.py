"""Other projects' bad CSVs, each dropped in as each source: as it is, and under that source's own header.

`just corpora` also loads them through the command line, which takes minutes.
"""

import csv
import functools
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.registry import sources
from pipelines.landing.preflight import Unreadable
from pipelines.landing.read import read
from tests.conftest import Home
from tests.corpora.shape import COLUMNS, line
from tests.corpora.tally import Outcomes, Tally, outcomes, show

SHARED = os.environ.get("TILLHOUSE_SHARED")
WHOLE = os.environ.get("CORPORA") == "whole"
pytestmark = pytest.mark.skipif(SHARED is None, reason="TILLHOUSE_SHARED does not name the folder of shared samples")
NO_CSV = {".json", ".md", ""}  # what stands beside them
AS_IT_IS, UNDER_OWN_HEADER = "as it is", "under own header"
DAYS = {source: f"2024-02-{number:02}" for number, source in enumerate(COLUMNS, 1)}


@functools.cache
def bodies() -> list[tuple[bytes, str]]:
    """Each file's bytes, and the ending it lands under."""
    found = sorted(path for path in (Path(str(SHARED)) / "data" / "badcsv").rglob("*") if path.is_file())
    files = [path for path in found if path.suffix not in NO_CSV]
    return [(path.read_bytes(), ".csv.gz" if path.suffix == ".gz" else ".csv") for path in files]


def landings(source: str) -> Iterator[tuple[str, str, bytes]]:
    """How it is dropped in, the file's name, its bytes."""
    header = line(COLUMNS[source].split()).encode()
    for number, (content, ending) in enumerate(bodies(), 1):
        yield AS_IT_IS, f"{source}_{number}{ending}", content
        body = gzip.decompress(content) if ending == ".csv.gz" else content
        below = header + body
        packed = gzip.compress(below, mtime=0) if ending == ".csv.gz" else below
        yield UNDER_OWN_HEADER, f"{source}_{number}_below{ending}", packed


@functools.cache
def records(content: bytes) -> int | None:
    """The records after the header by the csv module at its strictest; None where it refuses, or for no text."""
    csv.field_size_limit(2**31 - 1)
    try:
        plain = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        text = plain.decode("utf-8-sig")
        return None if "\0" in text else sum(map(bool, csv.reader(io.StringIO(text, newline=""), strict=True))) - 1
    except (UnicodeDecodeError, csv.Error, OSError, EOFError, zlib.error):
        return None


def test_there_are_files_to_try() -> None:
    assert len(bodies()) > 300


@pytest.mark.parametrize("source", COLUMNS)
def test_each_file_as_each_source_is_read_record_for_record_or_refused_with_a_reason(
    source: str, tmp_path: Path
) -> None:
    unexplained, read_rows = {}, 0
    for how, name, content in landings(source):
        path = tmp_path / name
        path.write_bytes(content)
        there = records(content)
        try:
            found = read(path, sources()[source]).rows.height
        except Unreadable as reason:
            # What the csv module reads is refused for its header alone.
            if there is not None and not (how == AS_IT_IS and "header" in str(reason)):
                unexplained[name] = str(reason)
            continue
        read_rows += found
        if found != there:
            unexplained[name] = f"{found} rows, {there} records"
    assert unexplained == {}
    assert read_rows > 1000


def part(found: Outcomes, source: str, how: str) -> Outcomes:
    """What became of one source's files dropped in one way."""

    def belongs(name: str) -> bool:
        stem, _, rest = name.rpartition(".csv")[0].rpartition(f"{source}_")
        return not stem and rest.endswith("_below") == (how == UNDER_OWN_HEADER) and rest.split("_")[0].isdecimal()

    return replace(
        found,
        rejected={name: reason for name, reason in found.rejected.items() if belongs(name)},
        landed={name for name in found.landed if belongs(name)},
        rows={place: outcome for place, outcome in found.rows.items() if belongs(place[0])},
    )


@pytest.mark.skipif(not WHOLE, reason="takes minutes; `just corpora` runs it")
def test_runs_over_all_of_them_account_for_every_file_and_every_record(home: Home) -> None:
    crashed = []
    for source, day in DAYS.items():
        folder = home.path / "landing" / day
        folder.mkdir(parents=True)
        for _, name, content in landings(source):
            (folder / name).write_bytes(content)
        ran = home.run("pipeline", day, "--max-reject-ratio", "1")
        if ran.exit_code:
            crashed.append((source, ran.err))

    found = outcomes(home)
    tallies: list[Tally] = []
    for source in COLUMNS:
        for how in (AS_IT_IS, UNDER_OWN_HEADER):
            own = part(found, source, how)
            files = {name: content for each, name, content in landings(source) if each == how}
            counted = dict.fromkeys(own.landed, 0)
            for name, _ in own.rows:
                counted[name] += 1
            unexplained = [name for name, rows in counted.items() if rows != records(files[name])]
            unexplained += [name for name, reason in own.rejected.items() if not reason]
            crashes = sum(each == source for each, _ in crashed)
            tallies.append(own.tally(f"badcsv {how}, {source}", len(files), crashes, len(unexplained)))
    show(tallies)
    assert not crashed
    assert found.conserved
    assert {(tally.crashes, tally.left, tally.unexplained) for tally in tallies} == {(0, 0, 0)}
