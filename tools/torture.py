"""Faults without end: each named point with each fault, random kills, lost answers, races, readers, full disks.

`just torture` runs the full counts, `just torture kills=100 points=50 seed=7` other ones (0 leaves a part out, and
`just torture none kills=100` every part that is not named). Each
round is a fresh copy of a small home, one fault, the next command, and every comparison of tests/faults/rounds.py.
A round that fails prints its name, what was wrong and where its home is kept. Exit 1 where one failed.
"""

import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path

from rich.console import Console
from rich.table import Table

from contracts.settings import Settings
from serving import embedded
from tests.conftest import Databases
from tests.faults.launcher import Launcher
from tests.faults.points import faults_at
from tests.faults.proxy import AFTER, BEFORE, DURING
from tests.faults.readers import hammer
from tests.faults.rounds import COMMITTED, Round, kill_at_random, lose, race, strike
from tests.faults.servers import EmbeddedWorld, fill_disk, kill_postgres, small_disk
from tests.faults.worlds import World

# Rounds of each part; points and lost_points: so many drawn at random, or all.
COUNTS = {
    "points": "all",  # named points x kill, exception, full disk
    "lost_points": "all",  # COMMITs x connection lost before, during, after; COPYs x during
    "kills": "1000",
    "postgres": "200",
    "answers": "100",  # lost answers to the COMMIT that publishes
    "races": "100",
    "runners": "8",
    "publishes": "60",
    "disks": "40",
    "seed": "1",
    "workers": "2",
    "only": "",  # the number of one round of each part
}
RUNS_STRUCK = 3  # before the one that must be right: a home is seldom struck once
PARTS = ("points", "lost_points", "kills", "postgres", "answers", "races", "publishes", "disks")
Job = Callable[[], Round]


def commits(world: World) -> list[str]:
    """The COMMITs and COPYs of a run, by the names the proxy knows them by."""
    passed = [name for name in world.recorded if name.startswith(("commit:", "copy:")) and ":before" in name]
    return [name.replace(":before", "") for name in passed]


def lost_points(world: World) -> list[tuple[str, str]]:
    """Every COMMIT with the connection lost before, during and after it, and every COPY in its middle."""
    return [
        (name, when)
        for name in commits(world)
        for when in ((BEFORE, DURING, AFTER) if name.startswith("commit:") else (DURING,))
    ]


