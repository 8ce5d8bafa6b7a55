"""Engines and URLs on the embedded server, for real, and failures in our words."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from contracts.errors import DatabaseUnavailable, SettingsError
from contracts.settings import Settings
from serving import embedded, postgres


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    """A home with its embedded server."""
    folder = Path(tempfile.mkdtemp(prefix="th-", dir="/tmp"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        folder.chmod(0o755)
        made = Settings(home=folder / "home")
        yield made
        embedded.stop(made)
    shutil.rmtree(folder)


def password_of(settings: Settings) -> str:
    return (settings.postgres / "password").read_text().strip()


def external(url: str) -> Settings:
    return Settings(home=Path("/nowhere"), database_url=url)


def test_without_a_url_the_engine_is_on_the_embedded_server(settings: Settings) -> None:
    engine = postgres.engine(settings)
    with engine.connect() as connection:
        found = connection.execute(sqlalchemy.text("select current_database(), current_setting('application_name')"))
        assert tuple(found.one()) == ("tillhouse", "tillhouse")
    engine.dispose()


def test_an_engine_outlives_a_restart_of_the_server(settings: Settings) -> None:
    engine = postgres.engine(settings)
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("select 1"))
    embedded.stop(settings)
    embedded.start(settings)
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("select 1")).scalar() == 1
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg"])
def test_an_external_url_may_name_any_postgres_driver(scheme: str) -> None:
    made = postgres.database_url(external(f"{scheme}://ann:s%40crit@db:6000/shop?sslmode=require"))
    assert made == "postgresql+psycopg2://ann:s%40crit@db:6000/shop?sslmode=require"


@pytest.mark.parametrize("url", ["mysql://ann:secret@db/shop", "ann:secret@db", "postgres://ann:secret@db:port/shop"])
def test_a_url_that_is_not_of_postgres_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(SettingsError, match="TILLHOUSE_DATABASE_URL is not the URL of a Postgres") as refused:
        postgres.database_url(external(url))
    assert "secret" not in str(refused.value)


def test_a_redacted_url_holds_no_password(settings: Settings) -> None:
    assert postgres.redacted("postgresql+psycopg2://ann:secret@db:6000/shop") == "postgresql://ann@db:6000/shop"
    assert postgres.redacted("postgresql://db/shop?user=ann&password=secret") == "postgresql://db/shop?user=ann"
    assert password_of(settings) not in postgres.redacted(postgres.database_url(settings))


def test_a_redacted_url_keeps_its_parameters_and_no_secret_of_a_key() -> None:
    url = "postgresql://ann:secret@db/shop?options=-c%20a%3D1&sslpassword=secret"
    assert postgres.redacted(url) == "postgresql://ann@db/shop?options=-c%20a%3D1"


def test_a_connection_that_falls_silent_is_noticed_and_a_url_may_say_when(settings: Settings) -> None:
    for url, idle in ((embedded.start(settings), "30"), (embedded.start(settings) + "&keepalives_idle=5", "5")):
        engine = postgres.engine(external(url))
        with engine.connect() as connection:
            given = connection.connection.dbapi_connection.get_dsn_parameters()  # type: ignore[union-attr]
        engine.dispose()
        assert given["keepalives_idle"] == idle
        assert (given["keepalives_interval"], given["keepalives_count"]) == ("10", "3")
        assert given["tcp_user_timeout"] == "60000"


def test_a_server_before_postgres_14_is_refused() -> None:
    postgres.check_version(140000)
    with pytest.raises(DatabaseUnavailable, match="runs Postgres 13; tillhouse needs 14 or newer"):
        postgres.check_version(130014)


def test_no_answer_is_one_paragraph_without_the_password(tmp_path: Path) -> None:
    engine = postgres.engine(external(f"postgresql://ann:secret@/shop?host={tmp_path}"))
    with pytest.raises(DatabaseUnavailable, match="No such file or directory") as refused, postgres.translate_errors():
        engine.connect()
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_refused_password_is_not_shown(settings: Settings) -> None:
    right = password_of(settings)
    engine = postgres.engine(external(embedded.start(settings).replace(right, "guessed-wrong")))
    with pytest.raises(DatabaseUnavailable, match="password authentication failed") as refused:  # noqa: SIM117
        with postgres.translate_errors():
            engine.connect()
    assert "guessed-wrong" not in str(refused.value)


def test_a_failing_statement_does_not_show_its_values_and_errors_that_are_not_the_databases_pass(
    settings: Settings,
) -> None:
    engine = postgres.engine(settings)
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("set statement_timeout = 1"))
        with pytest.raises(DatabaseUnavailable, match="statement timeout") as refused, postgres.translate_errors():
            connection.execute(sqlalchemy.text("select pg_sleep(1), :name"), {"name": "Ann Customer"})
    assert "Ann" not in str(refused.value)
    assert "Ann" not in str(refused.value.__cause__)
    engine.dispose()
    with pytest.raises(KeyError), postgres.translate_errors():
        raise KeyError
