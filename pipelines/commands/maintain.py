"""`tillhouse maintain`: small files as few, the past beyond retention forgotten, files nobody needs removed."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.settings import Settings
from pipelines import console

if TYPE_CHECKING:
    from pipelines.maintain.upkeep import Upkeep
    from pipelines.run import Options, Outcome


def command(
    settings: Callable[[], Settings], run: "Callable[[Settings, Sequence[date], Options], Outcome]"
) -> Callable[..., None]:
    """The command, given how settings are found and how a run is composed."""

    def maintain(
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do.")] = False,
        wait: Annotated[bool, typer.Option("--wait/--no-wait", help="For another run, or a backup.")] = True,
    ) -> None:
        """Compact small files, forget what is past retention, and remove files that no kept release needs."""
        from lake import identity
        from pipelines.maintain import upkeep
        from pipelines.run import Options
        from serving import lock, postgres, retention
        from serving.run_records import Records

        chosen = settings()
        engine = postgres.engine(chosen)
        expire = partial(retention.expire, engine, datetime.now(UTC), chosen.retention_days)
        if dry_run:
            Records(engine, chosen).prepare(identity.of(chosen))
            _tell(upkeep.would_do(chosen, expire(dry_run=True)), "would be ")
            return
        done: list[Upkeep] = []
        # Before the writer's lock, under which nobody waits for a backup: runs go on beside one.
        with lock.keeping(engine, wait=wait, says=lambda said: console.err.print(said, markup=False)):
            begun = time.time()

            def keep_up() -> None:
                done.append(upkeep.keep_up(chosen, expire, begun))

            run(chosen, [], Options(command="maintain", wait=wait, maintain=keep_up))
        _tell(done[0], "")

    return maintain


def _tell(upkeep: "Upkeep", would: str) -> None:
    for worn in upkeep.worn:
        where = "" if worn.days is None else f" in {len(worn.days)} partitions"
        console.out.print(f"{worn.files:,} files of {worn.table.full_name}{where} would be compacted")
    expired = upkeep.expired
    if expired.releases:
        first, last = expired.releases[0], expired.releases[-1]
        which = f"Release {first}" if first == last else f"Releases {first} to {last}"
        console.out.print(f"{which} {would}expired: replaced more than retention_days ago")
    if expired.runs or expired.replaced_rows:
        console.out.print(
            f"{expired.runs:,} run records and {expired.replaced_rows:,} replaced rows {would or 'were '}forgotten"
        )
    console.out.print(f"{upkeep.removed} that no kept release needs {would or 'were '}removed")
    if upkeep.summed_up:
        console.out.print(f"{upkeep.summed_up} table logs were summed up")
    console.out.print(f"The lake: {upkeep.before} before, {upkeep.after} after")
