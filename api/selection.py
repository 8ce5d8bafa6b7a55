"""What a list can be asked, and what it shows."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.row_types import Row
from contracts.errors import UsageError
from serving.read import Snapshot
from serving.statements import By, Text

MOST_ROWS = 1000
MOST_IDS = 100
DEFAULT_DAYS = 30


def _iso_day(value: object) -> object:
    """Keeps out what else pydantic takes for a date: a timestamp, a number of seconds."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("a date is written YYYY-MM-DD")
    return value


# A date as a parameter.
Day = Annotated[date, BeforeValidator(_iso_day)]
# Text as a parameter: what no column holds is refused before the database is asked.
Word = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]+$")]
# A parameter that may be given several times: any of its values.
Words = Annotated[list[Word], Field(max_length=MOST_IDS)]


def separated(value: Any) -> Any:
    """`["date,orders"]` as `["date", "orders"]`."""
    if not isinstance(value, list):
        return value
    return [name.strip() for text in value for name in str(text).split(",")]


# Names, repeated or separated by commas; one given twice counts once.
Separated = Annotated[list[str], BeforeValidator(separated)]


class PagedQuery(BaseModel):
    """The parameters of every list; an unknown one is an error."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(MOST_ROWS, ge=1, le=MOST_ROWS, description="Rows of a page at most.")
    next: str | None = Field(
        None,
        max_length=4000,
        description="Cursor of the page to give, from `next` of the page before. It carries its query: "
        "no other parameter is needed with it, and none may differ.",
    )
    fields: Separated | None = Field(
        None,
        max_length=MOST_IDS,
        description="Columns to give, in this order; repeat it or separate them by commas. By default all.",
    )


class ListQuery(PagedQuery):
    """The parameters of a list of published rows."""

    as_of: Day | None = Field(
        None,
        description="The rows as they were published then: of the newest release up to that date. "
        "By default of the release in force.",
        examples=["2024-02-07"],
    )


class RangeQuery(ListQuery):
    """The parameters of a list by date."""

    start: Day | None = Field(
        None, description="First date, inclusive; by default 30 days to `end`.", examples=["2024-01-01"]
    )
    end: Day | None = Field(
        None, description="Last date, inclusive; by default the as-of date.", examples=["2024-01-31"]
    )

    def dates(self, as_of: date) -> dict[str, date]:
        """`start` and `end` as a query file takes them. Raises UsageError where start is after end."""
        end = self.end or as_of
        start = self.start or date.fromordinal(max(1, end.toordinal() - DEFAULT_DAYS + 1))
        if self.start and self.end and self.start > self.end:
            raise UsageError(f"start {self.start} is after end {self.end}. Swap them.", "start")
        return {"start": start, "end": end}


def span(query: RangeQuery, as_of: date) -> dict[str, date]:
    """`start` and `end` of a list that shows everything unless a date is given."""
    if query.start is None and query.end is None:
        return {"start": date.min, "end": max(as_of, date.max - timedelta(days=1))}
    return {**query.dates(as_of), "start": query.start or date.min}


@dataclass(frozen=True)
class Ids:
    """Ids that must be there, else the answer is 404."""

    parameter: str
    values: tuple[str, ...]
    known: str  # a query file: of `:ids` those there are, as column `id`


@dataclass(frozen=True)
class Part:
    """Rows within a row: a column that holds the rows of another query file that name the outer row."""

    name: str
    query: str  # takes `:ids`
    row: type[Row]
    on: str  # the column both have


@dataclass(frozen=True)
class Selection:
    """What a list shows: the rows of a query file, their order down to the key, the columns there are."""

    query: str | Callable[[Snapshot], Awaitable[Text]]  # a file, or what makes the SQL from the catalog
    row: type[Row]
    order: tuple[By, ...]
    values: Mapping[str, object] = field(default_factory=dict)
    columns: tuple[str, ...] | None = None  # None: all of the row
    chosen: tuple[str, ...] = ()  # in place of `{chosen}` in the file
    ids: Ids | None = None
    parts: tuple[Part, ...] = ()
    of_release: bool = True  # false for records that are kept beside the releases


def ids_of(text: str, parameter: str, known: str) -> Ids:
    """The ids of a path segment, separated by commas and percent-encoded: a comma of an id is `%2C`.

    Raises UsageError for one that is none.
    """
    found = []
    for part in text.split(","):
        try:
            value = unquote(part, errors="strict")
        except UnicodeDecodeError:
            raise UsageError(f"{parameter} is not UTF-8. Percent-encode its bytes as UTF-8.", parameter) from None
        if not value or "\0" in value or len(value) > 500:
            raise UsageError(f"{parameter} holds an empty or impossible id.", parameter)
        found.append(value)
    if len(found) > MOST_IDS:
        raise UsageError(f"{parameter} names more than {MOST_IDS} ids. Ask for fewer at once.", parameter)
    return Ids(parameter, tuple(dict.fromkeys(found)), known)
