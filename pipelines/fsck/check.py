"""A look at a home by every check of `checks/`: a module each, with `find`.

`NEEDS_ROWS` says of a check that it reads rows: it runs after those that find out what can be read.
"""

import importlib
import pkgutil
import time
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contracts.settings import Settings
from pipelines.fsck import checks
from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home, look

# Which logs can be trusted says which files are needed, and that says which tables can be read.
FIRST = ("log_entries", "parquet_files")


@dataclass(frozen=True)
class Report:
    """What a look found."""

    release_id: int | None
    findings: tuple[Finding, ...]
    mib: float  # of the files that were read
    seconds: float

    @property
    def damage(self) -> list[Finding]:
        """What is not as it should be."""
        return [finding for finding in self.findings if finding.damage]

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "healthy": not self.damage,
            "release_id": self.release_id,
            "findings": [finding.as_dict() for finding in self.findings],
            "mib": round(self.mib, 1),
            "seconds": round(self.seconds, 2),
        }

    def summary(self) -> str:
        """One line."""
        notes = len(self.findings) - len(self.damage)
        what = f"release {self.release_id}" if self.release_id else "no release yet"
        state = f"{len(self.damage)} damaged" if self.damage else "healthy"
        speed = self.mib / self.seconds if self.seconds else 0.0
        return f"{what}: {state}, {notes} notes; {self.mib:,.1f} MiB in {self.seconds:.1f} s, {speed:,.0f} MiB/s"


def check(engine: sa.Engine, settings: Settings) -> Report:
    """Look at everything once. Raises DatabaseUnavailable."""
    begun = time.monotonic()
    found: list[Finding] = []
    with look(engine, settings) as home:
        for module in _modules():
            found += module.find(home)
        size = _bytes(home)
        number = home.release.release_id if home.release else None
    found.sort(key=lambda finding: (not finding.damage, finding.check, finding.place))
    return Report(number, tuple(found), size / 2**20, time.monotonic() - begun)


def _modules() -> list[Any]:
    names = [found.name for found in pkgutil.iter_modules(checks.__path__)]
    modules = {name: importlib.import_module(f"{checks.__name__}.{name}") for name in names}
    rank = {name: (FIRST.index(name) if name in FIRST else len(FIRST), modules[name].NEEDS_ROWS) for name in names}
    return [modules[name] for name in sorted(names, key=lambda name: (rank[name], name))]


def _bytes(home: Home) -> int:
    size = 0
    for each in home.needed:
        path = home.folder(each.table) / each.path
        size += path.stat().st_size if path.exists() else 0
    return size
