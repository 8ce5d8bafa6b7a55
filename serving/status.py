"""The state of a home, from its database: for `tillhouse status`."""

import json
from dataclasses import asdict, dataclass
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

    def as_json(self) -> str:
        """For programs."""
        return json.dumps(asdict(self), indent=1)

    def as_text(self) -> str:
        """For people."""
        lines = []
        if self.release_id is None:
            lines.append("Nothing is published yet.")
        else:
            lines.append(f"Release {self.release_id}, as of {self.as_of}, published {self.published_at}.")
            lines.append("")
            lines += [f"{rows:>12,}  {name}" for name, rows in self.rows.items()]
        lines += ["", f"{sum(self.quarantine.values()):>12,}  reasons in open quarantine"]
        lines += [f"{rows:>12,}  {reason}" for reason, rows in self.quarantine.items()]
        lines += ["", "Last runs"]
        lines += [
            f"  {run['run_id']}  {run['status']:<12}{run['seconds']:>8.1f} s  {run['command']}"
            + (f"\n      {run['message']}" if run["message"] else "")
            for run in self.runs
        ]
        return "\n".join(lines)


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
        if release is None:
            return Status(None, None, None, {}, {}, found)
        return Status(
            release.release_id,
            release.as_of.isoformat(),
            release.created_at.isoformat(timespec="seconds"),
            _rows(connection),
            _quarantine(connection),
            found,
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
