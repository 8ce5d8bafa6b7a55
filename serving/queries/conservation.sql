-- One row per source.
select source, bronze_rows, current_rows, superseded_rows, quarantined_rows from serving.conservation
