"""The fields of quarantined rows, out of the JSON they are kept as."""

import polars as pl

from contracts.base import Source
from contracts.settings import Settings
from lake import lookup, scratch
from lake import release as releases


def of_source(settings: Settings, source: Source, rows: pl.DataFrame) -> pl.DataFrame:
    """Texts in the order of `rows`, all of one source: the declared columns, then every undeclared one there is.

    The fields of a ragged row go to columns by their position, as bronze has them.
    """
    ragged = pl.col("raw").str.starts_with("[")
    names = list(dict.fromkeys([*source.names, *_names(rows.filter(~ragged))]))
    regular = _texts(rows["raw"], [f"/{_escaped(name)}" for name in names], names)
    if not rows.select(ragged.any()).item():
        return regular
    declared = list(source.names)
    by_position = _texts(rows["raw"], [f"/{number}" for number in range(len(declared))], declared)
    landed = _in_bronze(settings, source, rows)
    return (
        regular.with_columns(rows.select(ragged.alias("__ragged")).to_series())
        .hstack(by_position.rename(lambda name: f"{name}__position"))
        .hstack(landed.rename(lambda name: f"{name}__bronze"))
        .select(
            *(
                pl.when("__ragged")
                # A run that stopped left nothing in bronze.
                .then(pl.when("__landed__bronze").then(f"{name}__bronze").otherwise(f"{name}__position"))
                .otherwise(name)
                .alias(name)
                for name in declared
            ),
            *names[len(declared) :],
        )
    )


def of_row(raw: str) -> list[tuple[str, str | None]]:
    """Names and texts of one row, as it arrived; the fields of a ragged row are numbered."""
    rows = pl.DataFrame({"raw": [raw]})
    if raw.startswith("["):
        with scratch.connect() as con:
            [(texts,)] = con.execute("select json_extract_string($raw, '$[*]')", {"raw": raw}).fetchall()
        return [(f"field {number}", text) for number, text in enumerate(texts, start=1)]
    names = _names(rows)
    texts = _texts(rows["raw"], [f"/{_escaped(name)}" for name in names], names).row(0)
    return list(zip(names, texts, strict=True))


def _names(rows: pl.DataFrame) -> list[str]:
    """Every name in the JSON objects, in the order they are met."""
    with scratch.connect() as con:
        landed = con.from_arrow(rows.select("raw").to_arrow())
        keys = landed.project("json_keys(raw) as names").pl()["names"]
    names: list[str] = keys.explode(empty_as_null=False).unique(maintain_order=True).to_list()
    return names


def _texts(raw: pl.Series, pointers: list[str], names: list[str]) -> pl.DataFrame:
    """A column of text for each JSON pointer."""
    with scratch.connect() as con:
        con.register("landed", raw.alias("raw").to_frame().to_arrow())
        found = con.sql("select json_extract_string(raw, $paths) as texts from landed", params={"paths": pointers})
        texts: pl.DataFrame = found.pl()
    return texts.select(pl.col("texts").list.get(number).alias(name) for number, name in enumerate(names))


def _escaped(name: str) -> str:
    """A name in a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _in_bronze(settings: Settings, source: Source, rows: pl.DataFrame) -> pl.DataFrame:
    """The declared columns as bronze has them, in the order of `rows`, and `__landed`: is the row there at all."""
    release = releases.current(settings)
    places = rows.select("landing_date", "source_file", "row_number", "row_hash")
    table = source.table
    landed = table.empty()
    if release is not None:
        version = release.versions[table.full_name]
        landed = lookup.rows_on(settings.lake, table, version, set(places["landing_date"]))
    landed = landed.select(*places.columns, *source.names, pl.lit(value=True).alias("__landed"))
    found = places.join(landed, on=places.columns, how="left", maintain_order="left")
    return found.select(*source.names, pl.col("__landed").fill_null(value=False))
