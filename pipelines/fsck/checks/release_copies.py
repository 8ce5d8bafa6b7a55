"""Every release stands beside the lake as Postgres has it."""

from collections.abc import Iterator

from lake import release as releases
from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home

NEEDS_ROWS = False


def find(home: Home) -> Iterator[Finding]:
    """Copies that are missing, cannot be read, say something else than Postgres, or hold no hashes."""
    if home.is_foreign:
        return
    for number, release in home.released.items():
        path = releases.copy_path(home.settings, number)
        place = f"lake/{releases.RELEASES}/{path.name}"
        copy = home.copies.get(number)
        if copy is None and not path.exists():
            if release is home.release and not home.is_closed(release.run_id):
                yield Finding(
                    "release_copies",
                    place,
                    f"release {number} is committed and has no copy yet: its run goes on, or died.",
                    "The next run writes it.",
                    damage=False,
                    mend="copy",
                )
                continue
            said = f"release {number} has no copy beside the lake."
        elif copy is None:
            said = f"it cannot be read as the copy of release {number}."
        elif copy.release != release:
            said = f"it says something else of release {number} than Postgres, which is right."
        elif copy.hashes is None:
            yield Finding(
                "release_copies",
                place,
                "it holds no hashes, as an earlier tillhouse wrote it; damage of old files may go unseen.",
                "--repair adds them.",
                damage=False,
                mend="copy",
            )
            continue
        else:
            continue
        yield Finding("release_copies", place, said, "--repair writes it again.", mend="copy", rows=(str(number),))
