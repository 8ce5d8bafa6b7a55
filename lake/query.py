"""One read-only SELECT over a release."""

import duckdb

from contracts.errors import QueryError


def select(con: duckdb.DuckDBPyConnection, query: str) -> duckdb.DuckDBPyRelation:
    """Run one SELECT. Raises QueryError where it is anything else, or does not run."""
    try:
        statements = con.extract_statements(query)
    except duckdb.ParserException as error:
        raise QueryError(f"The query cannot be parsed: {_first_lines(error)}", "query") from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise QueryError("Only one SELECT can be run here; the lake is changed by `tillhouse pipeline` alone.", "query")
    try:
        return con.sql(statements[0]).materialize()  # now, because much fails only on the rows
    except duckdb.Error as error:
        raise QueryError(f"The query does not run: {_first_lines(error)}", "query") from None


def _first_lines(error: duckdb.Error) -> str:
    return " ".join(str(error).split())[:500]
