"""What a person sees of a run."""

import errno
import io
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from contracts.errors import UsageError
from pipelines import console
from pipelines.checks import Result
from pipelines.landing.folder import LandedFile
from pipelines.run import Outcome
from pipelines.silver.quarantine import Changes


@pytest.fixture
def terminal(monkeypatch):
    """Standard error as a terminal."""
    made = Console(file=io.StringIO(), force_terminal=True, width=100, highlight=False)
    monkeypatch.setattr(console, "err", made)
    return made


def test_an_error_is_shown_as_it_is_also_where_it_looks_like_markup(capsys):
    console.show_error(UsageError("Mend [/landing] in [the folder] of [bold]one[/bold]."))
    assert capsys.readouterr().err == "tillhouse: Mend [/landing] in [the folder] of [bold]one[/bold].\n"


def test_a_long_error_stays_one_line_for_whoever_searches_logs(capsys):
    console.show_error(UsageError("word " * 100))
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_everything_that_wants_a_look_is_said(capsys):
    file = LandedFile(Path("2024-01-02/orders[a].csv"), date(2024, 1, 2), "orders")
    outcome = Outcome(
        "run-1",
        rejected=[(file, "no column [/order_id]")],
        drift={"orders: new column [x], kept in bronze as extra": ["2024-01-02/orders.csv", "2024-01-03/orders.csv"]},
        ignored=("2024-01-02/[notes].txt",),
        checked=[
            Result("stale", "gold.fct_orders", "warning", "failed", "3 days", "1 day", None),
            Result("unique_key", "gold.fct_orders", "blocking", "passed", "0", "0", None),
        ],
    )
    console.show_outcome(outcome, Path("/reports"))
    said = capsys.readouterr()
    assert "rejected 2024-01-02/orders[a].csv: no column [/order_id]." in said.err
    assert "new column [x], kept in bronze as extra (2024-01-02/orders.csv and 1 more)" in said.err
    assert "ignored 2024-01-02/[notes].txt" in said.err
    assert "check stale of gold.fct_orders: 3 days" in said.err
    assert "unique_key" not in said.err
    assert "nothing new to load" in said.out


@pytest.mark.parametrize(
    ("file", "place"),
    [("/mnt/disk/.shop.tar.gz.4evg1_5p.part", "/mnt/disk"), ("/mnt/disk/keys.json", "/mnt/disk/keys.json")],
)
def test_a_disk_that_takes_no_file_is_said_so_with_the_place(file, place):
    refused = OSError(errno.EROFS, "Read-only file system", file)
    assert str(console.in_words(refused)).startswith(f"{place} cannot be written: Read-only file system. Free or mend")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (Changes(3, 2, 1), "3 rows corrected, 2 released (their parent landed), 1 let in (their file, "),
        (Changes(released=1), "1 row released (their parent landed)\n"),
    ],
)
def test_a_run_says_what_became_of_rows_kept_out_before(changes, said, capsys):
    console.show_outcome(Outcome("run-1", status="released", changes=changes), Path("/reports"))
    assert said in capsys.readouterr().out


def test_steps_are_plain_lines_where_there_is_no_terminal(capsys):
    with console.progress() as progress:
        progress.begins("bronze")
        progress.ends(step("bronze", 1200, 1200, 0))
        progress.begins("silver")
        progress.ends(step("silver", 1200, 1100, 100))
    assert capsys.readouterr().err.splitlines() == [
        "bronze: 1,200 in, 1,200 out, 0.5 s",
        "silver: 1,200 in, 1,100 out, 100 quarantined, 0.5 s",
    ]


def test_steps_are_a_live_display_on_a_terminal(terminal):
    with console.progress() as progress:
        progress.begins("bronze")
        progress.ends(step("bronze", 1200, 1200, 0))
    text = terminal.file.getvalue()
    assert "bronze" in text
    assert "1,200 in, 1,200 out" in text
    assert "\x1b[" in text


def step(name, rows_in, rows_out, quarantined):
    from pipelines.ports import Step

    return Step(name, rows_in, rows_out, quarantined, 0.5)
