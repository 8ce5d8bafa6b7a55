"""The reference pages under `docs/`, written from the contracts and settings; a test keeps them current."""

from collections.abc import Iterator

from contracts.base import Source, Table
from contracts.registry import LAYERS, sources, tables
from contracts.settings import PREFIX, Settings

TYPES = {
    "text": "text",
    "int": "whole number",
    "money": "DECIMAL(18,4) in the shop's currency",
    "ratio": "DOUBLE",
    "ts": "timestamp in the business time zone",
    "date": "date",
    "bool": "true or false",
    "texts": "list of text",
    "difference": "DECIMAL(38,10)",
}


def reasons(source: Source) -> Iterator[tuple[str, str]]:
    """Every reason code a row of the source can be quarantined with, and what it means."""
    for declared in source.fields:
        name, kind = declared.name, declared.column.type
        if declared.required:
            yield f"{name}:null", "A required value is absent."
        if kind != "text":
            yield f"{name}:type", f"It does not parse as {TYPES[kind]}."
        if declared.enum:
            yield f"{name}:enum", f"It is none of {', '.join(declared.enum)}."
        if declared.at_least is not None:
            yield f"{name}:ge_{declared.at_least}", f"It is below {declared.at_least}."
    for rule in source.rules:
        yield rule.code, rule.meaning
    yield "ingested_at:type", "The optional column does not parse as a timestamp."
    yield "deleted:type", "The optional column is none of true, false, 1, 0."
    for reference in source.references:
        yield f"{reference.columns[-1]}:orphan", f"The parent in {reference.table} is not there (yet)."
    if source.name == "returns":
        yield "quantity:exceeds_sold", "It takes its line above what was sold."
    yield "row:ragged", "The record has more or fewer fields than the header."


def data_dictionary() -> str:
    """`docs/data-dictionary.md`."""
    lines = [
        "# Data dictionary",
        "",
        "Written by `just docs` from the contracts. A `?` after a type means the value may be absent.",
        "",
        *(f"- `{kind}`: {meaning}" for kind, meaning in TYPES.items()),
        "",
        "## Landed files",
        "",
        "`<home>/landing/<YYYY-MM-DD>/<source>[_anything].csv[.gz]`, UTF-8, with a header. More columns may",
        "stand in any of them: `ingested_at` (a timestamp that decides which row of a key is the latest, in place",
        "of the folder's date), `deleted` (true takes the key out), and of a mended row `_file` and `_row`, which",
        "name the quarantined row it stands in for, beside `_reasons` (see quarantine.md).",
    ]
    for source in sources().values():
        lines += ["", f"### {source.name}{' (optional)' if source.optional else ''}", "", source.grain]
        lines += [f"Key: {', '.join(source.key)}.", "", "| column | type | meaning |", "|---|---|---|"]
        for declared in source.fields:
            mark = "" if declared.required else "?"
            default = "" if declared.default is None else f" Default {declared.default}."
            lines.append(f"| `{declared.name}` | {declared.column.type}{mark} | {declared.column.meaning}{default} |")
        lines += ["", "| reason code | when |", "|---|---|"]
        lines += [f"| `{code}` | {meaning} |" for code, meaning in reasons(source)]
    for layer in LAYERS:
        lines += ["", f"## {layer}"]
        for table in tables(layer).values():
            if table.name not in sources() or layer != "bronze":
                lines += _table(table)
    return "\n".join(lines) + "\n"


def _table(table: Table) -> list[str]:
    partition = f" Partitioned by {table.partition}." if table.partition else ""
    lines = ["", f"### {table.full_name}", "", table.grain, f"Key: {', '.join(table.key)}.{partition}", ""]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    lines += [
        f"| `{column.name}` | {column.type}{'?' if column.nullable else ''} | {column.meaning} |"
        for column in table.columns
    ]
    return lines


def settings_reference() -> str:
    """`docs/settings.md`."""
    lines = [
        "# Settings",
        "",
        f"Written by `just docs`. Each is an environment variable `{PREFIX}<NAME>` or a key of `tillhouse.toml`",
        "in the home (but for `home` itself); the environment wins. An unknown name or a wrong value stops the",
        "command with exit 2.",
        "",
        "| setting | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `{name}` | {field.default if field.default is not None else ''} | {field.description} |")
    return "\n".join(lines) + "\n"


PAGES = {"data-dictionary.md": data_dictionary, "settings.md": settings_reference}
