"""Files put right: log entries, foreign files, copies of releases, what is lost for good."""

import hashlib
import json
import shutil
from pathlib import Path

from contracts.registry import lake_tables
from contracts.settings import Settings
from lake import copies, durable, filenames, hashes
from lake import release as releases
from pipelines.fsck.finding import Finding
from pipelines.fsck.home import LOST, Home
from pipelines.fsck.work import Work

FOREIGN = "_foreign"


def put_back_log(work: Work, home: Home, found: list[Finding]) -> list[str]:
    """Log entries as they are kept beside the releases; entries of no release and broken checkpoints go aside."""
    done = []
    _, known = home.known_hashes
    for finding in found:
        entry = Path(finding.file).name
        if not entry:
            continue
        folder = home.folder(lake_tables()[finding.table]) / filenames.LOG
        digest = known.get((finding.table, entry))
        if filenames.CHECKPOINT.fullmatch(entry):
            # It only sums up the entries before it, which are all there.
            for path in (folder / entry, folder / filenames.HINT):
                done += [_aside(work, path)] if path.exists() else []
            _write_again(home, finding.table, entry)
        elif digest is None:
            done += [_aside(work, path) for path in sorted(folder.glob("[0-9]*.json")) if path.name >= entry]
        elif text := _saved(home, finding.table, entry, digest):
            durable.write(folder / entry, text.encode())
            done.append(f"{finding.place}: put back as it was released")
    return done


def _saved(home: Home, table: str, entry: str, digest: str) -> str | None:
    for path in copies.saved_logs(home.settings):
        text = hashes.saved_log(path).get(table, {}).get(entry)
        if text is not None and hashlib.sha256(text.encode()).hexdigest() == digest:
            return text
    return None


def _write_again(home: Home, table: str, entry: str) -> None:
    for copy in home.copies.values():
        if copy.hashes is not None and entry in copy.hashes.log.get(table, {}):
            copies.write(home.settings, copy.release)


def move_foreign(work: Work, home: Home, found: list[Finding]) -> list[str]:
    """Files no run wrote, to `lake/_foreign/<run>`, at the path they had."""
    root = Path(home.settings.lake)
    folders = {finding: home.folder(lake_tables()[finding.table]) if finding.table else root for finding in found}
    return [_aside(work, folders[finding] / finding.file) for finding in found]


def _aside(work: Work, path: Path) -> str:
    root = Path(work.settings.lake)
    below = path.relative_to(root)
    target = root / FOREIGN / work.run_id / below
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(path, target)
    return f"lake/{below}: moved to lake/{target.relative_to(root)}"


def write_copies(work: Work, home: Home, found: list[Finding]) -> list[str]:
    """Every copy that is missing, wrong or without hashes, as Postgres has the release."""
    numbers = {int(row) for finding in found for row in finding.rows if row.isdigit()}
    if any(not finding.rows for finding in found) and home.release is not None:
        numbers.add(home.release.release_id)
    for number in sorted(numbers & home.released.keys()):
        copies.write(work.settings, home.released[number])
    return [f"lake/{releases.RELEASES}/{number}.json: written again" for number in sorted(numbers)]


def note_lost(work: Work, home: Home, found: list[Finding]) -> list[str]:
    """Files that only older releases need are written down as lost, so that it is known and said once."""
    return lose(work.settings, home, [f"{each.table}/{each.file}" for each in found if each.damage and each.file])


def lose(settings: Settings, home: Home, paths: list[str]) -> list[str]:
    """Write down that these files (`gold.fct_orders/<path>`) are lost to the older releases that need them."""
    if not paths:
        return []
    body = json.dumps(sorted(home.lost | set(paths)), indent=1)
    durable.write(releases.copy_path(settings, 0).with_name(LOST), body.encode())
    return [f"{path}: lost to older releases, and written down as such" for path in paths]
