"""`tillhouse db`: the database of a home."""

import os
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from contracts.database import libpq_url, password_of
from contracts.errors import UsageError
from contracts.settings import Settings
from pipelines import console


class Role(StrEnum):
    """Who a tool connects as."""

    owner = "owner"
    api = "api"
    bi = "bi"


As = Annotated[
    Role, typer.Option("--role", help="owner publishes; api reads what the API reads; bi reads no personal data.")
]


def commands(settings: Callable[[], Settings]) -> typer.Typer:
    """The group of commands, given how settings are found."""
    app = typer.Typer(help="The database of the home: an embedded Postgres unless TILLHOUSE_DATABASE_URL names one.")

    @app.command()
    def start() -> None:
        """Start the embedded server, if it is not running."""
        from serving import postgres, roles

        found = _embedded(settings())
        url = postgres.database_url(found)
        roles.prepare(postgres.engine(found), found)
        console.out.print(postgres.redacted(url), markup=False, soft_wrap=True)

    @app.command()
    def stop() -> None:
        """Stop the embedded server."""
        from serving import embedded

        console.out.print("stopped" if embedded.stop(_embedded(settings())) else "was not running")

    @app.command()
    def status() -> None:
        """Is the database there."""
        import sqlalchemy as sa

        from serving import embedded, postgres

        home = settings()
        if home.database_url is not None:
            tried = postgres.redacted(home.database_url)
            with postgres.translate_errors(tried), postgres.engine(home).connect() as connection:
                version = connection.scalar(sa.text("show server_version"))
            console.out.print(f"external, version {version}, {tried}", markup=False)
            return
        found = embedded.status(home)
        console.out.print(
            f"running, version {found.version}, pid {found.pid}, {found.url}" if found.running else "stopped",
            markup=False,
        )

    @app.command()
    def url(role: As = Role.owner) -> None:
        """The URL for tools, with its password where it is known; starts the embedded server."""
        console.out.print(_url(settings(), role), markup=False, soft_wrap=True)

    @app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
    def psql(context: typer.Context, role: As = Role.owner) -> None:
        """A psql session on the database; what follows goes to psql."""
        from serving import embedded, postgres

        binary, url = str(embedded.psql()), _url(settings(), role)
        # Any user of the machine may read a command line.
        password = password_of(url)
        given = os.environ if password is None else {**os.environ, "PGPASSWORD": password}
        os.execve(binary, [binary, postgres.redacted(url), *context.args], given)  # noqa: S606 (no shell is meant)

    return app


def _embedded(settings: Settings) -> Settings:
    """The settings of a home whose database is embedded. Raises UsageError where it is external."""
    if settings.database_url is not None:
        raise UsageError("The database is external (TILLHOUSE_DATABASE_URL); start or stop it where it runs.")
    return settings


def _url(settings: Settings, role: Role) -> str:
    from serving import postgres, roles

    if role is Role.owner:
        return libpq_url(postgres.database_url(settings))
    return libpq_url(roles.url(settings, {Role.api: roles.API, Role.bi: roles.BI}[role]))
