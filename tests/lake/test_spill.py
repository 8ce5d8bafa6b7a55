"""Work that needs more memory than there is goes to disk."""

import os
import stat
from pathlib import Path

import pytest

from lake import connection


def test_a_question_beyond_its_memory_spills_where_nobody_else_reads_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    con = connection.open_layers(str(tmp_path / "lake"), {})
    con.execute("set memory_limit = '100MB'")
    folder = Path(con.sql("select current_setting('temp_directory')").fetchall()[0][0])
    # 3,000,000 rows of 40 characters and more do not fit.
    con.execute("create temp table wide as select i, hash(i) || '-' || hash(i + 1) as text from range(3000000) r(i)")
    assert con.sql("select count(distinct text) from wide").fetchall() == [(3_000_000,)]
    assert any(folder.iterdir())
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    con.close()
    assert not folder.exists()
    assert not any(tmp_path.iterdir())


def test_a_lake_opened_takes_at_most_a_quarter_of_the_memory_there_is(tmp_path: Path) -> None:
    with connection.open_layers(str(tmp_path), {}) as con:
        [(limit,)] = con.sql("select current_setting('memory_limit')").fetchall()
    amount, unit = limit.split()
    there_is = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert float(amount) * {"MiB": 2**20, "GiB": 2**30}[unit] < 0.26 * there_is
