"""Kinds of damage. Each plants one, at random, and says what must be found: the check, and what it must name."""

import json
import shutil
from pathlib import Path

import polars as pl

from contracts.errors import LakeUnavailable
from contracts.registry import lake_tables, sources
from lake import delta
from lake import release as releases
from serving import ddl


def any_file(looked, rng, layers=("bronze", "silver", "gold", "quality")):
    """A Parquet file of the release in force that is there: table, path below its folder, path."""
    settings = looked.home.settings
    release = releases.current(settings)
    files = [
        (table, path)
        for name, table in lake_tables().items()
        if table.layer in layers
        for path in delta.files(settings.lake, table, release.versions[name])
        if Path(path).exists()
    ]
    layer = rng.choice([each for each in layers if any(table.layer == each for table, _ in files)])
    table, path = rng.choice([each for each in files if each[0].layer == layer])
    return table, path.removeprefix(f"{delta.location(settings.lake, table)}/"), Path(path)


def flipped_byte(looked, rng):
    table, below, path = any_file(looked, rng)
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)
    return "parquet_files", f"{table.full_name} {below}"


def deleted_file(looked, rng):
    table, below, path = any_file(looked, rng)
    path.unlink()
    return "parquet_files", f"{table.full_name} {below}"


def foreign_file(looked, rng):
    table, _, path = any_file(looked, rng)
    name = rng.choice(["notes.txt", "orders.parquet", "copy of part-00000.parquet", ".hidden.parquet", "data.csv"])
    folder = rng.choice([path.parent, Path(delta.location(looked.home.settings.lake, table)), path.parent / "deeper"])
    folder.mkdir(exist_ok=True)
    target = folder / f"{rng.randrange(10**6)} {name}"
    shutil.copy(path, target)
    return "foreign_files", target.relative_to(delta.location(looked.home.settings.lake, table)).as_posix()


def any_row(looked, rng, *, changeable=False):
    """A served row, by its table, its key in SQL, and its key as a finding names it."""
    served = [table for table in ddl.served_tables() if not changeable or set(table.names) - set(table.key)]
    rng.shuffle(served)
    for table in served:
        rows = looked.home.database(f"select {', '.join(table.key)} from serving.{table.name} order by 1")
        if rows:
            row = rng.choice(rows)
            where = " and ".join(f"{name} = '{value}'" for name, value in zip(table.key, row, strict=True))
            return table, where, ", ".join(f"{name}={value}" for name, value in zip(table.key, row, strict=True))
    raise LookupError("nothing is served")


CHANGED = {
    "text": "coalesce({0}, '') || 'x'",
    "int": "coalesce({0}, 0) + 1",
    "money": "coalesce({0}, 0) + 0.0001",
    "difference": "coalesce({0}, 0) + 0.0001",
    "ratio": "coalesce({0}, 0) + 1e-12",
    "ts": "coalesce({0}, timestamp '2024-01-01') + interval '1 microsecond'",
    "date": "coalesce({0}, date '2024-01-01') + 1",
    "bool": "not {0}",
    "texts": "{0} || array['x']",
}


def set_locked(looked, statement):
    """As somebody would who edits behind our back: without the keys in the way."""
    looked.home.database(f"set session_replication_role = replica; {statement}")


def schema(looked):
    [(number,)] = looked.home.database("select max(version) from lakehouse.serving_version")
    return f"serving_v{number}"


def edited_row(looked, rng):
    table, where, key = any_row(looked, rng, changeable=True)
    column = rng.choice([each for each in table.columns if each.name not in table.key])
    changed = CHANGED[column.type].format(f'"{column.name}"')
    set_locked(looked, f'update {schema(looked)}.{table.name} set "{column.name}" = {changed} where {where}')
    return "served_rows", f"serving.{table.name}", key


def deleted_row(looked, rng):
    table, where, key = any_row(looked, rng)
    set_locked(looked, f"delete from {schema(looked)}.{table.name} where {where}")
    return "served_rows", f"serving.{table.name}", key


def inserted_row(looked, rng):
    """A row of another key, otherwise as one that is there."""
    tables = [each for each in ddl.served_tables() if lake_type(each) == "text"]
    rng.shuffle(tables)
    for table in tables:
        rows = looked.home.database(f"select {table.key[0]} from serving.{table.name} order by 1 limit 1")
        if rows and table.name != "quarantine":
            new = f"planted {rng.randrange(10**6)}"
            names = [f'"{name}"' for name in table.names[:] if name != table.key[0]]
            listed = ", ".join([*names, "from_release"])
            set_locked(
                looked,
                f"insert into {schema(looked)}.{table.name} ({table.key[0]}, {listed}) select '{new}', {listed}"
                f" from {schema(looked)}.{table.name} limit 1",
            )
            return "served_rows", f"serving.{table.name}", new
    raise LookupError("nothing is served")


