"""`tillhouse explain`: where the figures of an order or a day come from."""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.errors import CheckFailed
from contracts.settings import Settings
from pipelines import console
from pipelines.commands.at import At

if TYPE_CHECKING:
    from pipelines.explain.day import Day
    from pipelines.explain.order import Order


class ExplainFormat(StrEnum):
    """How an explanation is written."""

    text = "text"
    json = "json"


Form = Annotated[ExplainFormat, typer.Option("--format", help="For eyes, or for programs.")]


def commands(settings: Callable[[], Settings]) -> typer.Typer:
    """The group of commands, given how settings are found."""
    app = typer.Typer(help="Where a figure comes from: the rule that made it, the landed file and row.")

    @app.command()
    def order(
        order_id: Annotated[str, typer.Argument(metavar="ID", help="The order's id; after -- if it begins with -.")],
        form: Form = ExplainFormat.text,
        at: At = None,
    ) -> None:
        """Every amount of an order, made again from the rows that landed."""
        from pipelines.explain import order as orders
        from pipelines.explain import text

        explained = orders.explain(settings(), order_id, at)
        _tell(explained, text.order(explained), form)

    @app.command()
    def day(
        day: Annotated[
            datetime, typer.Argument(metavar="DATE", formats=["%Y-%m-%d"], help="The day, in the shop's time zone.")
        ],
        form: Form = ExplainFormat.text,
        at: At = None,
        limit: Annotated[int, typer.Option(min=0, help="Orders to name a component.")] = 10,
    ) -> None:
        """A day's figures, its bridge from booked to recognised, and its restatements."""
        from pipelines.explain import day as days
        from pipelines.explain import text

        explained = days.explain(settings(), day.date(), at, limit)
        _tell(explained, text.day(explained), form)

    return app


def _tell(explained: "Order | Day", lines: Iterable[str], form: ExplainFormat) -> None:
    from pipelines.explain import text

    if form is ExplainFormat.json:
        typer.echo(text.as_json(explained))
    else:
        for line in lines:
            console.say(line)
    if not explained.adds_up:
        raise CheckFailed(
            f"The parts do not add up to what release {explained.release_id} shows: its gold is not what its silver "
            "gives. `tillhouse rebuild` makes it again."
        )
