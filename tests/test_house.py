"""The conventions of the house. A failure says what to move where."""

import ast
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

from contracts import errors
from contracts.columns import COLUMNS
from contracts.dictionary import PAGES, reasons
from contracts.registry import lake_tables, sources, tables
from contracts.settings import Settings

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "contracts", "lake", "pipelines", "serving")
PYTHON = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SQL = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.sql"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_imports_go_one_way_and_the_read_side_needs_postgres_alone() -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout


def test_the_api_starts_where_no_lake_engine_can_be_imported() -> None:
    blocked = textwrap.dedent("""
        import sys

        class Blocker:
            def find_spec(self, name, path=None, target=None):
                if name.partition(".")[0] in {"lake", "duckdb", "polars", "pandera", "deltalake"}:
                    raise ImportError(f"{name} must not be imported by the read side")

        sys.meta_path.insert(0, Blocker())
        import api.app
        import serving.read
        import serving.reports.publish
    """)
    started = subprocess.run([sys.executable, "-c", blocked], cwd=ROOT, capture_output=True, text=True, check=False)
    assert started.returncode == 0, started.stderr


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_module_is_one_thing_and_quiet(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400, f"{name(path)} has over 400 lines: which of its reasons to change moves out?"
    if path.name == "__init__.py" and path.parent.name != "lake":
        assert text == "", f"{name(path)} must be empty: import-linter does not see what it would pull in"
        return
    assert ast.get_docstring(ast.parse(text)), f"{name(path)} needs a docstring that says what it is for"
    for node in ast.walk(ast.parse(text)):
        assert not isinstance(node, ast.Assert), (
            f"{name(path)}:{node.lineno} asserts; raise an error of contracts.errors"
        )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"{name(path)}:{node.lineno} prints; use pipelines.console or structlog"
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{name(path)}:{node.lineno} catches everything; name the errors"


@pytest.mark.parametrize("path", SQL, ids=name)
def test_a_query_is_short_and_depends_on_no_clock(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 150, f"{name(path)} has over 150 lines; give a step a table of its own"
    assert text.startswith("--"), f"{name(path)} must open with a comment: the grain, or what it is for"
    code = re.sub(r"--.*", "", text).lower()
    for word in ("current_date", "now()", "random(", "current_timestamp", "today()"):
        assert word not in code, (
            f"{name(path)} uses {word}: figures depend on what landed, never on the clock or chance"
        )


@pytest.mark.parametrize("path", TESTS, ids=name)
def test_no_assertion_is_commented_out(path: Path) -> None:
    assert not re.search(r"^\s*#\s*assert\b", path.read_text(encoding="utf-8"), re.MULTILINE), name(path)


def test_every_gold_table_has_its_contract_its_select_and_its_rows_in_rows_out() -> None:
    contracts = set(tables("gold"))
    selects = {path.stem for path in (ROOT / "pipelines/gold").glob("*.sql") if not path.stem.startswith("_")}
    models = {path.stem for path in (ROOT / "tests/models/gold").glob("*.yaml")}
    assert contracts == selects, f"contract or SELECT missing: {sorted(contracts ^ selects)}"
    assert contracts == models, f"tests/models/gold lacks or has too much: {sorted(contracts ^ models)}"
    for path in (ROOT / "tests/models/gold").glob("*.yaml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8")), f"{name(path)} holds no case"


def test_every_silver_table_of_a_source_has_its_module() -> None:
    modules = {path.stem for path in (ROOT / "pipelines/silver").glob("*.py")}
    for table in tables("silver"):
        assert table in modules, f"pipelines/silver/{table}.py is missing: how is silver.{table} made?"


def test_every_room_has_its_tests() -> None:
    declarations = {("contracts", layer) for layer in ("sources", "bronze", "silver", "gold", "quality")}
    rooms = {path.parent.relative_to(ROOT) for path in PYTHON if path.name != "__init__.py"}
    for room in rooms - {Path(*parts) for parts in declarations}:
        mirrored = [ROOT / "tests" / room, ROOT / "tests" / room.parent]
        assert any(list(folder.glob("test_*.py")) for folder in mirrored), f"tests/{room} mirrors {room} and is missing"


def test_every_column_of_the_dictionary_is_used_and_described_by_itself() -> None:
    used = {column.name for table in lake_tables().values() for column in table.columns}
    used |= {declared.name for source in sources().values() for declared in source.fields}
    assert COLUMNS.keys() == used & COLUMNS.keys(), f"columns no table has: {sorted(COLUMNS.keys() - used)}"
    for column, (_, meaning) in COLUMNS.items():
        assert meaning.endswith((".", "?")), f"{column}: a meaning is a sentence"
        assert len(meaning) > 3, f"{column}: say what it means"


def test_the_errors_are_drawn_as_they_are() -> None:
    drawn = re.findall(r"^[│├└─ ]*(\w+) +(\d) +([a-z-]+)$", str(errors.__doc__), re.MULTILINE)
    classes = [each for each in vars(errors).values() if isinstance(each, type)]
    assert {(one, int(code), slug) for one, code, slug in drawn} == {(c.__name__, c.exit_code, c.slug) for c in classes}
    assert len({c.slug for c in classes}) == len(classes), "two errors share a slug"


@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_are_current(page: str) -> None:
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == PAGES[page](), f"docs/{page} is stale: run `just docs`"


def test_every_setting_and_reason_code_is_documented() -> None:
    settings = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    for setting in Settings.model_fields:
        assert f"`{setting}`" in settings
    dictionary = (ROOT / "docs/data-dictionary.md").read_text(encoding="utf-8")
    for source in sources().values():
        for code, _ in reasons(source):
            assert f"`{code}`" in dictionary


def test_every_command_stands_in_the_readme_and_every_one_there_exists() -> None:
    from pipelines.cli import app

    commands = {
        command.name or command.callback.__name__.strip("_") for command in app.registered_commands if command.callback
    }
    commands |= {str(group.name) for group in app.registered_groups}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert commands == set(re.findall(r"^\| `tillhouse (\S+)`", readme, re.MULTILINE))


def test_every_path_named_in_the_architecture_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:api|contracts|lake|notebooks|pipelines|serving|tests)/[\w./]*)`", text))
    for path in paths - {"contracts/gold/x.py", "pipelines/gold/x.sql", "tests/models/gold/x.yaml"}:
        assert (ROOT / path).exists(), f"ARCHITECTURE.md names {path}, which is not there"


def test_the_readme_opens_with_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.partition("```sh\n")[2].partition("```")[0]
    assert [line.partition("#")[0].strip() for line in block.strip().splitlines()] == [
        "pip install uv && uv run just demo",
        "pip install uv && uv run just test",
    ]


def test_ci_runs_the_readmes_test_command() -> None:
    assert "\nuv run just test\n" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_versions_are_pinned_exactly_and_name_no_index() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    pins = text.partition("constraint-dependencies = [")[2].partition("]\n")[0]
    assert len(re.findall(r'"[\w.-]+==[\w.]+"', pins)) > 50
    assert "://" not in text


def test_the_project_speaks_of_itself_alone() -> None:
    machine = re.compile(
        r"(^|[\s\"'(=])/(work|root|tmp|home/\w+)/\w|index[-]url|uv\.lock[^/\n]*\w+ registry", re.MULTILINE
    )
    for path in tracked():
        if (
            path.suffix in {".py", ".md", ".sql", ".toml", ".yml", ".yaml", ".html", ".j2", ".css", ".js"}
            or path.name == "justfile"
        ):
            if path == Path(__file__) or path.name in {"docker-compose.yml", "Dockerfile"}:
                continue
            found = machine.search(path.read_text(encoding="utf-8"))
            assert not found, f"{name(path)} names a machine's path: {found and found[0]!r}"


def test_the_compose_file_is_valid() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    checked = subprocess.run(
        [checker, "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_a_new_gold_table_is_three_files_and_no_edit_elsewhere(tmp_path: Path) -> None:
    for package in (*PACKAGES, "tests"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "contracts/gold/fct_daily_orders.py").write_text(
        textwrap.dedent('''
            """fct_daily_orders: a table made by dropping files."""

            from contracts.base import Table, columns_of

            TABLE = Table(
                grain="One row per order date.",
                columns=columns_of("order_date", "orders"),
                key=("order_date",),
                partition="order_date",
            )
        ''')
    )
    (tmp_path / "pipelines/gold/fct_daily_orders.sql").write_text(
        "-- One row per order date.\nselect order_date, count(*) as orders from gold.fct_orders group by order_date\n"
    )
    script = textwrap.dedent("""
        from datetime import date
        from contracts.dictionary import data_dictionary
        from contracts.registry import lake_tables
        from contracts.settings import Settings
        from pipelines import checks
        from pipelines.gold import build
        from serving import ddl
        import duckdb

        assert "gold.fct_daily_orders" in lake_tables()
        assert "fct_daily_orders" in {table.name for table in ddl.served_tables()}
        assert any("serving_v1.fct_daily_orders" in statement for statement in ddl.statements("serving_v1"))
        assert "### gold.fct_daily_orders" in data_dictionary()
        con = duckdb.connect()
        con.execute("create schema bronze; create schema silver; create schema gold; create schema quality")
        for name, table in lake_tables().items():
            if table.layer != "gold" or table.scope == "log":
                types = ", ".join(f"{column} {kind}" for column, kind in table.duckdb_types().items())
                con.execute(f"create table {name} ({types})")
        counts = build.build(con, date(2024, 1, 31), Settings())
        assert counts["fct_daily_orders"] == 0
        parameters = {"as_of": date(2024, 1, 31), "run_id": "run", "max_reject_ratio": 0.05}
        parameters |= Settings().model_inputs()
        checked = {result.table_name for result in checks.run(con, parameters) if result.check_name == "unique_key"}
        assert "gold.fct_daily_orders" in checked
    """)
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
