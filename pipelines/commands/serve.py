"""`tillhouse serve`: the API and the report archive, until told to end."""

import os
from collections.abc import Callable
from importlib import import_module
from typing import Annotated

import typer

from contracts.errors import DatabaseUnavailable
from contracts.settings import Settings
from pipelines import console


def command(settings: Callable[[], Settings]) -> Callable[..., None]:
    """The command, given how settings are found."""

    def serve(
        host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
        port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
        workers: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = 1,
    ) -> None:
        """Serve the API and the report archive."""
        from serving import postgres, roles

        chosen = settings()
        if chosen.api_database_url is None:
            try:
                roles.prepare(postgres.engine(chosen), chosen)
            except DatabaseUnavailable as error:
                if chosen.database_url is None:
                    raise
                console.err.print(f"Serving without a database until it answers: {error}", markup=False)
        os.environ["TILLHOUSE_HOME"] = str(chosen.home)
        server = import_module("api.server")  # by its name: nothing that makes tables knows the API
        listening = server.listen(host, port)
        where = f"[{host}]" if ":" in host else host
        console.err.print(f"Serving {chosen.home} at http://{where}:{port}/ (Ctrl-C stops)", markup=False)
        server.serve(listening, workers)

    return serve
