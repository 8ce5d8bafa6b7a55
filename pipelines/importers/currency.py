"""The one currency of a home, against the export's."""

from pathlib import Path

from contracts.errors import SettingsError, UsageError
from contracts.registry import lake_tables, sources
from contracts.settings import FILE_NAME, Settings
from lake import connection, delta, scratch
from pipelines.importers.landing_files import replace_file
from pipelines.landing import folder
from pipelines.landing.arrival import StillArriving
from pipelines.landing.preflight import Limits, Unreadable
from pipelines.landing.read import read


def require_currency(currency: str, settings: Settings) -> None:
    """Refuse an export of another currency than the home's.

    Raises SettingsError where the setting names another, UsageError where orders that have landed do.
    """
    if "currency" in settings.model_fields_set and settings.currency != currency:
        raise SettingsError(
            f"The export's amounts are {currency} and the setting currency is {settings.currency}; a home holds one"
            f" currency. Import into another home (TILLHOUSE_HOME), or change the setting in {FILE_NAME}.",
            field="currency",
        )
    for place, landed in _landed_currencies(settings):
        if landed != currency:
            raise UsageError(
                f"The export's amounts are {currency} and {place} has orders in {landed}; a home holds one currency."
                " Import into another home (TILLHOUSE_HOME).",
                field="currency",
            )


def write_currency(currency: str, settings: Settings) -> bool:
    """Write the currency to `tillhouse.toml` where no setting names one; was it written?"""
    if "currency" in settings.model_fields_set:
        return False
    path = settings.home / FILE_NAME
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    replace_file(path, f'currency = "{currency}"\n{before}'.encode())
    return True


def _landed_currencies(settings: Settings) -> list[tuple[str, str]]:
    """Where orders have landed (a file, or bronze) and each currency they name there."""
    found = []
    for path in _orders_files(settings.landing):
        try:
            rows = read(path, sources()["orders"], Limits.of(settings)).rows
        except (Unreadable, StillArriving):
            continue  # the pipeline rejects it and says why
        found += [(str(path), value) for value in rows["currency"].drop_nulls().unique().sort()]
    return found + [("the lake", value) for value in _bronze_currencies(settings)]


def _orders_files(landing: Path) -> list[Path]:
    known = list(sources())
    return [
        landed.path
        for day in folder.dates(landing)
        for landed in folder.read_folder(landing, day, known).files
        if landed.source == "orders"
    ]


def _bronze_currencies(settings: Settings) -> list[str]:
    table = lake_tables()["bronze.orders"]
    version = delta.newest_version(settings.lake, table)
    if version is None:
        return []
    orders = connection.select_version(settings.lake, table, version)
    with scratch.connect() as con:
        found = con.sql(orders).filter("currency <> ''").project("currency").distinct().order("currency").fetchall()
    return [str(row[0]) for row in found]
