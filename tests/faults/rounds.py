"""Rounds: one fault in a fresh copy of a world, and all that must be true after it."""

import os
import random
import re
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from lake import release as releases
from tests.faults.launcher import Command, Ended
from tests.faults.points import FULL, KILL, PUBLISH
from tests.faults.proxy import Proxy
from tests.faults.worlds import DAY, FIRST, WORK_S, Copy, State, Watch, World, everything, leftovers, unreleased

COMMITTED = f"commit:{PUBLISH}:after"
INFRASTRUCTURE = 3
BUSY = 3  # load for each core
KILLED = -signal.SIGKILL


@dataclass
class Round:
    """What one round found."""

    name: str
    wrong: list[str] = field(default_factory=list)  # nothing, where all is well
    status: int = 0  # of the disturbed command
    extra_s: float = 0.0  # of the next command, beyond an undisturbed one
    extra_cpu: float = 0.0
    answers: int = 0  # readers got meanwhile

    def must(self, condition: object, otherwise: str) -> None:
        """Note what is wrong unless the condition holds."""
        if not condition:
            self.wrong.append(otherwise)


def strike(world: World, *struck: tuple[str, str]) -> Round:
    """One run after the other, each struck at a point by a fault; only the last one's point may be after the COMMIT.

    Where an earlier fault has changed the way of a run (what it rejected is recorded, a folder is there), so that it
    does not come to its point, that one and those after it strike a copy of their own.
    """
    done = Round(", then ".join(f"{point} {fault}" for point, fault in struck))
    home, left = world.copy(world.base), struck
    with world.watch(home) as watch:
        while left:
            point, fault = left[0]
            before = unreleased(home.settings)
            command = world.launcher.start(home.path, home.given, "pipeline", DAY, point=point, fault=fault)
            ended = command.wait()
            came = point in command.points
            if came or left == struck:
                done.must(came, f"the run never came to {point}")
                judge_end(done, ended, fault, point)
                left = left[1:]
            judge_now(done, world, home, ended, committed=COMMITTED in command.points, before=before)
            if not came:
                break
        judge_next(done, world, home)
    closed(done, world, home, watch)
    if left and left != struck:
        alone = strike(world, *left)
        done.wrong += alone.wrong
        done.answers += alone.answers
        done.extra_s, done.extra_cpu = max(done.extra_s, alone.extra_s), max(done.extra_cpu, alone.extra_cpu)
    return done


def kill_at_random(world: World, chance: random.Random, *, first: bool = False, kills: int = 1) -> Round:
    """So many runs, one after the other, killed at random moments; `first` on a home without a release."""
    home = world.copy(world.empty if first else world.base)
    day = FIRST if first else DAY
    done = Round(f"kill -9 of {'a first run' if first else 'a run'}:")
    with world.watch(home) as watch:
        for _ in range(kills):
            command = world.launcher.start(home.path, home.given, "pipeline", day, point="", fault="record")
            after = chance.uniform(0, 1.05 * world.usual.seconds)
            kill_after(command, after)
            ended = command.wait()
            done.status = ended.status
            done.name += f" at {after:.3f} s after {(command.points or ['nothing'])[-1]};"
            done.must(ended.status in {0, KILLED}, f"ended {ended.status}: {ended.err[-1500:]}")
        if first:
            _require_success(done, world, home, FIRST)
            _compare(done, everything(home.path, home.url), world.before, "after the first day")
        judge_next(done, world, home)
    return closed(done, world, home, watch)


def kill_after(command: Command, seconds: float) -> None:
    time.sleep(max(0, command.begun + seconds - time.monotonic()))
    command.kill()


def lose(world: World, what: str, when: str) -> Round:
    """A run whose connection to Postgres is lost before, during or after a COMMIT, or in the middle of a COPY.

    It is lost once, and the next attempt finds a server that answers: a run has no reason not to end well.
    """
    done = Round(f"{what} lost {when}")
    home = world.copy(world.base)
    with world.watch(home) as watch, Proxy(home.url, what, when) as proxy:
        ended = world.launcher.start(home.path, proxy.url, "pipeline", DAY).wait()
        done.must(proxy.struck, f"the run never came to {what}")
        done.status = ended.status
        done.must(ended.status == 0, f"ended {ended.status}: {ended.err[-1500:]}")
        release = releases.current(home.settings)
        judge_now(done, world, home, ended, committed=release is not None and release.release_id == 2)
        judge_next(done, world, home)
    return closed(done, world, home, watch)


