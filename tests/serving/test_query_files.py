"""Queries that stand on others."""

from pathlib import Path

from serving import query_files


def test_a_query_holds_the_queries_and_parts_it_stands_on_without_their_comments(tmp_path: Path) -> None:
    (tmp_path / "sums.part").write_text("sum(a) as a,\nsum(b) as b\n")
    (tmp_path / "rows.sql").write_text("-- One row per row.\nselect a, b\nfrom t  -- all of it\n")
    (tmp_path / "some.sql").write_text("-- Some.\nselect * from {query: rows} as rows\nwhere a > 0\n")
    (tmp_path / "whole.sql").write_text("-- The whole.\nselect\n    c,\n    {part: sums}\nfrom {query: some} as some\n")
    assert query_files.read(tmp_path, "whole") == (
        "-- The whole.\n"
        "select\n"
        "    c,\n"
        "    sum(a) as a,\n"
        "    sum(b) as b\n"
        "from (\n"
        "    select * from (\n"
        "        select a, b\n"
        "        from t  -- all of it\n"
        "    ) as rows\n"
        "    where a > 0\n"
        ") as some\n"
    )


def test_of_a_query_that_is_kept_in_a_table_the_name_is_asked(tmp_path: Path) -> None:
    (tmp_path / "rows.sql").write_text("select a from t\n")
    (tmp_path / "some.sql").write_text("select * from {query: rows} as rows\n")
    (tmp_path / "whole.sql").write_text("select sum(a)\nfrom {query: some} as some\n")
    assert query_files.read(tmp_path, "whole", {"rows": "pg_temp.rows"}) == (
        "select sum(a)\nfrom (\n    select * from pg_temp.rows as rows\n) as some\n"
    )
