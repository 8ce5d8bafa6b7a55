"""Serves the report archive of a home, as it is on disk."""

import os
import stat
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class Archive(StaticFiles):
    """The files below a folder, which need not be there yet; what begins with a dot is not shown."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)

    async def check_config(self) -> None:
        """A home without a report yet is no error: every page is then missing."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Where a path lies, if it does; a report not yet released lies below a dot."""
        parts = path.replace("\\", "/").split("/")
        if "\0" in path or any(part.startswith(".") and part != "." for part in parts):
            return "", None
        return super().lookup_path(path)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, to be asked for again, as a later release can replace it."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "no-cache"
        return response


def newest_report(folder: Path) -> str | None:
    """The latest as-of date that has a report."""
    if not folder.is_dir():
        return None
    dates = (found.name for found in folder.iterdir() if _is_date(found.name) and stat.S_ISDIR(found.stat().st_mode))
    return max((day for day in dates if (folder / day / "index.html").is_file()), default=None)


def _is_date(name: str) -> bool:
    return len(name) == 10 and name.replace("-", "").isdigit()
