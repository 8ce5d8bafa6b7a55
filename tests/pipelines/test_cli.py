"""What a user types, and how it answers: exit codes, one paragraph for an error, nothing else."""

import contextlib
import json
import re
import signal
import socket
import time
from importlib.metadata import version

import psycopg2
import pytest
import typer

from contracts.registry import tables
from lake import delta
from pipelines import cli
from serving.lock import WRITER
from tests.conftest import ROOT


def paragraph(ran):
    """The one line of an error."""
    [line] = ran.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name one landing date"),
        (["2024-01-02", "--all"], "Name one landing date"),
        (["2024-13-01"], "2024-13-01"),
        (["2024-01-02", "--bogus"], "--bogus"),
        (["2024-01-02"], "There is no landing folder"),
        (["2999-01-01"], "2999-01-01 is after today"),
        (["--from", "2024-02-01", "--to", "2024-01-01"], "--from 2024-02-01 is after --to 2024-01-01"),
        (["--from", "2024-02-01"], "No landing folder"),
        (["2024-01-02", "--max-reject-ratio", "3"], "max_reject_ratio"),
    ],
)
def test_wrong_usage_of_pipeline_is_one_paragraph_and_exit_2(home, arguments, said):
    ran = home.run("pipeline", *arguments)
    assert ran.exit_code == 2
    assert said in paragraph(ran)
    assert ran.out == ""


def test_a_command_that_is_none_is_exit_2_and_no_command_at_all_shows_the_help(home):
    ran = home.run("pipelin")
    assert (ran.exit_code, "pipelin" in paragraph(ran)) == (2, True)
    assert "Usage" in home.run().out


