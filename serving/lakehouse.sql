-- What a home's database holds beside the served tables. Run at the start of every command that writes.
create schema if not exists lakehouse;

-- Whose database this is: the id of the one lake it belongs to.
create table if not exists lakehouse.lake (lake_id text primary key);

-- One row per release: what every reader sees. Written in the transaction that publishes.
create table if not exists lakehouse.releases (
    release_id bigint primary key,
    run_id text not null,
    as_of date not null,
    created_at timestamptz not null,
    settings jsonb not null,
    versions jsonb not null
);

-- Run records, outside the release: committed at once, also for a run that stops.
create table if not exists lakehouse.runs (
    run_id text primary key,
    command text not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    status text not null,  -- running, released, nothing_new, repaired, stopped, failed
    release_id bigint,
    as_of date,
    message text
);
create table if not exists lakehouse.run_steps (
    run_id text not null references lakehouse.runs,
    position integer not null,
    step text not null,
    rows_in bigint not null,
    rows_out bigint not null,
    quarantined bigint not null,
    seconds double precision not null,
    primary key (run_id, position)
);
create table if not exists lakehouse.check_results (
    run_id text not null references lakehouse.runs,
    check_name text not null,
    table_name text not null,
    severity text not null,
    status text not null,  -- passed, failed
    observed text not null,
    threshold text not null,
    sample text,
    primary key (run_id, check_name, table_name)
);
-- What a stopped run found bad: the columns of silver.quarantine.
create table if not exists lakehouse.stopped_quarantine (
    source text not null,
    landing_date date not null,
    source_file text not null,
    row_number bigint not null,
    row_hash text not null,
    raw text not null,
    reasons text[] not null,
    run_id text not null references lakehouse.runs,
    quarantined_at timestamp not null,
    status text not null,
    corrected_by text,
    primary key (run_id, source, landing_date, source_file, row_number)
);
create table if not exists lakehouse.rejected_files (
    landing_date date not null,
    source_file text not null,
    file_hash text not null,
    source text,
    reason text not null,
    kept_as text not null,  -- below `rejected/` in the home
    run_id text not null,
    rejected_at timestamptz not null,
    primary key (landing_date, source_file, file_hash)
);

-- Landing folders that a run has taken up and not loaded: of one that stopped or died, and of one under way.
create table if not exists lakehouse.open_folders (landing_date date primary key);

-- The schema `serving_v<version>` behind the views of `serving`.
create table if not exists lakehouse.serving_version (
    version integer primary key,
    fingerprint text not null
);

-- The oldest release that can still be shown: the rows that only older ones held are gone. One row at most.
create table if not exists lakehouse.history_begins (
    is_only boolean primary key check (is_only),
    release_id bigint not null
);
