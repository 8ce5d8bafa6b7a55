# `just` lists the recipes; `just check` is exactly what CI runs.

set positional-arguments

home := env("TILLHOUSE_HOME", "data")

_default:
    @just --list --unsorted

# A small shop from CSV to report, in ./demo-data
demo:
    uv run tillhouse demo

# Load landing folders: just pipeline 2024-01-15, just pipeline DATE=2024-01-15, just pipeline --all
pipeline *args:
    uv run tillhouse pipeline {{ replace(args, "DATE=", "") }}

# Everything the tests check, on real files, a real Postgres and, where there is one, a real browser
test *args:
    uv run pytest -n 2 --dist loadfile --no-loadscope-reorder "$@"

# Format, lint and types
lint:
    uv run ruff format --check .
    uv run ruff check .
    uv run mypy

# What CI runs
check: lint test

# Property tests with many examples in memory, a 50th of them over Delta tables, a 100th through the command line
soak examples="10000":
    HYPOTHESIS_EXAMPLES={{ examples }} uv run pytest -n 2 --dist loadfile tests/properties

# Every shared sample in every way of loading, every table
acceptance *args:
    ACCEPTANCE=all uv run pytest -n 2 tests/test_acceptance.py "$@"

# Plant known bugs one at a time into a copy: each must turn its tests red
planted *args:
    uv run python -m tools.planted "$@"

# Faults at every point, random kills, lost answers, races, full disks: just torture kills=1000 points=all seed=1
torture *args:
    uv run python -m tools.torture "$@"

# Random requests by the OpenAPI document, right and wrong: just api-cases 20000
api-cases cases="20000":
    SCHEMA_CASES={{ cases }} uv run pytest tests/api/test_schema.py

# Every page of the sales of a large shop while releases are published to it: just pages HOME
pages home:
    PAGES_HOME={{ home }} uv run pytest -q -s tests/api/test_paging.py

# Bad files, our own and other projects' (TILLHOUSE_SHARED), through whole runs; prints what became of them
corpora:
    CORPORA=whole uv run pytest -q -s tests/corpora

# Comparisons side by side in one run: just bench silver
bench name:
    uv run python -m tools.bench "$1"

# Write the format
format:
    uv run ruff format .
    uv run ruff check --fix .

# One read-only SELECT over the release
sql query *args:
    uv run tillhouse sql "$@"

# Rows kept out: just quarantine list, show, export, release
quarantine *args:
    uv run tillhouse quarantine "$@"

# Where a figure comes from: just lineage fct_orders.net_revenue, just lineage --format html --to lineage.html
lineage *args:
    uv run tillhouse lineage "$@"

# Where a figure comes from: just explain order ID, just explain day DATE
explain *args:
    uv run tillhouse explain "$@"

# Last runs, rows, quarantine
status *args:
    uv run tillhouse status "$@"

# Do landing, lake, release and Postgres agree: just fsck, just fsck --repair
fsck *args:
    uv run tillhouse fsck "$@"

# Damage of every kind planted, found by name, repaired: just damage 20
damage times="20":
    DAMAGE={{ times }} uv run pytest tests/pipelines/fsck/test_damage.py

# The HTML report of the release
report *args:
    uv run tillhouse report "$@"

# The headline figures of the newest report to mail or chat
digest *args:
    uv run tillhouse digest "$@"

# The API and the report archive on http://127.0.0.1:8000
serve *args:
    uv run tillhouse serve "$@"

# Landing folders of a synthetic shop
generate *args:
    uv run tillhouse generate "$@"

# A foreign export to landing folders: just import online-retail-ii FILE
import *args:
    uv run tillhouse import "$@"

# Silver and gold again from bronze
rebuild:
    uv run tillhouse rebuild

# Postgres made exactly the release again
publish:
    uv run tillhouse publish

# Small files as few, what is past retention removed: just maintain --dry-run
maintain *args:
    uv run tillhouse maintain "$@"

# The whole home as one file: just backup shop.tar.zst
backup file:
    uv run tillhouse backup "$1"

# An empty home from it: TILLHOUSE_HOME=elsewhere just restore shop.tar.zst
restore file:
    uv run tillhouse restore "$1"

# Keys of the API: just api-key create NAME, list, revoke ID
api-key *args:
    uv run tillhouse api-key "$@"

# The home's database: just db start, stop, status, url, psql
db *args:
    uv run tillhouse db "$@"

# A psql session on the home's database
psql *args:
    uv run tillhouse db psql "$@"

# Stop the embedded database
stop:
    uv run tillhouse db stop

# Take today's newest versions and pin them in pyproject.toml
pin:
    uv sync --upgrade
    uv run python tools/pin.py

# Write the generated pages under docs/
docs:
    uv run python -m tools.docs
