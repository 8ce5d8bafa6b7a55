"""`--at`: the release a reader reads."""

from typing import Annotated

import typer

At = Annotated[
    int | None,
    typer.Option("--at", metavar="RELEASE", help="A release by its number, such as 3; by default the one in force."),
]
