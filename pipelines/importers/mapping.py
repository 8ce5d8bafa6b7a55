"""A mapping: the folder of SELECTs that says what a foreign export means.

_mapping.toml   title, currency, [columns] (names in the table `export` -> headers), [timestamps]
<source>.sql    one SELECT per landed source: landing_date and the source's columns
_<name>.sql     a table on the way, named <name>; `_accounting.sql` must be there
<name>.csv      a small table to join, all text
"""

import graphlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlglot import expressions as exp

from contracts.errors import QueryError, UsageError
from contracts.registry import sources

BUILT_IN = Path(__file__).parent
SETTINGS_FILE = "_mapping.toml"


class _Described(BaseModel):
    """What `_mapping.toml` says."""

    model_config = ConfigDict(extra="forbid")

    title: str
    currency: str = Field(pattern="^[A-Z]{3}$")
    columns: dict[str, list[str]]
    timestamps: dict[str, list[str]] = {}


@dataclass(frozen=True)
class Mapping:
    """A mapping as read from its folder."""

    name: str  # the folder's, as file names carry it
    title: str
    currency: str
    columns: dict[str, list[str]]  # column of `export` -> headers it may have
    timestamps: dict[str, list[str]]  # column of `export` -> strptime forms
    steps: dict[str, str]  # tables on the way, in the order they are built
    selects: dict[str, str]  # source -> its SELECT
    lookups: dict[str, Path]  # table -> CSV


def built_in() -> list[str]:
    """The names of the mappings that come with tillhouse."""
    found = BUILT_IN.glob(f"*/{SETTINGS_FILE}")
    return sorted(path.parent.name.replace("_", "-") for path in found)


def load_mapping(named: str | Path) -> Mapping:
    """The mapping of a built-in name or a folder.

    Raises UsageError where there is none or its settings are wrong, QueryError where a SELECT is not one.
    """
    folder = BUILT_IN / str(named).replace("-", "_") if str(named) in built_in() else Path(named)
    if not (folder / SETTINGS_FILE).is_file():
        raise UsageError(
            f"There is no mapping {named}: it is neither one of {', '.join(built_in())} nor a folder with a"
            f" {SETTINGS_FILE}. See docs/importing.md for how to write one.",
            field="mapping",
        )
    described = _described(folder / SETTINGS_FILE)
    queries = {path.stem: _query(path) for path in sorted(folder.glob("*.sql"))}
    selects = {stem: query.text for stem, query in queries.items() if not stem.startswith("_")}
    unknown = sorted(set(selects) - set(sources()))
    if unknown:
        raise UsageError(
            f"{folder / unknown[0]}.sql is named after no source. The sources are {', '.join(sources())};"
            " a table on the way begins with an underscore.",
            field="mapping",
        )
    steps = {stem.removeprefix("_"): query for stem, query in queries.items() if stem.startswith("_")}
    if not selects or "accounting" not in steps:
        raise UsageError(
            f"The mapping {folder} needs an _accounting.sql and at least one <source>.sql. See docs/importing.md.",
            field="mapping",
        )
    return Mapping(
        name=re.sub(r"\W+", "_", folder.resolve().name),
        title=described.title,
        currency=described.currency,
        columns=described.columns,
        timestamps=described.timestamps,
        steps={name: steps[name].text for name in _in_order(steps, folder)},
        selects=selects,
        lookups={path.stem: path for path in sorted(folder.glob("*.csv"))},
    )


def _described(path: Path) -> _Described:
    try:
        described = _Described.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}. Mend it.", field="mapping") from None
    except ValidationError as error:
        item = error.errors()[0]
        where = ".".join(str(part) for part in item["loc"])
        raise UsageError(f"{path}: {where}: {item['msg']}. See docs/importing.md.", field="mapping") from None
    stray = sorted(set(described.timestamps) - set(described.columns))
    if stray:
        raise UsageError(f"{path}: timestamps.{stray[0]} is none of the columns. Name it there.", field="mapping")
    return described


@dataclass(frozen=True)
class _Query:
    """A SELECT and the tables it reads."""

    text: str
    reads: frozenset[str]


def _query(path: Path) -> _Query:
    text = path.read_text(encoding="utf-8").rstrip().removesuffix(";")
    try:
        statements = sqlglot.parse(text, read="duckdb")
    except sqlglot.ParseError as error:
        first = error.errors[0]
        raise QueryError(f"{path} does not parse: {first['description']}, line {first['line']}. Mend it.") from None
    query = statements[0]
    if len(statements) != 1 or not isinstance(query, exp.Query):
        raise QueryError(f"{path} is not one SELECT. A mapping's file holds exactly one.")
    named_within = {cte.alias for cte in query.find_all(exp.CTE)}
    return _Query(text, frozenset(table.name for table in query.find_all(exp.Table)) - named_within)


def _in_order(steps: dict[str, _Query], folder: Path) -> list[str]:
    """Each table after the ones it reads."""
    graph = {name: query.reads & steps.keys() for name, query in steps.items()}
    try:
        return list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        circle = " -> ".join(error.args[1])
        raise QueryError(f"The SELECTs of {folder} read each other in a circle: {circle}. Break it.") from None
