"""The header of a file of symbols: which values occur, and how probable each one is.

A probability is a level: `level / resolution` binary digits of code word. At resolution 1 the levels are the lengths of a
Huffman code, probabilities are powers of one half, and a range coder pays what Huffman pays; finer levels cost more header
and come closer to the true frequencies. Frequencies are computed from levels in integers, the same on every machine.
"""

import math
from typing import NamedTuple

import numpy as np

from games.arrays import Int64s
from games.errors import UsageError
from policies.codec.adaptive_coder import Coder, Encoder, code_count, code_symbol
from policies.codec.huffman import MAX_LENGTH, code_lengths

TOTAL = 1 << MAX_LENGTH  # of all frequencies
MAX_VALUES = 1 << 20  # different ones in one array
MAX_WEIGHT = TOTAL << 2  # of all levels together; honest ones come to less than 1.2 TOTAL + MAX_VALUES
RESOLUTIONS = (1, 2, 4, 8, 16)


class Histogram(NamedTuple):
    """The values that occur, ascending, and the level of each. [n_values]"""

    values: Int64s
    levels: Int64s
    resolution: int


EMPTY = Histogram(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), 1)


def huffman_histogram(values: Int64s, counts: Int64s) -> Histogram:
    """The lengths of an optimal prefix code of at most MAX_LENGTH digits."""
    return Histogram(values, code_lengths(counts), 1)


def best_histogram(values: Int64s, counts: Int64s) -> Histogram:
    """The resolution at which header and symbols together are shortest; resolutions rise while that helps."""
    exact = MAX_LENGTH - np.log2(counts * (TOTAL / counts.sum()))
    best, least = huffman_histogram(values, counts), math.inf
    for resolution in RESOLUTIONS if len(values) > 1 else ():
        histogram = best
        if resolution > 1:
            levels = np.clip(np.rint(exact * resolution), 0, MAX_LENGTH * resolution).astype(np.int64)
            histogram = Histogram(values, levels, resolution)
        header = Encoder()
        code_histogram(header, histogram, int(counts.sum()), is_huffman=False)
        n_bits = 8 * len(header.finish()) + round(float(counts @ (MAX_LENGTH - np.log2(frequencies(histogram)))))
        if n_bits >= least:
            break
        best, least = histogram, n_bits
    return best


def code_histogram(coder: Coder, histogram: Histogram, n_symbols: int, is_huffman: bool) -> Histogram:
    """Write a histogram, or read one (then start from EMPTY) and raise UsageError if it cannot be that of `n_symbols` symbols.

    Ascending values as the gaps between them; levels as the change from the one before.
    """
    n_values = code_count(coder, "values", len(histogram.values) - 1) + 1
    if n_values > min(n_symbols, MAX_VALUES):
        raise UsageError(f"the file is damaged: {n_values} different values among {n_symbols} symbols")
    resolution = RESOLUTIONS[0]
    if n_values > 1 and not is_huffman:
        index = code_symbol(coder, "resolution", RESOLUTIONS.index(histogram.resolution), len(RESOLUTIONS))
        resolution = RESOLUTIONS[index]
    values = histogram.values.tolist() or [0] * n_values
    levels = histogram.levels.tolist() or [0] * n_values
    values[0] = unfold(code_count(coder, "lowest", fold(values[0])))
    for i in range(1, n_values):
        values[i] = values[i - 1] + 1 + code_count(coder, "gap", values[i] - values[i - 1] - 1)
    level = 0
    for i in range(n_values if n_values > 1 else 0):
        level += unfold(code_count(coder, ("level", resolution, i == 0), fold(levels[i] - level)))
        levels[i] = level
    read = Histogram(np.array(values, dtype=np.int64), np.array(levels, dtype=np.int64), resolution)
    _check(read)
    return read


def fold(value: int) -> int:
    """0, -1, 1, -2, 2, ... as 0, 1, 2, 3, 4, ..."""
    return 2 * value if value >= 0 else -2 * value - 1


def unfold(number: int) -> int:
    """The inverse of `fold`."""
    return number // 2 if number % 2 == 0 else -(number + 1) // 2


def _check(histogram: Histogram) -> None:
    levels, resolution = histogram.levels, histogram.resolution
    if len(levels) == 1:
        return
    sound = bool(levels.min() >= 0 and levels.max() <= MAX_LENGTH * resolution)
    if sound:
        total = int(_weights(histogram).sum())
        sound = total == TOTAL if resolution == 1 else total < MAX_WEIGHT
    if not sound:
        raise UsageError("the file is damaged: its symbols have impossible frequencies")


def _weights(histogram: Histogram) -> Int64s:
    """2**(24 - level / resolution), rounded down but not to zero. The fractional powers are roots of integers, hence exact."""
    resolution = histogram.resolution
    powers = []
    for part in range(resolution):
        root = 1 << (resolution * MAX_LENGTH * 2 - part)
        for _ in range(resolution.bit_length() - 1):
            root = math.isqrt(root)
        powers.append(root)
    whole, part_of = np.divmod(histogram.levels, resolution)
    weights: Int64s = np.maximum(1, np.array(powers, dtype=np.int64)[part_of] >> (MAX_LENGTH + whole))
    return weights


def frequencies(histogram: Histogram) -> Int64s:
    """Whole numbers from 1 up that sum to TOTAL, in proportion to the probabilities; 2**(24 - length) at resolution 1. [n_values]"""
    weights = _weights(histogram)
    if histogram.resolution == 1:
        return weights
    ends: Int64s = np.cumsum(weights) * (TOTAL - len(weights)) // weights.sum()
    return np.diff(ends, prepend=0) + 1
