"""Random numbers by hash: the same on every machine, and without the state of a generator."""

import numpy as np

from games.contract import States

STEP, FIRST, SECOND = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], dtype=np.uint64)


def splitmix64(keys: States) -> States:
    """A well-mixed 64-bit number for each key, one to one: Steele, Lea & Flood, "Fast splittable pseudorandom generators" (2014). [n]"""
    z = keys + STEP
    z = (z ^ (z >> np.uint64(30))) * FIRST
    z = (z ^ (z >> np.uint64(27))) * SECOND
    mixed: States = z ^ (z >> np.uint64(31))
    return mixed