def lake_type(table):
    return next(column.type for column in table.columns if column.name == table.key[0])


def any_entry(looked, rng):
    settings = looked.home.settings
    release = releases.current(settings)
    entries = [
        (name, path)
        for name, version in sorted(release.versions.items())
        for path in sorted((Path(delta.location(settings.lake, lake_tables()[name])) / "_delta_log").glob("*.json"))
        if int(path.stem) <= version
    ]
    name, path = rng.choice(entries)
    return name, path.name, path


def missing_log_entry(looked, rng):
    name, entry, path = any_entry(looked, rng)
    path.unlink()
    return "log_entries", f"{name} _delta_log/{entry}"


def edited_log_entry(looked, rng):
    name, entry, path = any_entry(looked, rng)
    lines = path.read_text().splitlines()
    if rng.random() < 0.5:
        path.write_text("\n".join([*lines, json.dumps({"commitInfo": {"planted": rng.random()}})]))
    else:
        text = path.read_text()
        at = rng.randrange(len(text))
        path.write_text(text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :])
    return "log_entries", f"{name} _delta_log/{entry}"


def damaged_checkpoint(looked, rng):
    """One of maintenance, after the release, so that no hash proves it: cut short, or of another table."""
    settings = looked.home.settings
    name, other = rng.sample([each for each in sorted(lake_tables()) if _opens(settings, each)], 2)
    for each in (name, other):
        delta.checkpoint(settings.lake, lake_tables()[each], 0)
    mine, others = (
        max((Path(delta.location(settings.lake, lake_tables()[each])) / "_delta_log").glob("*.checkpoint.parquet"))
        for each in (name, other)
    )
    content = mine.read_bytes()
    mine.write_bytes(content[: rng.randrange(len(content))] if rng.random() < 0.5 else others.read_bytes())
    return "log_entries", f"{name} _delta_log/{mine.name}"


def _opens(settings, name):
    """Not so where an earlier plant cut its checkpoint short."""
    try:
        return delta.newest_version(settings.lake, lake_tables()[name]) is not None
    except LakeUnavailable:
        return False


def changed_bronze_row(looked, rng):
    """The file is written anew with another value, as if it had always been so."""
    table, below, path = any_file(looked, rng, ("bronze",))
    while table.name == "landed_files":
        table, below, path = any_file(looked, rng, ("bronze",))
    rows = pl.read_parquet(path, hive_partitioning=False)
    column, at = rng.choice(sources()[table.name].names), rng.randrange(rows.height)
    changed = pl.when(pl.int_range(pl.len()) == at).then(pl.lit("planted")).otherwise(pl.col(column)).alias(column)
    rows.with_columns(changed).write_parquet(path, compression="snappy")
    return "parquet_files", f"{table.full_name} {below}"


def missing_copy(looked, rng):
    number = rng.choice(releases.copied(looked.home.settings))
    releases.copy_path(looked.home.settings, number).unlink()
    return "release_copies", f"lake/_releases/{number}.json"


def edited_copy(looked, rng):
    number = rng.choice(releases.copied(looked.home.settings))
    path = releases.copy_path(looked.home.settings, number)
    body = json.loads(path.read_text())
    name = rng.choice(sorted(body["versions"]))
    body["versions"][name] += rng.choice([-1, 1])
    path.write_text(json.dumps(body))
    return "release_copies", f"lake/_releases/{number}.json"


def missing_release_row(looked, rng):
    numbers = [number for (number,) in looked.home.database("select release_id from lakehouse.releases")]
    number = rng.choice(numbers)
    looked.home.database(f"delete from lakehouse.releases where release_id = {number}")
    return "release_rows", "lakehouse.releases", f"release {number} "


def missing_report(looked, rng):
    release = releases.current(looked.home.settings)
    folder = looked.home.settings.reports / release.as_of.isoformat()
    if rng.random() < 0.5:
        shutil.rmtree(folder)
    else:
        (folder / "index.html").unlink()
    return "reports", f"reports/{release.as_of}"


KINDS = [
    flipped_byte,
    deleted_file,
    foreign_file,
    edited_row,
    deleted_row,
    inserted_row,
    missing_log_entry,
    edited_log_entry,
    damaged_checkpoint,
    changed_bronze_row,
    missing_copy,
    edited_copy,
    missing_release_row,
    missing_report,
]
