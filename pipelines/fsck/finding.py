"""What a look at a home finds: one thing that is not as it should be, or one thing to know."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

# What puts it right: a stage of `--repair`, or nothing it can do.
Mend = Literal["log", "foreign", "bronze", "derived", "releases", "copy", "served", "report", "none"]


@dataclass(frozen=True)
class Finding:
    """One finding, exact enough to act on.

    `place` names what is concerned as a person would look for it: a table and the file below its folder, a
    served table, a landed file, a release.
    """

    check: str
    place: str
    said: str
    remedy: str = ""
    mend: Mend = "none"
    damage: bool = True  # else a note: nothing is wrong with what is released
    table: str = ""  # `gold.fct_orders`, where it is about one
    file: str = ""  # below the table's folder
    rows: tuple[str, ...] = ()  # the keys of rows concerned, the first few
    count: int = 0  # of rows concerned

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)

    def as_text(self) -> str:
        """A paragraph for people."""
        kind = "damage" if self.damage else "note"
        return " ".join(f"{kind} [{self.check}] {self.place}: {self.said} {self.remedy}".split())
