"""Damage of each kind, planted at random: found each time by its name, and put right without a figure changed."""

import os
import random

import pytest

from lake import delta
from tests.pipelines.fsck.plants import KINDS

TIMES = int(os.environ.get("DAMAGE", "1"))
TOGETHER = 4  # plants that one repair puts right


@pytest.mark.parametrize("plant", KINDS, ids=lambda plant: plant.__name__)
def test_damage_is_found_by_name_each_time_and_put_right(looked, plant):
    rng = random.Random(f"{plant.__name__} {os.environ.get('DAMAGE_SEED', '1')}")
    truth = looked.everything()
    for number in range(1, TIMES + 1):
        check, *named = plant(looked, rng)
        delta.forget()  # a later command reads everything anew
        found = [finding.as_text() for finding in looked.damage() if finding.check == check]
        assert any(all(name in text for name in named) for text in found), (named, found)
        if number % TOGETHER == 0 or number == TIMES or plant.__name__ == "missing_report":
            done, report = looked.repair()
            assert done
            assert report.damage == [], done
            assert looked.damage() == []
            assert looked.everything() == truth