def test_a_landing_date_in_the_future_is_loaded_on_request(home):
    home.land("2999-01-01", customers=[{}])
    assert home.run("pipeline", "--all").exit_code == 2
    home.succeed("pipeline", "2999-01-01", "--future", "--dry-run")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TILLHOUSE_REFUND_WINDOW", "30", "TILLHOUSE_REFUND_WINDOW is no setting"),
        ("TILLHOUSE_REFUND_WINDOW_DAYS", "soon", "refund_window_days ('soon')"),
        ("TILLHOUSE_TIMEZONE", "Mars/Olympus", "timezone ('Mars/Olympus')"),
    ],
)
def test_a_wrong_setting_is_named_with_exit_2(home, monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    ran = home.run("status")
    assert (ran.exit_code, said in paragraph(ran)) == (2, True)


def test_a_wrong_key_of_the_settings_file_is_named_with_exit_2(home):
    home.path.mkdir()
    (home.path / "tillhouse.toml").write_text("curency = 'EUR'\n")
    ran = home.run("status")
    assert (ran.exit_code, "curency is no setting" in paragraph(ran)) == (2, True)


@pytest.mark.parametrize("command", [["pipeline", "2024-01-02"], ["status"], ["db", "status"], ["report"]])
def test_a_database_that_does_not_answer_is_one_paragraph_and_exit_3(shop, monkeypatch, command):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("TILLHOUSE_DATABASE_URL", f"postgresql://who:secret-word@127.0.0.1:{port}/none")
    ran = shop.run(*command)
    assert ran.exit_code == 3
    beside = ("no database answers", "trying again: ")
    lines = [line for line in ran.err.splitlines() if not any(words in line for words in beside)]
    assert len(lines) == 1
    assert "The database does not answer" in lines[0]
    assert "secret-word" not in ran.out + ran.err


def test_a_query_is_answered_from_the_lake_while_no_database_answers(shop, monkeypatch):
    monkeypatch.setenv("TILLHOUSE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    ran = shop.succeed("sql", "select sum(net_revenue) as net from gold.fct_orders", "--format", "csv")
    assert ran.out == "net\n16.0000\n"
    assert "no database answers" in ran.err


def test_a_dry_run_says_what_would_be_loaded_and_writes_nothing(home):
    home.land("2024-01-02", customers=[{}], orders_web=[{}])
    for name in ("people.csv", "notes.txt"):
        (home.path / "landing" / "2024-01-02" / name).write_text("name\n")
    ran = home.succeed("pipeline", "2024-01-02", "--dry-run")
    assert "2024-01-02/orders_web.csv -> orders" in ran.out
    assert "2024-01-02/people.csv -> no source: would be rejected" in ran.out
    assert "2 files would be read, 1 rejected, 0 are known." in ran.out
    assert "ignored 2024-01-02/notes.txt: not a file named .csv or .csv.gz" in ran.err
    assert [path.name for path in home.path.iterdir()] == ["landing"]
    assert home.database("select count(*) from information_schema.schemata where schema_name = 'lakehouse'") == [(0,)]


def test_a_dry_run_counts_files_loaded_or_rejected_before_as_known(shop):
    (shop.land("2024-01-03", customers=[{}]) / "orders.csv").write_bytes(b"")
    shop.succeed("pipeline", "--all")
    assert "0 files would be read, 0 rejected, 7 are known." in shop.succeed("pipeline", "--all", "--dry-run").out


def test_a_synthetic_shop_does_not_overwrite_what_a_shop_has_landed(home):
    own = home.land("2025-03-01", orders=[{}]) / "orders.csv"
    landed = own.read_bytes()
    asked = ("generate", "--days", "1", "--start", "2025-03-01", "--orders-per-day", "2")
    ran = home.run(*asked)
    assert ran.exit_code == 2
    assert f"{own} is there already" in paragraph(ran)
    assert [path.name for path in own.parent.iterdir()] == ["orders.csv"]
    assert own.read_bytes() == landed
    home.succeed(*asked, "--force")
    made = own.read_bytes()
    assert made != landed
    home.succeed(*asked)
    assert own.read_bytes() == made


@pytest.mark.parametrize("arguments", [["--all"], ["--all", "--dry-run"], ["2024-01-02"]])
def test_what_landed_beside_the_folders_of_dates_is_named_as_ignored(shop, arguments):
    shop.land("20240103", customers=[{}])
    (shop.path / "landing" / "customers.csv").write_text("customer_id\n")
    ran = shop.succeed("pipeline", *arguments)
    assert [line for line in ran.err.splitlines() if line.startswith("ignored")] == [
        "ignored landing/20240103: not a folder of a date (YYYY-MM-DD)",
        "ignored landing/customers.csv: not in a folder of a date (YYYY-MM-DD)",
    ]


def test_the_run_log_shows_each_step_and_where_every_row_went(shop):
    shop.land("2024-01-03", order_items=[{"order_id": "NONE"}])
    ran = shop.succeed("pipeline", "2024-01-03")
    for step in ("bronze", "silver", "gold", "checks", "publish"):
        assert step in ran.out
        assert f"{step}: " in ran.err  # plain lines where there is no terminal
    [line] = [line for line in ran.out.splitlines() if "order_items" in line]
    assert [word for word in line.split() if word.isdigit()] == ["2", "1", "0", "1"]
    assert "Release 2, as of 2024-01-03, is published." in ran.out
    assert (shop.path / "reports" / "2024-01-03" / "index.html").as_uri() in ran.out.splitlines()[-1]


def test_a_run_warns_of_the_rows_it_keeps_out_and_says_how_to_see_them(shop):
    shop.land("2024-01-03", order_items=[{"line_number": str(n), "quantity": "0"} for n in range(1, 6)])
    shop.land("2024-01-03", orders=[{"status": "lost"}])
    ran = shop.succeed("pipeline", "2024-01-03")
    [warning] = [line for line in ran.err.splitlines() if "newly quarantined" in line]
    [(run_id,)] = shop.database("select run_id from lakehouse.runs order by started_at desc limit 1")
    command = f"quarantine list --run {run_id}"
    assert warning.endswith(f": tillhouse {command}")
    assert "6 rows newly quarantined (5 of 5 of order_items, 1 of 1 of orders)" in warning
    assert "6 rows, " in shop.succeed(*command.split()).out
    shop.land("2024-01-04", customers=[{}])
    assert "newly quarantined" not in shop.succeed("pipeline", "2024-01-04").err


def test_rows_that_landed_before_are_told_from_those_a_run_loaded(shop, monkeypatch):
    shop.land("2024-01-03", orders=[{"order_id": "O2"}, {"order_id": "O3", "currency": "EUR"}])
    monkeypatch.setenv("TILLHOUSE_CURRENCY", "EUR")
    # All dollars are wrong then: O2, the O1 of the day before, and its line has no order any more.
    said = "3 rows newly quarantined (1 of 2 of orders, 1 of orders landed before, 1 of order_items landed before)"
    assert said in shop.succeed("pipeline", "2024-01-03").err


def test_a_step_counts_the_rows_its_own_run_keeps_out(shop):
    kept_out = "select quarantined from quality.run_steps where step = 'silver' order by run_id"
    shop.land("2024-01-03", order_items=[{"line_number": "2", "quantity": "0"}, {"line_number": "0"}])
    shop.succeed("pipeline", "2024-01-03")
    shop.land("2024-01-04", order_items=[{"line_number": "3", "quantity": "0"}])
    shop.succeed("pipeline", "2024-01-04")
    assert [row["quarantined"] for row in shop.rows(kept_out)] == ["0", "2", "1"]
    assert [each["steps"][1]["quarantined"] for each in shop.ask("/v1/runs")["data"]] == [1, 2, 0]


def test_a_run_that_stops_says_its_name_and_how_to_see_what_it_found(shop):
    shop.land("2024-01-03", order_items=[{"line_number": str(n), "quantity": "0"} for n in range(1, 101)])
    ran = shop.run("pipeline", "2024-01-03")
    assert ran.exit_code == 1
    [(run_id,)] = shop.database("select run_id from lakehouse.runs order by started_at desc limit 1")
    command = f"quarantine list --run {run_id}"
    assert (
        f"Run {run_id} stopped: 100 rows newly quarantined (100 of 100 of order_items): tillhouse {command}\n"
    ) in ran.err
    assert "100 rows" in shop.succeed(*command.split()).out
    (shop.land("2024-01-04") / "orders.csv").write_bytes(b"")
    ran = shop.run("pipeline", "2024-01-04", "--strict")
    [(run_id,)] = shop.database("select run_id from lakehouse.runs order by started_at desc limit 1")
    assert f"Run {run_id} stopped.\n" in ran.err


def test_status_says_the_release_the_rows_the_quarantine_and_the_last_runs(shop):
    shop.land("2024-01-03", order_items=[{"order_id": "NONE", "quantity": "0"}])
    shop.succeed("pipeline", "2024-01-03")
    body = json.loads(shop.succeed("status", "--json").out)
    assert (body["release_id"], body["as_of"]) == (2, "2024-01-03")
    assert body["rows"]["fct_orders"] == 1
    assert body["quarantine"] == {"quantity:ge_1": 1}
    assert [run["status"] for run in body["runs"]] == ["released", "released"]
    text = shop.succeed("status").out
    assert "Release 2, as of 2024-01-03" in text
    assert "quantity:ge_1" in text


def test_status_of_a_new_home_says_that_nothing_is_published(home):
    assert home.succeed("status").out == "Nothing is published yet.\n"
    assert json.loads(home.succeed("status", "--json").out)["release_id"] is None


def test_the_report_is_written_again_and_named(shop):
    (shop.path / "reports" / "2024-01-02" / "index.html").unlink()
    [line] = shop.succeed("report").out.splitlines()
    assert line == (shop.path / "reports" / "2024-01-02" / "index.html").as_uri()
    assert (shop.path / "reports" / "2024-01-02" / "index.html").exists()
    assert shop.run("report", "2023-12-31").exit_code == 2


def test_the_real_command_ends_with_the_same_exit_codes(home):
    process = home.spawn("pipeline", "2024-01-02")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert err.startswith("tillhouse: There is no landing folder")
    assert "Traceback" not in err


def test_ctrl_c_at_work_ends_130_with_the_lake_as_it_was(shop):
    shop.land("2024-01-03", order_items=[{"quantity": "3"}])
    process = shop.spawn("pipeline", "2024-01-03")
    while not process.stderr.readline().startswith("bronze: "):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, "interrupted" in err, "Traceback" in err) == (130, True, False)
    assert shop.database("select status, message from lakehouse.runs order by started_at desc limit 1") == [
        ("failed", "interrupted")
    ]
    table = tables("bronze")["order_items"]
    [(released,)] = shop.database("select (versions->>'bronze.order_items')::int from lakehouse.releases")
    newest = delta.newest_version(shop.settings.lake, table)
    assert newest > released
    assert delta.files(shop.settings.lake, table, newest) == delta.files(shop.settings.lake, table, released)


@pytest.fixture
def other_run(shop):
    """Another run that holds the lock."""
    with contextlib.closing(psycopg2.connect(shop.url)) as holder, holder.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", (WRITER,))
        cursor.execute("update lakehouse.runs set status = 'running'")
        holder.commit()
        yield holder


def test_ctrl_c_is_heard_while_waiting_for_another_run(shop, other_run):
    process = shop.spawn("pipeline", "2024-01-02")
    there = (
        "select count(*) from pg_stat_activity where application_name = 'tillhouse' and datname = current_database()"
    )
    while shop.database(there) == [(0,)]:
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(1)  # a command begins to wait within a fraction of that
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, "interrupted" in err) == (130, True)


