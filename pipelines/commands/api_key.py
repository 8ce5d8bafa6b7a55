"""`tillhouse api-key`: who may use the API, and for what."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from contracts.settings import Settings
from pipelines import console


def commands(settings: Callable[[], Settings]) -> typer.Typer:
    """The group of commands, given how settings are found."""
    app = typer.Typer(help="Keys of the API: it asks for one as soon as there are any.")

    @app.command()
    def create(
        name: Annotated[str, typer.Argument(help="Who uses it, and for what.")],
        scope: Annotated[
            list[str] | None,
            typer.Option("--scope", help="metrics: every figure; customers: these, and personal data."),
        ] = None,
        expires: Annotated[
            datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it ends, in UTC; by default never.")
        ] = None,
    ) -> None:
        """Make a key and show it, once: only its hash is kept."""
        from serving import api_keys

        path = settings().api_keys
        ends = expires and expires.replace(tzinfo=UTC)
        key, text = api_keys.create(path, name, scope or ["metrics"], ends, datetime.now(UTC))
        console.err.print(
            f"Key {key.id} for {key.name}, scopes {', '.join(sorted(key.scopes))}. It is shown this once:", markup=False
        )
        console.out.print(text, markup=False, soft_wrap=True)

    @app.command("list")
    def list_() -> None:
        """The keys there are, without what they are."""
        from serving import api_keys

        now = datetime.now(UTC)
        for key in api_keys.read(settings().api_keys):
            ends = "never" if key.expires_at is None else f"{key.expires_at:%Y-%m-%d}"
            state = "expired" if key.is_expired(now) else "valid"
            console.out.print(
                f"{key.id}  {state}  {','.join(sorted(key.scopes))}  made {key.created_at:%Y-%m-%d}  ends {ends}  "
                f"{key.name}",
                markup=False,
                soft_wrap=True,
            )

    @app.command()
    def revoke(number: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")]) -> None:
        """Take a key away; a running service refuses it within a second."""
        from serving import api_keys

        key = api_keys.revoke(settings().api_keys, number)
        console.err.print(f"Key {key.id} for {key.name} is no key any more.", markup=False)

    return app
