"""`tillhouse lineage`: where a table or column comes from, and what reads it."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.errors import UsageError
from pipelines import console

if TYPE_CHECKING:
    from pipelines.lineage.model import Lineage
    from pipelines.lineage.trace import Node


class LineageFormat(StrEnum):
    """How lineage is written."""

    text = "text"
    mermaid = "mermaid"
    html = "html"
    json = "json"


def lineage(
    of: Annotated[
        str | None, typer.Argument(metavar="[TABLE[.COLUMN]]", help="Such as fct_orders.net_revenue; all without it.")
    ] = None,
    downstream: Annotated[bool, typer.Option("--downstream", help="What reads it, not what it comes from.")] = False,
    form: Annotated[LineageFormat, typer.Option("--format", help="How to write it.")] = LineageFormat.text,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Write it to a file.")] = None,
) -> None:
    """Where a table or column comes from, down to the landed files: read from the models' own SQL."""
    from pipelines.lineage import names, whole

    found = whole.lineage()
    target = None if of is None else names.find(found, of)
    width = console.out.width if to is None and console.out.is_terminal else None
    written = _written(found, target, downstream, form, width)
    if to is None:
        typer.echo(written)
        return
    if to.is_dir() or not to.parent.is_dir():
        raise UsageError(f"{to} is no place for a file. Name one in a folder that is there.", "to")
    to.write_text(written + "\n", encoding="utf-8")
    console.err.print(f"Written to {to.absolute().as_uri()}", markup=False)


def _written(found: "Lineage", target: "Node | None", downstream: bool, form: LineageFormat, width: int | None) -> str:
    from pipelines.lineage import documents, page, text
    from pipelines.lineage.trace import ROWS

    if form is LineageFormat.json:
        return documents.as_json(found, target, downstream)
    if form is LineageFormat.mermaid:
        return documents.as_mermaid(found, target, downstream)
    if form is LineageFormat.html:
        return page.render(found, target)
    if target is None:
        return "\n".join(text.of_everything(found, downstream, width))
    if target.column == ROWS:
        return "\n".join(text.of_table(found, target.table, downstream, width))
    return "\n".join(text.of_column(found, target, downstream, width))
