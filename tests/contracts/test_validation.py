"""Rows are judged whatever the environment says."""

import polars as pl
import pytest
from pandera.config import config_context
from pandera.errors import SchemaErrors

from contracts.registry import tables
from contracts.validation import validate


def test_an_environment_that_switches_validation_off_lets_no_row_in() -> None:
    stores = tables("silver")["stores"]
    nameless = stores.empty().vstack(
        pl.DataFrame({name: [None] for name in stores.names}, schema=stores.polars_schema())
    )
    with config_context(validation_enabled=False), pytest.raises(SchemaErrors, match="store_id"):
        validate(stores.pandera_schema(), nameless)
