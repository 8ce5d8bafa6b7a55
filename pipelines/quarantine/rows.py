"""The quarantined rows an operator asks for, of the release or of a run that stopped."""

import difflib
import re
from dataclasses import dataclass
from datetime import date

import polars as pl
from psycopg2 import extensions

from contracts.dictionary import reasons
from contracts.errors import NotFound, UsageError
from contracts.registry import sources, tables
from contracts.settings import Settings
from lake import delta
from lake import release as releases
from pipelines.landing import values
from pipelines.silver.quarantine import place

TABLE = tables("silver")["quarantine"]
_PLACE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})/(.+)#([0-9]+)")


@dataclass(frozen=True)
class Filters:
    """Which rows: by default those open and not yet corrected."""

    reason: str | None = None
    source: str | None = None
    day: date | None = None  # landing date
    run_id: str | None = None
    everything: bool = False  # corrected and released ones too
    at: int | None = None  # a release's number, in place of the one in force

    def check(self) -> None:
        """Raises UsageError where a source or a reason is none of the contracts'."""
        _one_of("source", self.source, list(sources()))
        codes = {code for source in sources().values() for code, _ in reasons(source)}
        _one_of("reason", self.reason, sorted(codes))


def select(settings: Settings, filters: Filters) -> pl.DataFrame:
    """The rows in order of landing: silver.quarantine's columns, `place` and `money_at_risk`.

    `money_at_risk` is the gross of an order line that is open and not corrected, where its quantity and
    price can be read, neither is negative and it is not too large to be money; else null. Raises NotFound
    for a run or a release there is none of, UsageError for a release's rows of a run that released nothing.
    """
    filters.check()
    found = _all(settings, filters.at) if filters.run_id is None else _of_run(settings, filters.run_id, filters.at)
    if not filters.everything:
        found = found.filter(_at_risk())
    if filters.source is not None:
        found = found.filter(pl.col("source") == filters.source)
    if filters.day is not None:
        found = found.filter(pl.col("landing_date") == filters.day)
    if filters.reason is not None:
        found = found.filter(pl.col("reasons").list.contains(filters.reason))
    return _with_money(found).sort("landing_date", "source_file", "row_number")


def at(settings: Settings, place: str, run_id: str | None = None, release_id: int | None = None) -> pl.DataFrame:
    """The row at `<landing_date>/<source_file>#<row>`, whatever became of it. Raises NotFound."""
    matched = _PLACE.fullmatch(place)
    if matched is None:
        raise UsageError(
            f"{place!r} is no place of a row; it is written <landing_date>/<source_file>#<row>, as "
            "`tillhouse quarantine list` shows it.",
            "place",
        )
    found = select(settings, Filters(run_id=run_id, everything=True, at=release_id)).filter(pl.col("place") == place)
    if found.is_empty():
        raise NotFound(
            f"No row is or was quarantined at {place}. `tillhouse quarantine list --all` shows where some are, "
            "and `--run ID` those of a run that stopped."
        )
    return found


def _all(settings: Settings, at: int | None) -> pl.DataFrame:
    release = releases.current(settings) if at is None else releases.at(settings, at)
    if release is None:
        raise NotFound(
            f"Nothing is released yet in {settings.home}. Run `tillhouse pipeline --all` first; what a stopped "
            "run found is shown by `--run ID`."
        )
    return delta.read(settings.lake, TABLE, release.versions[TABLE.full_name])


def _of_run(settings: Settings, run_id: str, at: int | None) -> pl.DataFrame:
    """What a run found: a released one in the release, a stopped one in its books (quality.stopped_quarantine)."""
    stopped, status = TABLE.empty(), None
    with releases.database(settings) as connection:
        if connection is not None:
            with connection.cursor() as cursor:
                # A database no run has prepared since has not all of the books.
                if _is_there(cursor, "lakehouse.runs"):
                    cursor.execute("select status from lakehouse.runs where run_id = %s", (run_id,))
                    status = next(iter(cursor.fetchone() or ()), None)
                if status and _is_there(cursor, "lakehouse.stopped_quarantine"):
                    names = ", ".join(TABLE.names)
                    cursor.execute(f"select {names} from lakehouse.stopped_quarantine where run_id = %s", (run_id,))
                    stopped = pl.DataFrame(cursor.fetchall(), schema=TABLE.polars_schema(), orient="row")
    if at is not None and status not in (None, "released"):
        raise UsageError(
            f"Run {run_id} released nothing, so no release holds what it found. Leave --at away and it is shown.", "at"
        )
    released = TABLE.empty()
    if at is not None or releases.current(settings) is not None:
        released = _all(settings, at).filter(pl.col("run_id") == run_id)
    found = pl.concat([released, stopped])
    if found.is_empty() and status is None:
        raise NotFound(f"No run {run_id} is known here. `tillhouse status` lists the last runs.")
    return found


def _is_there(cursor: extensions.cursor, relation: str) -> bool:
    cursor.execute("select to_regclass(%s) is not null", (relation,))
    return cursor.fetchone() == (True,)


# Typing errors of fifteen digits would hide what is at risk.
_NO_MONEY = "quantity:too_large"


def _at_risk() -> pl.Expr:
    return (pl.col("status") == "open") & pl.col("corrected_by").is_null()


def _with_money(rows: pl.DataFrame) -> pl.DataFrame:
    is_line = (pl.col("source") == "order_items") & ~pl.col("reasons").list.contains(_NO_MONEY)
    line = pl.when(_at_risk() & is_line).then("raw")
    # A ragged row is a JSON array, of which no field has a name.
    texts = rows.select(line.str.json_path_match(f"$.{name}").alias(name) for name in ("quantity", "unit_price"))
    quantity, price = values.integer(texts["quantity"]), values.money(texts["unit_price"]).cast(pl.Decimal(38, 4))
    gross = pl.when((quantity >= 0) & (price >= 0)).then(price * quantity)
    return rows.with_columns(
        gross.cast(pl.Decimal(38, 4)).alias("money_at_risk"),
        place().alias("place"),
    )


def _one_of(what: str, given: str | None, known: list[str]) -> None:
    if given is None or given in known:
        return
    near = difflib.get_close_matches(given, known, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "docs/data-dictionary.md lists them."
    raise UsageError(f"There is no {what} {given!r}; {hint}", what)
