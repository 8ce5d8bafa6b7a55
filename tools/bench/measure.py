"""Runs a piece of work in a process of its own and reports seconds and peak memory."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

_CHILD = """
import importlib, json, os, resource, sys, time
from pipelines import memory
memory.keep_freed()
module, function, arguments = json.loads(sys.argv[1])
work = getattr(importlib.import_module(module), function)
told = work(**arguments)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"peak_mib": peak // 1024, "told": told}))
"""


@dataclass(frozen=True)
class Measured:
    """What a piece of work cost."""

    told: dict[str, float]  # seconds by part, as the work says
    peak_mib: int

    @property
    def seconds(self) -> float:
        """All parts."""
        return sum(self.told.values())


def measure(module: str, function: str, **arguments: Any) -> Measured:
    """Call `module.function(**arguments)`, which returns seconds by part, in a fresh process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TILLHOUSE_")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # libraries are compiled once, as where people work
    ran = subprocess.run(  # noqa: S603 (our own interpreter on our own code)
        [sys.executable, "-c", _CHILD, json.dumps([module, function, arguments])],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        sys.exit(ran.stderr)
    answer = json.loads(ran.stdout.splitlines()[-1])
    return Measured(answer["told"], answer["peak_mib"])


@contextmanager
def copy_of(lake: Path) -> Iterator[Path]:
    """A copy to be written to; it is on disk, or the disk would be busy with it while a run is timed."""
    copy = shutil.copytree(lake, lake.with_name(f"{lake.name}-copy"))
    os.sync()
    yield copy
    shutil.rmtree(copy)


def best(*runs: Measured) -> Measured:
    """The quickest of several: what the machine can do when nothing else disturbs it."""
    return min(runs, key=lambda run: run.seconds)
