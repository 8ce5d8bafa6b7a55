"""Where chance comes from: one independent stream a day and purpose, so that no draw moves another."""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Purpose(IntEnum):
    """What a stream is drawn for. The numbers are part of what a seed means: never change one."""

    CATALOGUE = 1
    STORES = 2
    NAMES = 3
    DEMAND = 4
    BASKETS = 5
    BUYERS = 6
    TERMS = 7
    TIMELINE = 8
    RETURNS = 9
    PRICES = 10
    SUPPLY = 11
    COUNTING = 12
    ARRIVAL = 13
    NOISE = 14
    REORDERS = 15
    RESENDS = 16
    BOOK = 17
    LINES = 18


def stream(seed: int, day: int, purpose: Purpose, part: int = 0) -> np.random.Generator:
    """The stream of one purpose on one day (0 is the day before the shop opens)."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(day, purpose, part))))


def scatter(ids: Ints, salt: int, choices: int) -> Ints:
    """A fixed number below `choices` for each id, by splitmix64: a trait that need not be remembered."""
    mixed = ids.astype(np.uint64) + np.uint64(salt) * np.uint64(0x9E3779B9)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed % np.uint64(choices)).astype(np.int64)
