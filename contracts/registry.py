"""Finds the contracts by the folder they lie in; a table is a file, its name the stem."""

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import cast, get_args

from contracts.base import Layer, Source, Table

LAYERS: tuple[Layer, ...] = get_args(Layer)


def _modules(package: str) -> dict[str, ModuleType]:
    folder = importlib.import_module(package)
    stems = sorted(found.name for found in pkgutil.iter_modules(folder.__path__))
    return {stem: importlib.import_module(f"{package}.{stem}") for stem in stems}


@cache
def sources() -> dict[str, Source]:
    """Every landed source by name."""
    return {stem: cast(Source, module.SOURCE).bound(stem) for stem, module in _modules("contracts.sources").items()}


@cache
def tables(layer: Layer) -> dict[str, Table]:
    """Every table of a layer by name; in bronze the sources have theirs by being sources."""
    landed = {name: source.table for name, source in sources().items()} if layer == "bronze" else {}
    own = {
        stem: cast(Table, module.TABLE).bound(layer, stem) for stem, module in _modules(f"contracts.{layer}").items()
    }
    return landed | own


@cache
def lake_tables() -> dict[str, Table]:
    """Every table of the lake by full name, layer by layer."""
    return {table.full_name: table for layer in LAYERS for table in tables(layer).values()}
