"""What a row of an answer is made of, and an answer around its rows."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from contracts.columns import PERSONAL

MONEY = {
    "type": "string",
    "format": "decimal",
    "pattern": r"^-?\d+\.\d{4}$",
    "examples": ["12.3400"],
}

DIFFERENCE = {**MONEY, "pattern": r"^-?\d+\.\d{10}$", "examples": ["-12.3400000000"]}

# An amount in the shop's currency, exact to 4 places. In JSON a string, as a number would lose cents.
Money = Annotated[Decimal, WithJsonSchema(MONEY)]


@dataclass(frozen=True)
class Scale:
    """Decimal digits of a column, before and after the point, as Arrow and Postgres hold it."""

    precision: int
    scale: int


# A JSON object, kept as its text.
JsonObject = Annotated[str, WithJsonSchema({"type": "object"}), "json"]

# The difference of any two figures, exact to 10 places.
Difference = Annotated[Decimal, WithJsonSchema(DIFFERENCE), Scale(38, 10)]


class Row(BaseModel):
    """A row of a list: the columns of the table it shows, each with meaning and unit."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        """No column is required, as a caller may not have asked for it by `fields`."""
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


def personal(row: type[Row]) -> frozenset[str]:
    """Its columns that can tell who somebody is."""
    return PERSONAL & row.model_fields.keys()


def scale(row: type[Row], column: str) -> Scale:
    """The digits of a decimal column: money's unless it says otherwise."""
    found = row.model_fields[column]
    marked = [mark for mark in found.metadata if isinstance(mark, Scale)]
    for choice in get_args(found.annotation):
        marked += [mark for mark in get_args(choice)[1:] if isinstance(mark, Scale)]
    return marked[0] if marked else Scale(18, 4)


def json_columns(row: type[Row]) -> tuple[str, ...]:
    """Its columns that hold the text of a JSON object."""
    return tuple(name for name, column in row.model_fields.items() if "json" in column.metadata)


def inner_row(row: type[Row], column: str) -> type[Row] | None:
    """The row of a column that holds a list of rows."""
    held = plain_types(row, column)[0]
    if get_origin(held) is list:
        inner: type[Any] = get_args(held)[0]
        return inner if issubclass(inner, Row) else None
    return None


def plain_types(row: type[Row], column: str) -> tuple[Any, ...]:
    """The types a column can hold, without what annotates them: `(Decimal, NoneType)`; a choice of words is str."""
    annotation: Any = row.model_fields[column].annotation
    choices = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)
    return tuple(_plain(choice) for choice in choices)


def _plain(choice: Any) -> Any:
    if get_origin(choice) is Annotated:
        return get_args(choice)[0]
    return str if get_origin(choice) is Literal else choice
