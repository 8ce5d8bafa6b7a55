"""Query files as statements for asyncpg: parameters numbered, a page cut by key, an older release read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from serving import query_files
from serving.roles import AT_VIEWS, QUERIES

_PARAMETER = re.compile(r"(?<!:):([a-z_]\w*)")
_SERVED = re.compile(r"\bserving\.(\w+)")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True)
class By:
    """A column that rows are ordered by; nulls come last."""

    column: str
    descending: bool = False
    nullable: bool = False


@dataclass(frozen=True)
class Statement:
    """SQL with `$1`, `$2`, ..., and the name of the value each stands for."""

    sql: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """SQL made from the catalog's own names, in place of a file."""

    sql: str


@lru_cache(maxsize=1000)
def statement(
    query: str | Text,
    order: tuple[By, ...] = (),
    after: tuple[bool, ...] = (),
    chosen: tuple[str, ...] = (),
    of_release: bool = False,
) -> Statement:
    """The statement of `queries/<query>.sql`.

    `order`: the rows by these columns, `:limit` of them at most, and only those after the row of which
    `:after_<column>` are the values; `after` says which of these are not null, and is empty for a first page.
    `chosen`: columns in place of `{chosen}`, out of those the file's line `-- chosen:` allows.
    `of_release`: as `:of_release` was published, from tables and history.
    """
    text = query.sql if isinstance(query, Text) else _text(query)
    if "{chosen}" in text and isinstance(query, str):
        text = text.replace("{chosen}", ", ".join(_allowed(query, name) for name in chosen))
    tables = ""
    if of_release:
        names = sorted(set(_SERVED.findall(text)))
        text = _SERVED.sub(r"of_release_\1", text)
        tables = ",\n".join(
            f"of_release_{name} as not materialized (select * from {AT_VIEWS}.{name}"
            " where from_release <= :of_release and (to_release is null or to_release > :of_release))"
            for name in names
        )
    if order:
        beyond = f"\nwhere {_beyond(order, after)}" if after else ""
        by = ", ".join(_ordered(column) for column in order)
        text = f"select * from (\n{text}\n) as listed{beyond}\norder by {by}\nlimit :limit"
    elif tables:
        text = f"select * from (\n{text}\n) as listed"  # which may begin by a `with` of its own
    return _numbered(f"with {tables}\n{text}" if tables else text)


@cache
def _text(query: str) -> str:
    """The file without its comments, which may name parameters too."""
    return re.sub(r"--.*", "", query_files.read(QUERIES, query)).strip()


@cache
def choices(query: str) -> tuple[str, ...]:
    """What the file's line `-- chosen:` allows in place of `{chosen}`."""
    found = re.search(r"^-- chosen: (.*)$", (QUERIES / f"{query}.sql").read_text(encoding="utf-8"), re.MULTILINE)
    return tuple(name.strip() for name in found[1].split(",")) if found else ()


def _allowed(query: str, name: str) -> str:
    if name not in choices(query):
        raise LookupError(f"{name!r} is no choice of {query}.sql")
    return _quoted(name)


def _quoted(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise LookupError(f"{name!r} is no column")
    return f'"{name}"'


def _ordered(by: By) -> str:
    direction = " desc" if by.descending else ""
    return f"{_quoted(by.column)}{direction}{' nulls last' if by.nullable else ''}"


def _beyond(order: Sequence[By], after: Sequence[bool]) -> str:
    """Rows that come after the one given: the first column in which they differ decides."""
    cases: list[list[str]] = []
    same: list[str] = []
    for by, given in zip(order, after, strict=True):
        column, value = _quoted(by.column), f":after_{by.column}"
        if given:
            later = f"{column} {'<' if by.descending else '>'} {value}"
            cases.append([*same, f"({later} or {column} is null)" if by.nullable else later])
        same.append(f"{column} = {value}" if given else f"{column} is null")
    beyond = " or ".join(f"({' and '.join(case)})" for case in cases) or "false"
    first = order[0]
    if after[0] and not first.nullable:  # which an index on the first column can begin with
        return f"{_quoted(first.column)} {'<=' if first.descending else '>='} :after_{first.column} and ({beyond})"
    return beyond


def _numbered(text: str) -> Statement:
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    return Statement(_PARAMETER.sub(number, text), tuple(names))