def test_another_run_at_work_is_named_and_not_waited_for_on_request(shop, other_run):
    ran = shop.run("pipeline", "2024-01-02", "--no-wait")
    assert ran.exit_code == 3
    assert "(pipeline 2024-01-02) has been writing here since" in paragraph(ran)


def test_an_error_that_nobody_foresaw_is_one_paragraph_and_exit_3(shop):
    shop.database(
        "create function lakehouse.burst() returns trigger language plpgsql as $$ begin raise 'it burst'; end $$;"
        "create trigger burst before insert on lakehouse.runs for each row execute function lakehouse.burst()"
    )
    ran = shop.run("pipeline", "2024-01-02")
    assert ran.exit_code == 3
    assert "it burst" in paragraph(ran)
    assert "Run the same command again" in paragraph(ran)


def test_debug_shows_where_an_error_came_from_and_ends_with_the_same_exit_code(home, monkeypatch):
    for code, command, named in (
        (2, ["pipeline", "2031-01-01"], "UsageError: 2031-01-01 is after today"),
        (2, ["pipeline", "2024-01-02"], "NoSuchFolder: There is no landing folder"),
        (3, ["status"], "DatabaseUnavailable: The database does not answer"),
    ):
        if command == ["status"]:
            monkeypatch.setenv("TILLHOUSE_DATABASE_URL", "postgresql://u:p@127.0.0.1:1/x")
        ran = home.run("--debug", *command)
        assert (ran.exit_code, "Traceback" in ran.err, named in ran.err) == (code, True, True)


