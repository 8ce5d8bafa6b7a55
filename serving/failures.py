"""What Postgres or its driver says of a failure, in words that hold no customer's row and no password."""

import re
from collections.abc import Iterator

import psycopg2
from sqlalchemy.exc import DBAPIError

_DATA_ERRORS = "22"  # whose SQLSTATEs begin so quote the value at fault
# Where no server's parts are to be had, the parts that may quote rows begin with libpq's labels.
_PARTS = re.compile(r"^(?:DETAIL|HINT|CONTEXT|QUERY|STATEMENT|LOCATION|LINE \d+):.*", re.MULTILINE | re.DOTALL)
_PASSWORD = re.compile(r"(://[^\s:/@]*):[^\s@]*@|(password=)\S+")


class ConnectionLost(psycopg2.OperationalError):
    """The connection broke on the way; psycopg2's own words for it are many, and at times another error's."""


def words(error: BaseException) -> str:
    """What happened, as one line. Of what the server says its details and context are left out: they quote rows."""
    found = of_driver(error)
    if found is None:
        return type(error).__name__
    said, hint = found.diag.message_primary, found.diag.message_hint
    if said is None:
        said = _PARTS.sub("", str(found))
    elif (found.pgcode or "").startswith(_DATA_ERRORS):
        said = re.sub(r'".*"', "a value", said, flags=re.DOTALL)
    return _PASSWORD.sub(r"\1\2", " ".join(f"{said} {hint or ''}".split()))


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what is behind it."""
    while error is not None:
        yield error
        error = error.orig if isinstance(error, DBAPIError) else error.__cause__


def of_driver(error: BaseException) -> psycopg2.Error | None:
    """What psycopg2 raised, where that is behind the error."""
    return next((each for each in chain(error) if isinstance(each, psycopg2.Error)), None)


def take_rows_out(error: DBAPIError | psycopg2.Error) -> None:
    """Leaves the error and all it came of no other text than `words`, whoever shows or logs them later."""
    each: BaseException | None = error
    while each is not None:
        if isinstance(each, DBAPIError | psycopg2.Error):
            each.args = (words(each),)
        each = each.__cause__ or each.__context__