def race(world: World, runners: int, chance: random.Random) -> Round:
    """Runs of one day at once, some without waiting, at times one of them killed: one release, once."""
    done = Round(f"{runners} racing runs")
    home = world.copy(world.base)
    with world.watch(home) as watch:
        options = [[] if chance.random() < 0.7 else ["--no-wait"] for _ in range(runners)]
        commands = [world.launcher.start(home.path, home.given, "pipeline", DAY, *each) for each in options]
        victim = chance.randrange(runners) if chance.random() < 0.3 else None
        if victim is not None:
            kill_after(commands[victim], after := chance.uniform(0, 2 * world.usual.seconds))
            done.name += f", number {victim} killed after {after:.3f} s"
        for number, (command, option) in enumerate(zip(commands, options, strict=True)):
            ended = command.wait()
            allowed = {0} | ({INFRASTRUCTURE} if option else set()) | ({KILLED} if number == victim else set())
            done.must(ended.status in allowed, f"run {number} ended {ended.status}: {ended.err[-1500:]}")
            if ended.status == INFRASTRUCTURE:
                done.must("has been writing here since" in ended.err or "writing to this home" in ended.err, ended.err)
        judge_next(done, world, home)
    return closed(done, world, home, watch)


def judge_end(done: Round, ended: Ended, fault: str, point: str) -> None:
    done.status = ended.status
    if fault == KILL:
        done.must(ended.status == KILLED, f"was not killed but ended {ended.status}: {ended.err[-1500:]}")
        return
    # What is transient in Postgres, or comes after the COMMIT, may be mastered.
    mastered = ended.status == 0 and point.startswith(("copy:", "commit:"))
    done.must(mastered or ended.status == INFRASTRUCTURE, f"ended {ended.status}: {ended.err[-1500:]}")
    if ended.status != 0:
        judge_words(done, ended)
        if fault == FULL:
            done.must(
                "no space left" in " ".join(ended.err.lower().split()), f"names no full disk: {ended.err[-1500:]}"
            )


def judge_words(done: Round, ended: Ended) -> None:
    """One paragraph: what happened and what to do."""
    said = ended.err
    done.must("Traceback" not in said, f"shows a traceback: {said[-1500:]}")
    last = said.strip().rpartition("\n")[2]
    done.must(last.startswith("tillhouse: ") and said.count("tillhouse: ") == 1, f"no one paragraph: {said[-1500:]}")
    done.must(re.search(r"again|[Cc]heck|[Mm]ake room|[Ff]ree disk", last), f"says not what to do: {last}")


def judge_now(
    done: Round,
    world: World,
    home: Copy,
    ended: Ended,
    *,
    committed: bool,
    room: bool = True,
    before: Iterable[str] = (),
) -> None:
    """Between the fault and the next command readers have one release, whole; of a failed run they see nothing.

    A run that could say why it ended has put back what it wrote; what stood so `before` it, it may not have come to.
    """
    committed = committed or ended.status == 0
    found, wanted = everything(home.path, home.url), world.after if committed else world.before
    _compare(done, found, wanted, "after the fault", leave=("rejected",))
    if ended.status == INFRASTRUCTURE and room:  # without, the next run puts back
        left = set(unreleased(home.settings)) - set(before)
        done.must(not left, f"not put back: {sorted(left)}")


def judge_next(done: Round, world: World, home: Copy) -> None:
    _require_success(done, world, home, DAY)
    _compare(done, everything(home.path, home.url), world.after, "after the next command")
    done.must(not (left := leftovers(home.path, home.url)), f"left behind: {left}")


def _require_success(done: Round, world: World, home: Copy, day: str) -> None:
    ended = world.launcher.start(home.path, home.given, "pipeline", day).wait()
    done.must(ended.status == 0, f"the next command ended {ended.status}: {ended.err[-1500:]}")
    done.extra_s = max(done.extra_s, ended.seconds - world.usual.seconds)
    done.extra_cpu = max(done.extra_cpu, ended.cpu - world.usual.cpu)
    # By the clock only where the machine does little else.
    busy = os.getloadavg()[0] > BUSY * (os.cpu_count() or 1)
    done.must(
        max(done.extra_cpu, 0 if busy else done.extra_s) <= WORK_S,
        f"the next command took {ended.seconds:.1f} s, {ended.cpu:.1f} s of CPU",
    )


def _compare(done: Round, found: State, wanted: State, when: str, leave: Iterable[str] = ()) -> None:
    different = [name for name in wanted | found if name not in leave and found.get(name) != wanted.get(name)]
    for name in different[:3]:
        done.wrong.append(f"{when} {name} is {str(found.get(name))[:600]} and not {str(wanted.get(name))[:600]}")


def closed(done: Round, world: World, home: Copy, watch: Watch) -> Round:
    done.answers = watch.answers
    done.wrong += watch.mixed[:3]
    if not done.wrong:
        world.drop(home)
    return done
