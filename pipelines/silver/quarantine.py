"""The quarantine: rows kept out, each with all its reasons, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from contracts.base import Source
from contracts.registry import tables
from pipelines.silver.judge import REASONS
from pipelines.silver.winner import ORDER, Verdict

PLACE = ("source", "landing_date", "source_file", "row_number")


def place() -> pl.Expr:
    """Where a row landed within its source, as people and `corrected_by` write it: `<date>/<file>#<row>`."""
    return pl.format("{}/{}#{}", *PLACE[1:])


def is_orphan() -> pl.Expr:
    """Does the row wait for a parent."""
    return pl.col("reasons").list.eval(pl.element().str.ends_with(":orphan")).list.any()


def rows_of(source: Source, verdict: Verdict, bronze: pl.DataFrame) -> pl.DataFrame:
    """The rejected rows of a source: place, raw, reasons and the later current row of their key, if any."""
    as_landed = bronze.join(verdict.rejected, on=PLACE[1:], how="semi")
    raw = as_landed.select(*PLACE[1:], _raw_json(source.names).alias("raw"))
    rejected = verdict.rejected.join(raw, on=PLACE[1:], how="inner", maintain_order="left")
    return (
        with_later_row(rejected, source, verdict.kept)
        .with_columns(pl.lit(source.name).alias("source"), pl.col(REASONS).alias("reasons"))
        .select(*PLACE, "row_hash", "raw", "reasons", "corrected_by")
    )


def with_later_row(rejected: pl.DataFrame, source: Source, current: pl.DataFrame) -> pl.DataFrame:
    """Judged rows with `corrected_by`: the place of the current row of their key where that is later, else null."""
    key = list(source.key)
    # Of the keys in question alone: nearly every current row is of another.
    later = current.join(rejected, on=key, how="semi").select(
        *key,
        pl.struct(ORDER).alias("__fix_order"),
        place().alias("corrected_by"),
    )
    # A row whose own ingested_at is bad came when its folder did.
    came = pl.coalesce("ingested_at", pl.col("landing_date").cast(pl.Datetime("us")))
    return (
        rejected.join(later, on=key, how="left", maintain_order="left")
        .with_columns(ingested_at=came)
        .with_columns(pl.when(_later("__fix_order")).then("corrected_by").alias("corrected_by"))
    )


def _later(fix: str) -> pl.Expr:
    """Is the fix later than the row, by the order that decides which row wins?"""
    later = pl.lit(value=False)
    for name in reversed(ORDER):
        theirs, own = pl.col(fix).struct.field(name), pl.col(name)
        later = (theirs > own) | ((theirs == own) & later)
    return later


def _raw_json(declared: tuple[str, ...]) -> pl.Expr:
    """The row as it arrived: a JSON object, of a ragged row the array of its fields."""
    own = pl.struct(declared).struct.json_encode()
    both = pl.format("{},{}", own.str.head(-1), pl.col("extra").str.slice(1))
    return (
        pl.when(pl.col("extra").str.starts_with("["))
        .then("extra")
        .when(pl.col("extra").is_null())
        .then(own)
        .otherwise(both)
    )


def merge(before: pl.DataFrame, rejected: pl.DataFrame, run_id: str, now: datetime) -> pl.DataFrame:
    """The whole quarantine: open rows keep the run that found them, rows let in since are marked released."""
    first_seen = before.filter(pl.col("status") == "open").select(*PLACE, "row_hash", "run_id", "quarantined_at")
    opened = (
        rejected.join(first_seen, on=[*PLACE, "row_hash"], how="left", maintain_order="left")
        .with_columns(
            pl.col("run_id").fill_null(run_id),
            pl.col("quarantined_at").fill_null(pl.lit(now, pl.Datetime("us"))),
            pl.lit("open").alias("status"),
        )
        .select(tables("silver")["quarantine"].names)
    )
    released = before.join(opened, on=PLACE, how="anti").with_columns(pl.lit("released").alias("status"))
    return pl.concat([opened, released.select(opened.columns)])


@dataclass(frozen=True)
class Changes:
    """What became, since the release before, of the rows that were open in it, in rows."""

    corrected: int = 0  # by a row that is good
    released: int = 0  # orphans whose parent landed
    let_in: int = 0  # no longer against a rule, because their file, another row or a setting changed


def changes(before: pl.DataFrame, after: pl.DataFrame, loaded: Mapping[str, Sequence[tuple[date, str]]]) -> Changes:
    """Compare two states of the quarantine; `loaded` names the files (landing date, name) read since, by source."""
    was_open = before.filter(pl.col("status") == "open")
    waiting = was_open.filter(pl.col("corrected_by").is_null())
    corrected = after.filter((pl.col("status") == "open") & pl.col("corrected_by").is_not_null())
    released = was_open.join(after.filter(pl.col("status") == "released"), on=PLACE, how="semi")
    files = pl.DataFrame(
        [(source, *file) for source, named in loaded.items() for file in named],
        schema={"source": pl.String(), "landing_date": pl.Date(), "source_file": pl.String()},
        orient="row",
    )
    met = released.join(files, on=files.columns, how="anti").filter(is_orphan())
    return Changes(
        corrected=waiting.join(corrected, on=PLACE, how="semi").height,
        released=met.height,
        let_in=released.height - met.height,
    )


@dataclass(frozen=True)
class Newly:
    """Rows of a source that a run put into quarantine."""

    source: str
    rows: int  # of those it loaded
    loaded: int  # rows it loaded
    earlier: int  # landed before, and against a rule only now


def newly(after: pl.DataFrame, landed: pl.DataFrame, run_id: str) -> list[Newly]:
    """What the run put into the quarantine `after` it, most rows first; `landed` is bronze.landed_files."""
    found = after.filter((pl.col("run_id") == run_id) & (pl.col("status") == "open"))
    own = landed.filter(pl.col("run_id") == run_id)
    loaded = dict(own.group_by("source").agg(pl.col("rows").sum()).iter_rows())
    files = ["source", "landing_date", "source_file"]
    is_own = found.join(own.select(*files, is_own=pl.lit(value=True)), on=files, how="left")
    counted = (
        is_own.group_by("source")
        .agg(pl.col("is_own").count().alias("rows"), pl.col("is_own").null_count().alias("earlier"))
        .sort(pl.sum_horizontal("rows", "earlier"), "source", descending=[True, False])
    )
    return [Newly(source, rows, loaded.get(source, 0), earlier) for source, rows, earlier in counted.iter_rows()]


def in_words(found: Sequence[Newly], run_id: str) -> str:
    """`5 rows newly quarantined (5 of 5 of order_items): tillhouse quarantine list --run ...`."""
    total = sum(each.rows + each.earlier for each in found)
    of_run = [f"{each.rows:,} of {each.loaded:,} of {each.source}" for each in found if each.rows]
    others = [f"{each.earlier:,} of {each.source} landed before" for each in found if each.earlier]
    return (
        f"{total:,} row{'' if total == 1 else 's'} newly quarantined ({', '.join(of_run + others)}): "
        f"tillhouse quarantine list --run {run_id}"
    )
