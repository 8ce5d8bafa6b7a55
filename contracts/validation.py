"""Validation that no environment can switch off."""

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context


def validate(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> None:
    """Check types, nulls, keys and data, all faults at once. Raises pandera's SchemaErrors.

    pandera reads `PANDERA_VALIDATION_ENABLED` and the like; rows must not be let in by a variable.
    """
    with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        schema.validate(frame, lazy=True)
