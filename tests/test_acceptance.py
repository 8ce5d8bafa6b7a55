"""The shared samples, loaded and compared table by table with what must come out of them."""

import importlib.util
import os
import random
import shutil
from pathlib import Path

import pytest

SHARED = os.environ.get("TILLHOUSE_SHARED")
pytestmark = pytest.mark.skipif(SHARED is None, reason="TILLHOUSE_SHARED does not name the folder of shared samples")


@pytest.fixture(scope="module")
def compare():
    """The shared comparison: money to 4 places, ratios within 1e-9, all else exactly."""
    path = Path(str(SHARED)) / "acceptance" / "compare.py"
    spec = importlib.util.spec_from_file_location("compare", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def landed(home, name):
    sample = Path(str(SHARED)) / "acceptance" / name
    shutil.copytree(sample / "landing", home.path / "landing")
    return sample / "expected"


def differences(home, compare, expected, folder):
    """What differs, as text; empty where every expected table is equal."""
    folder.mkdir()
    for table, spec in compare.TABLES.items():
        answer = home.succeed("sql", f"select * from {spec.get('schema', 'gold')}.{table}", "--format", "csv")
        (folder / f"{table}.csv").write_text(answer.out, encoding="utf-8", newline="")
    said = []
    equal, compared, _ = compare.compare_dirs(expected, folder, out=said.append)
    assert compared == len(compare.TABLES)
    return "" if equal == compared else "\n".join(line for line in said if not line.startswith("equal"))


@pytest.mark.parametrize("name", ["small_clean", "small_nasty"])
def test_a_sample_loaded_at_once_gives_every_expected_table(home, compare, tmp_path, name):
    expected = landed(home, name)
    home.succeed("pipeline", "--all")
    assert differences(home, compare, expected, tmp_path / "actual") == ""


def test_a_sample_loaded_day_by_day_in_any_order_gives_the_same_tables(home, compare, tmp_path):
    expected = landed(home, "small_clean")
    days = sorted(folder.name for folder in (home.path / "landing").iterdir())
    random.Random(20240208).shuffle(days)
    for day in days:
        home.succeed("pipeline", day)
    assert differences(home, compare, expected, tmp_path / "actual") == ""
