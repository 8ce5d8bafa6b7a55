"""How a Postgres is named and reached, alike for everything that connects to one."""

import re
from typing import Any
from urllib.parse import quote, unquote

import psycopg2
from psycopg2.extensions import parse_dsn

from contracts.errors import SettingsError

# Of libpq. A firewall may drop a connection without a word to either side; left to the operating system, who waits
# for an answer then hears of it after hours.
KEEPALIVES = {
    "keepalives_idle": 30,  # seconds of silence before the other side is asked whether it is there
    "keepalives_interval": 10,  # seconds between questions
    "keepalives_count": 3,  # unanswered ones that end the connection
    "tcp_user_timeout": 60_000,  # milliseconds that what was sent may stay unacknowledged
}

_URL = re.compile(
    r"postgres(?:ql)?(?:\+\w+)?://(?:(?P<user>[^:/@]*)(?::(?P<password>[^@]*))?@)?"
    r"(?P<place>(?:\[[^]/?]*\]|[^][:/?,@]*)(?::\d*)?(?:/[^?]*)?)(?:\?(?P<query>.*))?"
)


def libpq_url(url: str) -> str:
    """The URL of a Postgres, password included, as libpq reads it, whichever driver it names.

    A password may hold what should be percent-encoded (but for `@`), and `+` in a parameter is a blank. Raises
    SettingsError, which does not show the URL.
    """
    found = _URL.fullmatch(url)
    if found is not None:
        user, password, query = found["user"], found["password"], found["query"]
        login = "" if user is None else _encoded(user) + ("" if password is None else f":{_encoded(password)}") + "@"
        made = f"postgresql://{login}{found['place']}" + (f"?{query.replace('+', '%20')}" if query else "")
        try:
            parse_dsn(made)
        except psycopg2.ProgrammingError:
            pass
        else:
            return made
    raise SettingsError(
        "TILLHOUSE_DATABASE_URL is not the URL of a Postgres. Write postgresql://user:password@host:5432/database "
        "with special characters of the password percent-encoded."
    )


def password_of(url: str) -> str | None:
    """The password that the URL holds; None where it holds none."""
    return parse_dsn(libpq_url(url)).get("password")


def beside(url: str, **usual: str | int) -> dict[str, Any]:
    """What to connect with beside the URL: KEEPALIVES and `usual`, but for what the URL itself says."""
    given = parse_dsn(libpq_url(url))
    return {name: value for name, value in {**KEEPALIVES, **usual}.items() if name not in given}


def _encoded(said: str) -> str:
    return quote(unquote(said), safe="")
