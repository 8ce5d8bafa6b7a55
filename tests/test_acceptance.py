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


SETS = ("small_clean", "small_nasty", "long_clean")
WAYS = ("all", "days", "shuffled", "twice", "weeks")
QUICK = {("small_clean", "all"), ("small_nasty", "all"), ("small_nasty", "weeks")}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SETS)
def test_a_sample_gives_every_expected_table_in_whatever_way_it_is_loaded(home, compare, tmp_path, name, way):
    if (name, way) not in QUICK and "ACCEPTANCE" not in os.environ:
        pytest.skip("takes minutes; `just acceptance` runs it")
    expected = landed(home, name)
    days = sorted(folder.name for folder in (home.path / "landing").iterdir())
    if way == "shuffled":
        random.Random(20240208).shuffle(days)
    if way in ("all", "twice"):
        home.succeed("pipeline", "--all")
    if way == "twice":
        home.succeed("pipeline", "--all")
    if way == "weeks":  # each as one release, the last one first
        for begins in reversed(range(0, len(days), 7)):
            home.succeed("pipeline", "--from", days[begins], "--to", days[begins : begins + 7][-1])
    elif way != "all":
        for day in days:
            home.succeed("pipeline", day)
    assert differences(home, compare, expected, tmp_path / "actual") == ""
