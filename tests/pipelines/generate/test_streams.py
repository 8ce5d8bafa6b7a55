import numpy as np

from pipelines.generate.streams import Purpose, scatter, stream


def test_a_stream_depends_on_seed_day_purpose_and_part_and_on_nothing_else():
    keys = [(1, 1, Purpose.DEMAND, 0), (2, 1, Purpose.DEMAND, 0), (1, 2, Purpose.DEMAND, 0),
            (1, 1, Purpose.PRICES, 0), (1, 1, Purpose.DEMAND, 1)]  # fmt: skip
    drawn = {key: stream(*key).integers(0, 1 << 60) for key in keys}
    assert len(set(drawn.values())) == len(keys)
    assert {key: stream(*key).integers(0, 1 << 60) for key in reversed(keys)} == drawn


def test_scatter_gives_each_id_a_fixed_number_and_every_number_its_share():
    ids = np.arange(1, 100_001)
    numbers = scatter(ids, 3, 10)
    assert (scatter(ids[::-1], 3, 10)[::-1] == numbers).all()
    assert (np.abs(np.bincount(numbers, minlength=10) - 10_000) < 500).all()
    assert (scatter(ids, 4, 10) != numbers).mean() > 0.8
