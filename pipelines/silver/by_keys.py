"""Silver brought up to date: only keys a landing can have changed are judged again, from all of bronze.

What a landing can change: the keys in its files, in what a replaced file held before, of rows that wait
for a parent that came, of rows whose parent went, of lines whose order moved to another date, and of
returns of lines whose quantity changed. Judging more keys than needed costs time and changes nothing,
so each of these is taken generously; equality with `from_all` is what the property tests are for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

import polars as pl

from contracts.base import Source, Table
from contracts.errors import CheckFailed
from contracts.registry import sources, tables
from contracts.settings import Settings
from lake import delta, lookup
from lake.writer import Writer
from pipelines.silver import corrections, product_versions, quarantine
from pipelines.silver.each_source import decide, each_after_its_parents, in_order, shaped
from pipelines.silver.judge import judge
from pipelines.silver.references import Parents
from pipelines.silver.winner import Verdict

Place = tuple[date, str]  # landing date and file name


@dataclass
class Update:
    """Brings the silver tables of `versions` up to date after `files` were loaded into bronze.

    `base` names the versions before the load, `versions` those after it; silver versions in it are
    replaced as they are written. `now` and `run_id` mark rows newly quarantined.
    """

    root: str
    base: dict[str, int]
    versions: dict[str, int]
    files: dict[str, Sequence[Place]]  # by source
    settings: Settings
    run_id: str
    now: datetime
    judged: dict[str, tuple[pl.Series, pl.DataFrame]] = field(default_factory=dict)  # ids, and what is kept of them
    gained: dict[str, pl.Series] = field(default_factory=dict)  # first key column of what came into silver
    lost: dict[str, pl.Series] = field(default_factory=dict)
    moved: dict[str, pl.Series] = field(default_factory=dict)  # stayed, with another date or quantity
    said: list[pl.DataFrame] = field(default_factory=list)  # silver.corrections of the loaded files
    unsaid: list[pl.DataFrame] = field(default_factory=list)  # and of what they held before
    writer: Writer = field(init=False)

    def run(self) -> pl.DataFrame:
        """Write the silver tables and return `quality.conservation`."""
        table = tables("quality")["conservation"]
        past = delta.read(self.root, table, self.base[table.full_name])
        before = self._silver("quarantine", self.base)
        quarantined: dict[str, pl.DataFrame] = {}
        superseded: dict[str, int] = {}

        def bring(source: Source) -> None:
            mine, more = self._bring(source, before.filter(pl.col("source") == source.name))
            quarantined[source.name] = mine
            superseded[source.name] = more + int(past.filter(pl.col("source") == source.name)["superseded_rows"].sum())

        with Writer(self.versions) as self.writer:
            each_after_its_parents(bring)
        counts = [self._count(source, superseded[name], quarantined[name]) for name, source in sources().items()]
        self._write("quarantine", self._corrected(pl.concat(quarantined.values())))
        return pl.DataFrame(counts, schema=table.polars_schema(), orient="row").sort("source")

    def _bring(self, source: Source, quarantined: pl.DataFrame) -> tuple[pl.DataFrame, int]:
        """Judge the affected keys of a source again; returns its quarantine and the change in superseded rows."""
        new = self._rows_of_files(source, self.versions)
        old = self._rows_of_files(source, self.base)
        ids = self._affected(source, new, old, quarantined.filter(pl.col("status") == "open"))
        candidates = self._candidates(source, ids, new)
        self.said.append(corrections.rows_of(source, new))
        self.unsaid.append(corrections.rows_of(source, old))
        if candidates.is_empty() and old.is_empty():
            return quarantined, 0
        judged = judge(candidates, source, self.settings)
        verdict = decide(source, judged, self._parents(source, judged))
        table = self._table(source.name)
        held = lookup.rows_with(self.root, table, self.base[table.full_name], source.key[0], ids)
        kept = shaped(source.name, verdict.kept)
        self._note_changes(source, held, kept)
        self.judged[source.name] = ids, kept
        self.writer.write(table, partial(self._replaced, table, held, kept, ids))
        if source.name == "products":
            self.writer.write(self._table("product_versions"), partial(self._product_versions, verdict, ids))
        touched = pl.concat([candidates.select(quarantine.PLACE[1:]), old.select(quarantine.PLACE[1:])]).unique()
        touched = touched.with_columns(pl.lit(source.name).alias("source"))
        rest = quarantined.join(touched, on=quarantine.PLACE, how="anti")
        known = quarantined.join(touched, on=quarantine.PLACE, how="semi")
        rejected = quarantine.rows_of(source, verdict, candidates)
        judged_again = quarantine.merge(known, rejected, self.run_id, self.now).select(rest.columns)
        merged = shaped("quarantine", pl.concat([rest, judged_again]))
        open_before = known.filter(pl.col("status") == "open").height
        rows_before = candidates.height - new.height + old.height
        superseded_before = rows_before - held.height - open_before
        return merged, verdict.superseded.height - superseded_before

    def _corrected(self, quarantined: pl.DataFrame) -> pl.DataFrame:
        """The quarantine with what rows name in `_file` and `_row`, whose keys may be others than the named rows'."""
        before = self._silver("corrections", self.base)
        named = self._corrections(before)
        if before.is_empty() and named.is_empty():
            return quarantined
        found = corrections.in_force(named, quarantined)
        # Who named these names them no more, or is not good: the later row of the key counts again, if any.
        lost = quarantined.filter(pl.col("status") == "open")
        lost = lost.join(before, on=[*quarantine.PLACE, "corrected_by"], how="semi")
        lost = lost.join(found, on=quarantine.PLACE, how="anti")
        if lost.height:
            rest = quarantined.join(lost, on=quarantine.PLACE, how="anti")
            unnamed = lost.with_columns(pl.lit(None, pl.String).alias("corrected_by"))
            quarantined = corrections.mark(pl.concat([rest, unnamed]), self._later_rows(lost))
        return shaped("quarantine", corrections.mark(quarantined, found))

    def _corrections(self, before: pl.DataFrame) -> pl.DataFrame:
        """Write silver.corrections: what the loaded files said before gives way to what they say now."""
        own = ["source", "corrected_by"]
        rows = pl.concat([before.join(pl.concat(self.unsaid), on=own, how="anti"), *self.said])
        self._write("corrections", shaped("corrections", rows))
        return rows

    def _later_rows(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Place and `corrected_by` of quarantined rows whose key has a later current row."""
        found = [rows.clear().select(*quarantine.PLACE, "corrected_by")]
        for source in in_order():
            places = rows.filter(pl.col("source") == source.name).select(quarantine.PLACE[1:])
            if places.is_empty():
                continue
            landed = lookup.rows_on(
                self.root, source.table, self.versions[source.table.full_name], set(places["landing_date"])
            )
            judged = judge(landed.join(places, on=places.columns, how="semi"), source, self.settings)
            table = self._table(source.name)
            first = source.key[0]
            current = lookup.rows_with(self.root, table, self.versions[table.full_name], first, judged[first])
            later = quarantine.with_later_row(judged, source, current).with_columns(pl.lit(source.name).alias("source"))
            found.append(later.select(*quarantine.PLACE, "corrected_by").drop_nulls())
        return pl.concat(found)

    def _rows_of_files(self, source: Source, versions: dict[str, int]) -> pl.DataFrame:
        """The bronze rows of the loaded files, as a version holds them."""
        places = self.files.get(source.name, ())
        if not places:
            return source.table.empty()
        wanted = pl.DataFrame(places, schema={"landing_date": pl.Date(), "source_file": pl.String()}, orient="row")
        rows = lookup.rows_on(self.root, source.table, versions[source.table.full_name], {day for day, _ in places})
        return rows.join(wanted, on=wanted.columns, how="semi")

    def _affected(self, source: Source, new: pl.DataFrame, old: pl.DataFrame, waiting: pl.DataFrame) -> pl.Series:
        """The first key column's text of every key to judge again."""
        first = source.key[0]
        found = [new[first], old[first]]
        for reference in source.references:
            column = reference.columns[0]
            came, went = self.gained.get(reference.table), self.lost.get(reference.table)
            if came is not None:
                parent = pl.col("raw").str.json_path_match(f"$.{column}")
                orphans = waiting.filter(quarantine.is_orphan())
                met = orphans.filter(parent.is_in(came.implode()))
                found.append(met.select(pl.col("raw").str.json_path_match(f"$.{first}")).to_series())
            if went is not None:
                found.append(self._bronze(source, column, went)[first])
            if reference.table in self.moved:
                found.append(self._bronze(source, column, self.moved[reference.table])[first])
        ids = _named(pl.concat([series.rename(first) for series in found]))
        return self._with_the_same_lines(source, ids) if source.name == "returns" else ids

    def _with_the_same_lines(self, source: Source, ids: pl.Series) -> pl.Series:
        """Returns of one line are judged together, and a return may have moved from one line to another."""
        known = -1
        while len(ids) != known:
            known = len(ids)
            rows = self._bronze(source, "return_id", ids)
            rows = pl.concat([rows, self._bronze(source, "order_id", rows["order_id"])])
            ids = _named(pl.concat([ids, rows["return_id"]]))
        return ids

    def _candidates(self, source: Source, ids: pl.Series, new: pl.DataFrame) -> pl.DataFrame:
        """Every bronze row of the affected keys, and the new rows that have no key at all."""
        found = self._bronze(source, source.key[0], ids)
        places = list(source.table.key)
        return pl.concat([found, new.join(found, on=places, how="anti").select(found.columns)])

    def _bronze(self, source: Source, column: str, values: pl.Series) -> pl.DataFrame:
        table = source.table
        return lookup.rows_with(self.root, table, self.versions[table.full_name], column, values)

    def _parents(self, source: Source, judged: pl.DataFrame) -> Parents:
        """The parents the judged rows name, as silver holds them now."""
        current: dict[str, pl.DataFrame] = {}
        for reference in source.references:
            column, name = reference.columns[0], reference.table
            table, parent = self._table(name), sources()[name]
            shown = [*parent.key, *parent.tells]
            version = self.base[table.full_name]
            rows = lookup.rows_with(self.root, table, version, column, judged[column], shown)
            if name in self.judged:
                ids, kept = self.judged[name]
                rest = rows.join(ids.to_frame(parent.key[0]), on=parent.key[0], how="anti")
                rows = pl.concat([rest, kept.select(shown)])
            current[name] = rows
        landed = {
            name
            for name, each in sources().items()
            if lookup.row_count(self.root, each.table, self.versions[each.table.full_name])
        }
        return Parents(current, frozenset(landed))

    def _note_changes(self, source: Source, held: pl.DataFrame, kept: pl.DataFrame) -> None:
        key, first = list(source.key), source.key[0]
        self.gained[source.name] = kept.join(held, on=key, how="anti")[first].unique()
        self.lost[source.name] = held.join(kept, on=key, how="anti")[first].unique()
        if source.tells:
            both = held.join(kept, on=key, how="inner", suffix="_now")
            otherwise = pl.any_horizontal(pl.col(name) != pl.col(f"{name}_now") for name in source.tells)
            self.moved[source.name] = both.filter(otherwise)[first].unique()

    def _replaced(self, table: Table, held: pl.DataFrame, kept: pl.DataFrame, ids: pl.Series, version: int) -> int:
        """Put `kept` in the place of `held`, rewriting only the partitions either lies in."""
        held, kept = held.sort(table.key), kept.sort(table.key)
        if held.equals(kept):
            return version
        if table.partition is None:
            days = None
            there = delta.read(self.root, table, version)
        else:
            days = set(held[table.partition]) | set(kept[table.partition])
            there = lookup.rows_on(self.root, table, version, days)
        rest = there.join(ids.to_frame(table.key[0]), on=table.key[0], how="anti")
        return delta.overwrite(self.root, table, pl.concat([rest, kept]).sort(table.order), version, days)

    def _product_versions(self, products: Verdict, ids: pl.Series, version: int) -> int:
        table = self._table("product_versions")
        now = shaped(table.name, product_versions.derive(products))
        rest = delta.read(self.root, table, version).join(ids.to_frame("product_id"), on="product_id", how="anti")
        return delta.write_changes(self.root, table, pl.concat([rest, now]), version)

    def _count(self, source: Source, superseded: int, quarantined: pl.DataFrame) -> tuple[str, int, int, int, int]:
        """The source's row of conservation. Raises CheckFailed where a row is lost or doubled."""
        bronze = lookup.row_count(self.root, source.table, self.versions[source.table.full_name])
        silver = self._table(source.name)
        current = lookup.row_count(self.root, silver, self.versions[silver.full_name])
        open_rows = quarantined.filter(pl.col("status") == "open").height
        if bronze != current + superseded + open_rows:
            raise CheckFailed(
                f"Of {bronze} bronze rows of {source.name}, {current} are current, {superseded} superseded and "
                f"{open_rows} quarantined, which is not all of them. Nothing was published; run `tillhouse rebuild`."
            )
        return source.name, bronze, current, superseded, open_rows

    def _table(self, name: str) -> Table:
        return tables("silver")[name]

    def _silver(self, name: str, versions: dict[str, int]) -> pl.DataFrame:
        table = self._table(name)
        return delta.read(self.root, table, versions[table.full_name])

    def _write(self, name: str, rows: pl.DataFrame) -> None:
        table = self._table(name)
        self.versions[table.full_name] = delta.write_changes(self.root, table, rows, self.versions[table.full_name])


def _named(ids: pl.Series) -> pl.Series:
    """The distinct keys; a blank one names no row, so no other row can be of it."""
    return ids.filter(ids.str.strip_chars() != "").unique()
