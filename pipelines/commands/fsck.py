"""`tillhouse fsck`: does everything that is kept agree, and putting right what does not."""

import json
from collections.abc import Callable
from typing import Annotated

import typer

from contracts.settings import Settings
from pipelines import console

DAMAGED = 1


def command(settings: Callable[[], Settings]) -> Callable[[bool, bool], None]:
    """The command, given how settings are found."""

    def fsck(
        repair: Annotated[
            bool, typer.Option("--repair", help="Put right what can be, under the writer's lock.")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    ) -> None:
        """Prove that landing, bronze, silver, gold, the release and Postgres agree; exit 1 and the damage if not."""
        from pipelines.fsck.check import check
        from pipelines.fsck.repair import repair as put_right
        from serving import postgres

        home = settings()
        engine = postgres.engine(home)
        if repair:
            done, report = put_right(engine, home)
        else:
            done, report = [], check(engine, home)
        if as_json:
            typer.echo(json.dumps(report.as_dict() | {"repaired": done}, indent=1))
        else:
            for line in done:
                console.say(line)
            for finding in report.findings:
                console.say(finding.as_text())
            console.say(report.summary())
        if report.damage:
            raise typer.Exit(DAMAGED)

    return fsck
