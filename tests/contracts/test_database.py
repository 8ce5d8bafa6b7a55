"""One reading of the URL of a Postgres, for all who connect."""

import traceback

import pytest

from contracts.database import KEEPALIVES, beside, libpq_url, password_of
from contracts.errors import SettingsError


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_a_url_may_name_any_driver(scheme: str) -> None:
    assert libpq_url(f"{scheme}://ann:s%40crit@db:6000/shop") == "postgresql://ann:s%40crit@db:6000/shop"


@pytest.mark.parametrize("password", ["100%", "a%b", "a/b", "a?b", "a#b", "a:b", "a b", "%41"])
def test_a_password_may_hold_what_should_be_encoded(password: str) -> None:
    meant = "A" if password == "%41" else password
    assert password_of(f"postgresql://ann:{password}@db/shop") == meant


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///shop",
        "postgresql://db",
        "postgresql://[::1]:5432/shop",
        "postgresql://ann@/shop?host=/run/a%20b&port=6000",
    ],
)
def test_a_url_that_libpq_reads_stays_as_it_is(url: str) -> None:
    assert libpq_url(url) == url
    assert password_of(url) is None


def test_a_plus_in_a_parameter_is_a_blank() -> None:
    assert libpq_url("postgresql://db/shop?options=-c+a%3D1") == "postgresql://db/shop?options=-c%20a%3D1"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann:secret@db/shop",
        "ann:secret@db",
        "postgres://ann:secret@db:port/shop",
        "postgresql://ann:top@secret@db/shop",
        "postgresql://ann:%00secret@db/shop",
        "postgresql://db/shop?password=top&secret=1",
        "",
    ],
)
def test_what_is_no_url_of_a_postgres_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(SettingsError, match="TILLHOUSE_DATABASE_URL is not the URL of a Postgres") as refused:
        libpq_url(url)
    assert "secret" not in "".join(traceback.format_exception(refused.value)).replace(traceback.__file__, "")


def test_what_a_url_says_of_the_connection_stands() -> None:
    assert beside("postgresql://db/shop", connect_timeout=3) == {**KEEPALIVES, "connect_timeout": 3}
    given = beside("postgresql://db/shop?keepalives_idle=5&connect_timeout=9", connect_timeout=3)
    assert given == {name: value for name, value in KEEPALIVES.items() if name != "keepalives_idle"}
