"""What a row of an answer is made of, and an answer around its rows."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

MONEY = {
    "type": "string",
    "format": "decimal",
    "pattern": r"^-?\d+\.\d{4}$",
    "examples": ["12.3400"],
}

# An amount in the shop's currency, exact to 4 places. In JSON a string, as a number would lose cents.
Money = Annotated[Decimal, WithJsonSchema(MONEY)]


class Row(BaseModel):
    """A row of a list: the columns of the table it shows, each with meaning and unit."""

    model_config = ConfigDict(extra="forbid")


class SelectableRow(Row):
    """A row of which `fields` can leave columns out."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        """No column is required, as a caller may not have asked for it."""
        schema: dict[str, Any] = handler.resolve_ref_schema(handler(core_schema))
        schema.pop("required", None)
        return schema


R = TypeVar("R", bound=Row)


class Page(BaseModel, Generic[R]):
    """A page of a list, all of one release."""

    data: list[R] = Field(description="The rows, in the order of the list.")
    next: str | None = Field(description="Cursor of the next page; null on the last one.")
    as_of: date = Field(description="The last landing date the figures know of.", examples=["2024-02-07"])
    release: int = Field(description="The release the rows are of.", examples=[7])


def columns(row: type[Row]) -> tuple[str, ...]:
    """The columns of a row, in order."""
    return tuple(row.model_fields)


def moments(row: type[Row]) -> tuple[str, ...]:
    """Its columns that hold a time of day."""
    return tuple(name for name in row.model_fields if datetime in plain_types(row, name))


def plain_types(row: type[Row], column: str) -> tuple[Any, ...]:
    """The types a column can hold, without what annotates them: `(Decimal, NoneType)`."""
    annotation = row.model_fields[column].annotation
    choices = get_args(annotation) or (annotation,)
    return tuple(get_args(choice)[0] if get_origin(choice) is Annotated else choice for choice in choices)
