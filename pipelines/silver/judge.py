"""Judges each landed row on its own values: typed columns, and every reason against it.

The rules of a contract become pandera checks, one per reason code, run lazily over the collected
frame, so that a row keeps all its reasons and not the first.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from contracts.base import Source
from contracts.settings import Settings
from contracts.validation import validate
from pipelines.landing import values

# A row's place in its frame; the reasons of a row are joined back by it.
INDEX = "__index"
REASONS = "__reasons"
DELETED = "__deleted"
RAGGED = "row:ragged"


@dataclass(frozen=True)
class Check:
    """One reason code and the rows it is against."""

    code: str
    violated: pl.Expr

    @property
    def column(self) -> str:
        """The column the reason stands on."""
        return self.code.partition(":")[0]


def judge(rows: pl.DataFrame, source: Source, settings: Settings) -> pl.DataFrame:
    """Bronze rows, typed: declared columns, provenance, `__deleted` and `__reasons` (empty where good).

    A tombstone is judged on its key, ingested_at and deleted alone; a ragged row has no other reason.
    """
    frame = _typed(rows, source, settings)
    checks = list(_checks(source, settings))
    on_tombstones = [check for check in checks if check.column in (*source.key, "ingested_at", "deleted")]
    ragged = pl.col("extra").str.starts_with("[").fill_null(value=False)
    tombstone = pl.col(DELETED).fill_null(value=False)
    regular, ragged_rows = _apart(frame, ragged)
    living, tombstones = _apart(regular, tombstone)
    judged = pl.concat(
        [
            _with_reasons(living, checks),
            _with_reasons(tombstones, on_tombstones),
            ragged_rows.with_columns(pl.lit([RAGGED], pl.List(pl.String)).alias(REASONS)),
        ],
        rechunk=False,
    )
    texts = [f"{name}__text" for name in (*source.names, "ingested_at", "deleted")]
    return judged.drop(texts).with_columns(tombstone)


def _apart(frame: pl.DataFrame, special: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The usual rows and the special ones; where there are none, as nearly always, nothing is copied."""
    if not frame.select(special.any()).item():
        return frame, frame.clear()
    return frame.filter(~special), frame.filter(special)


def _typed(rows: pl.DataFrame, source: Source, settings: Settings) -> pl.DataFrame:
    zone = settings.timezone
    kinds = {declared.name: declared.column.type for declared in source.fields}
    kinds |= {"ingested_at": "ts", "deleted": "bool"}

    def column(name: str) -> tuple[pl.Series, pl.Series]:
        text = values.text(rows[name] if name in source.names else values.undeclared(rows, name))
        return text.alias(f"{name}__text"), values.typed(text, kinds[name], zone)

    # Column by column on every core: one at a time leaves half the machine idle.
    with ThreadPoolExecutor() as pool:
        columns = dict(zip(kinds, pool.map(column, kinds), strict=True))
    frame = rows.with_columns(
        *(text for text, _ in columns.values()),
        *(typed.alias(DELETED if name == "deleted" else name) for name, (_, typed) in columns.items()),
    )
    defaults = [
        pl.when(pl.col(f"{declared.name}__text").is_null())
        .then(declared.default)
        .otherwise(pl.col(declared.name))
        .alias(declared.name)
        for declared in source.fields
        if declared.default is not None
    ]
    midnight = pl.col("landing_date").cast(pl.Datetime("us"))
    arrived = pl.when(pl.col("ingested_at__text").is_null()).then(midnight).otherwise(pl.col("ingested_at"))
    return frame.with_columns(*defaults, arrived.alias("ingested_at"))


def _checks(source: Source, settings: Settings) -> Iterable[Check]:
    for declared in source.fields:
        name, kind = declared.name, declared.column.type
        text, value = pl.col(f"{name}__text"), pl.col(name)
        if declared.required:
            yield Check(f"{name}:null", text.is_null())
        if kind != "text":
            yield Check(f"{name}:type", text.is_not_null() & value.is_null())
        if declared.enum:
            yield Check(f"{name}:enum", ~value.is_in(declared.enum))
        if declared.at_least is not None:
            yield Check(f"{name}:ge_{declared.at_least}", value < declared.at_least)
    for rule in source.rules:
        yield Check(rule.code, rule.violated(settings))
    yield Check("ingested_at:type", pl.col("ingested_at__text").is_not_null() & pl.col("ingested_at").is_null())
    yield Check("deleted:type", pl.col("deleted__text").is_not_null() & pl.col(DELETED).is_null())


def _with_reasons(frame: pl.DataFrame, checks: list[Check]) -> pl.DataFrame:
    """The frame with the list of reasons of each row, in contract order."""
    frame = frame.with_row_index(INDEX)
    reasons = _reasons(frame, checks)
    return (
        frame.join(reasons, on=INDEX, how="left", maintain_order="left")
        .with_columns(pl.col(REASONS).fill_null(pl.lit([], pl.List(pl.String))))
        .drop(INDEX)
    )


def _reasons(frame: pl.DataFrame, checks: list[Check]) -> pl.DataFrame:
    """One row per bad row: its index and its reasons."""
    nothing = pl.DataFrame(schema={INDEX: pl.UInt32(), REASONS: pl.List(pl.String())})
    if frame.is_empty():
        return nothing
    # One pass tells the checks no row fails, nearly all of them as a rule; each costs pandera one.
    [failed] = frame.select(check.violated.any().alias(check.code) for check in checks).rows(named=True)
    checks = [check for check in checks if failed[check.code]]
    if not checks:
        return nothing
    by_column: dict[str, list[pa.Check]] = {}
    for check in checks:
        column = check.column if check.column in frame.columns else DELETED
        by_column.setdefault(column, []).append(_pandera_check(check))
    schema = pa.DataFrameSchema(
        {column: pa.Column(checks=of_column, nullable=True) for column, of_column in by_column.items()}
    )
    try:
        validate(schema, frame)
    except SchemaErrors as errors:
        cases: pl.DataFrame = errors.failure_cases
        if cases["index"].null_count():
            raise  # a check that could not run, not a row that failed it
        position = {check.code: number for number, check in enumerate(checks)}
        return (
            cases.select(
                pl.col("index").cast(pl.UInt32).alias(INDEX),
                pl.col("check").alias(REASONS),
                pl.col("check").replace_strict(position, return_dtype=pl.Int64).alias("position"),
            )
            .sort(INDEX, "position")
            .group_by(INDEX, maintain_order=True)
            .agg(REASONS)
        )
    return nothing


def _pandera_check(check: Check) -> pa.Check:
    def holds(data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(~check.violated.fill_null(value=False))

    return pa.Check(holds, name=check.code)
