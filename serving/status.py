"""The state of a home, from its database: for `tillhouse status`."""

import json
from dataclasses import asdict, dataclass
from textwrap import indent
from typing import Any

import sqlalchemy as sa

from serving.postgres import snapshot, translate_errors

RUNS_SHOWN = 5


@dataclass(frozen=True)
class Status:
    """What a person asks first in the morning."""

    release_id: int | None
    as_of: str | None
    published_at: str | None
    rows: dict[str, int]  # served table to its rows
    quarantine: dict[str, int]  # reason to open rows
    runs: list[dict[str, Any]]  # newest first
    quarantined_rows: int = 0  # open, whatever their number of reasons
    corrected_rows: int = 0  # of these, those that another row corrects
    rejected_files: int = 0

    def as_json(self) -> str:
        """For programs."""
        return json.dumps(asdict(self), indent=1)

    def as_text(self) -> str:
        """For people."""
        parts = [self._release()]
        if self.rows:
            parts.append([f"{rows:>12,}  {name}" for name, rows in self.rows.items()])
        parts.append(self._kept_out())
        if self.runs:
            parts.append(["Last runs", *map(_line, self.runs)])
        return "\n\n".join("\n".join(part) for part in parts if part)

    def _release(self) -> list[str]:
        if self.release_id is None:
            return ["Nothing is published yet."]
        return [f"Release {self.release_id}, as of {self.as_of}, published {self.published_at}."]

    def _kept_out(self) -> list[str]:
        """Rows, below them their reasons, of which a row may have several; then files."""
        lines = []
        if self.release_id is not None:
            corrected = f", {self.corrected_rows:,} of them corrected" if self.corrected_rows else ""
            lines.append(f"{self.quarantined_rows:>12,}  rows in open quarantine{corrected}")
            lines += [f"{rows:>12,}    {reason}" for reason, rows in self.quarantine.items()]
        if self.rejected_files:
            lines.append(f"{self.rejected_files:>12,}  files rejected so far; bronze.rejected_files says why")
        return lines


def _line(run: dict[str, Any]) -> str:
    said = f"  {run['run_id']}  {run['status']:<12}{run['seconds']:>8.1f} s  {run['command']}"
    return said + (f"\n{indent(run['message'].rstrip(), ' ' * 6)}" if run["message"] else "")


def read_status(engine: sa.Engine) -> Status:
    """Read it in one snapshot."""
    with translate_errors(), snapshot(engine) as connection:
        release = connection.execute(
            sa.text("select release_id, as_of, created_at from lakehouse.releases order by release_id desc limit 1")
        ).one_or_none()
        runs = connection.execute(
            sa.text(
                "select run_id, command, status, message, coalesce(extract(epoch from finished_at - started_at), 0)"
                " as seconds from lakehouse.runs order by started_at desc limit :shown"
            ),
            {"shown": RUNS_SHOWN},
        ).mappings()
        found = [{**row, "seconds": float(row["seconds"])} for row in runs]
        rejected = int(connection.scalar(sa.text("select count(*) from lakehouse.rejected_files")) or 0)
        if release is None:
            return Status(None, None, None, {}, {}, found, rejected_files=rejected)
        quarantined, corrected = connection.execute(
            sa.text("select count(*), count(corrected_by) from serving.quarantine where status = 'open'")
        ).one()
        return Status(
            release.release_id,
            release.as_of.isoformat(),
            release.created_at.isoformat(timespec="seconds"),
            _rows(connection),
            _quarantine(connection),
            found,
            quarantined,
            corrected,
            rejected,
        )


def _rows(connection: sa.Connection) -> dict[str, int]:
    names = connection.scalars(
        sa.text("select table_name from information_schema.views where table_schema = 'serving' order by table_name")
    ).all()
    counted = {}
    for name in names:
        counted[name] = int(connection.scalar(sa.text(f'select count(*) from serving."{name}"')) or 0)
    return counted


def _quarantine(connection: sa.Connection) -> dict[str, int]:
    rows = connection.execute(
        sa.text(
            "select reason, count(*) from serving.quarantine, unnest(reasons) as reason where status = 'open'"
            " group by reason order by 2 desc, 1"
        )
    )
    return {reason: count for reason, count in rows}  # noqa: C416 (rows are no pairs to `dict`, in types)