def in_rounds(world: World, struck: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """The faults in rounds of one run after the other: a release that is in force is struck last."""
    committed = world.recorded.index(COMMITTED)
    late = [each for each in struck if world.recorded.index(each[0]) >= committed]
    early = [each for each in struck if world.recorded.index(each[0]) < committed]
    rounds = [early[n : n + RUNS_STRUCK] for n in range(0, len(early), RUNS_STRUCK)]
    return [
        before + last
        for before, last in zip_longest(rounds, ([each] for each in late), fillvalue=list[tuple[str, str]]())
    ]


def parts(
    world: World, own: EmbeddedWorld, counts: dict[str, str], console: Console
) -> Iterable[tuple[str, str, list[Job]]]:
    """What there is to do: the count a part goes by, its name, its rounds, each with a chance of its own."""

    def chances(count: str) -> list[random.Random]:
        return [random.Random(f"{counts['seed']} {count} {n}") for n in range(int(counts[count]))]  # noqa: S311

    def drawn(count: str, items: list[tuple[str, str]]) -> list[tuple[str, str]]:
        chance = random.Random(f"{counts['seed']} {count}")  # noqa: S311
        chance.shuffle(items)
        return items if counts[count] == "all" else items[: int(counts[count])]

    faults = [(point, fault) for point in world.recorded for fault in faults_at(point)]
    struck = drawn("points", faults)
    yield "points", "named points", [lambda each=each: strike(world, *each) for each in in_rounds(world, struck)]
    lost = drawn("lost_points", lost_points(world))
    yield "lost_points", "connections lost", [lambda each=each: lose(world, *each) for each in lost]
    kills = [
        lambda chance=chance: kill_at_random(
            world, chance, first=chance.random() < 0.2, kills=chance.choice((1, 1, 1, 2))
        )
        for chance in chances("kills")
    ]
    yield "kills", "random kills", kills
    answers = [lambda: lose(world, "commit:publish", DURING)] * int(counts["answers"])
    yield "answers", "answers to COMMIT lost", answers
    stops = [lambda chance=chance: kill_postgres(own, chance) for chance in chances("postgres")]
    yield "postgres", "kills of Postgres", stops
    races = [lambda chance=chance: race(world, int(counts["runners"]), chance) for chance in chances("races")]
    yield "races", f"{counts['runners']} racing runs", races
    disks = chances("disks") if may_mount(console) else []
    full = [
        lambda chance=chance, n=n: fill_disk(world, chance, own if n % 4 == 3 else None)
        for n, chance in enumerate(disks)
    ]
    yield "disks", "full disks", full


def may_mount(console: Console) -> bool:
    """May file systems be mounted here? Says so where not."""
    try:
        with small_disk(1):
            return True
    except PermissionError as error:
        console.print(f"full disks are left out: {error}")
        return False


def settings_of(arguments: list[str]) -> dict[str, str]:
    """The counts asked for, `name=count`. Raises SystemExit for a name there is not."""
    nothing = dict.fromkeys(PARTS, "0") if arguments[:1] == ["none"] else {}
    arguments = arguments[1:] if nothing else arguments
    asked = dict(each.split("=", 1) for each in arguments if "=" in each)
    if len(asked) != len(arguments) or not asked.keys() <= COUNTS.keys():
        sys.exit(f"Say name=count of {', '.join(f'{name}={count}' for name, count in COUNTS.items())}.")
    return COUNTS | nothing | asked


def main() -> None:
    """Run every part, print a line each and a table at the end."""
    counts = settings_of(sys.argv[1:])
    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table("part", "rounds", "failed", "most work beyond its own, s", "of CPU, s", "answers read", "minutes")
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    server = Settings(home=folder / "server", database_url=None)
    failed = 0
    console.print(f"seed {counts['seed']}; homes that fail are kept in {folder}")
    try:
        with Launcher(folder / "commands") as launcher:
            world = World(folder / "world", Databases(embedded.start(server)), launcher)
            console.print(
                f"{len(world.recorded)} points passed, {len(set(world.recorded))} names; a quiet run takes "
                f"{world.usual.seconds:.1f} s, {world.usual.cpu:.1f} s of CPU"
            )
            with EmbeddedWorld(world) as own, ThreadPoolExecutor(int(counts["workers"])) as pool:
                for count, name, jobs in parts(world, own, counts, console):
                    failed += report(count, name, jobs, pool, table, console, counts)
            if int(counts["publishes"]):
                begun = time.monotonic()
                done, seen = hammer(world, int(counts["publishes"]))
                failed += show(done, console)
                row(table, f"{done.name}", [done], begun)
                console.print(", ".join(f"{what}: {value}" for what, value in seen.items()))
    finally:
        embedded.stop(server)
    console.print(table)
    sys.exit(1 if failed else 0)


def report(
    count: str,
    name: str,
    jobs: list[Job],
    pool: ThreadPoolExecutor,
    table: Table,
    console: Console,
    counts: dict[str, str],
) -> int:
    """Do the rounds of a part; how many failed."""
    begun = time.monotonic()
    numbered = [(n, job) for n, job in enumerate(jobs) if counts["only"] in {"", str(n)}]
    ended, failed = [], 0
    for (number, _), done in zip(numbered, pool.map(lambda each: attempt(each[1]), numbered), strict=True):
        ended.append(done)
        if show(done, console):
            failed += 1
            console.print(f"    again: just torture none seed={counts['seed']} {count}={counts[count]} only={number}")
        if len(ended) % 50 == 0 or len(ended) == len(numbered):
            console.print(f"{name}: {len(ended)} of {len(numbered)}, {failed} failed, {time.monotonic() - begun:.0f} s")
    if ended:
        row(table, name, ended, begun)
    return failed


def attempt(job: Job) -> Round:
    """A round that itself breaks has failed."""
    try:
        return job()
    except Exception as error:  # noqa: BLE001 (it is shown, and the others go on)
        return Round("a round that broke", [f"{type(error).__name__}: {error}"])


def show(done: Round, console: Console) -> bool:
    """Say what was wrong with a round; was anything."""
    if done.wrong:
        console.print(f"FAILED {done.name}", markup=False)
        for each in done.wrong:
            console.print(f"    {each}", markup=False)
    return bool(done.wrong)


def row(table: Table, name: str, ended: list[Round], begun: float) -> None:
    """A line of the summary."""
    table.add_row(
        name,
        str(len(ended)),
        str(sum(bool(done.wrong) for done in ended)),
        f"{max((done.extra_s for done in ended), default=math.nan):.1f}",
        f"{max((done.extra_cpu for done in ended), default=math.nan):.1f}",
        f"{sum(done.answers for done in ended):,}",
        f"{(time.monotonic() - begun) / 60:.1f}",
    )


if __name__ == "__main__":
    main()
