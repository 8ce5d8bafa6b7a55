"""Every notebook runs, on a shop loaded a moment ago."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Home

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.py"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_the_release(shop: Home, notebook: Path) -> None:
    ran = subprocess.run([sys.executable, str(notebook)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "days on which the identity does not hold: 0" in ran.stdout