def test_debug_shows_an_error_that_nobody_foresaw_and_ends_3(shop):
    shop.database("alter table lakehouse.runs add check (command <> 'rebuild')")
    ran = shop.run("--debug", "rebuild")
    assert (ran.exit_code, "CheckViolation" in ran.err, "Traceback" in ran.err) == (3, True, True)


def test_the_version_is_said(home):
    assert home.succeed("--version").out == f"tillhouse {version('tillhouse')}\n"


def test_what_is_mistyped_is_answered_in_words_with_the_help_of_its_command(home):
    for arguments, said in (
        (["pipelin"], "No such command 'pipelin'. Did you mean 'pipeline'? `tillhouse --help` says what there is."),
        (
            ["pipeline", "2025-13-99"],
            "Invalid value for '[DATE]': '2025-13-99' is no date; write it YYYY-MM-DD. "
            "`tillhouse pipeline --help` says what there is.",
        ),
        (["explain", "day", "soon"], "'soon' is no date; write it YYYY-MM-DD. `tillhouse explain day --help`"),
    ):
        ran = home.run(*arguments)
        assert (ran.exit_code, said in paragraph(ran)) == (2, True)


def commands(of, path=()):
    """Every command with the words it is called by."""
    if isinstance(of, typer.core.TyperGroup):
        for name, each in of.commands.items():
            yield from commands(each, (*path, name))
    else:
        yield path, of


def test_every_argument_and_option_has_its_help_and_every_command_its_recipe():
    recipes = (ROOT / "justfile").read_text(encoding="utf-8")
    for path, command in commands(typer.main.get_command(cli.app)):
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{' '.join(path)}: {parameter.name} has no help"
        assert re.search(rf"^{path[0]}[ :].*\n    uv run tillhouse {path[0]}\b", recipes, re.MULTILINE), path[0]


def test_a_date_without_a_folder_begins_no_run(shop):
    assert shop.run("pipeline", "2024-01-31").exit_code == 2
    assert shop.database("select command, status from lakehouse.runs") == [("pipeline 2024-01-02", "released")]


def test_maintenance_says_what_it_did_and_nothing_of_loading(shop):
    ran = shop.succeed("maintain")
    assert "The lake: " in ran.out
    assert "nothing new" not in ran.out
