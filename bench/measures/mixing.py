"""Predictions of one binary decision by several inputs, mixed into one: the arithmetic of the coder of exceptions.

An input is a counter: the probability of a one in its context, moved by 1 / (n + 1/2) of the error when the context comes up
for the n-th time, so that it learns fast and then forgets slowly. The inputs are mixed as logits, and the weights follow the
gradient of the code length (Mahoney 2005, "Adaptive weighing of context models for lossless data compression"). A weight
belongs to an input and to how often its counter was used, so that a context seen twice is trusted as far as that has paid.
Last, the mixed probability is corrected by what it has turned out to mean.

Probabilities are in 1/65,536; logits in 1/256, from -3,071 to 3,071; a counter is 256 * probability + times used. All is done
in integers, so that every machine predicts the same.
"""

from math import factorial

import numpy as np

from games.arrays import Int32s, Int64s
from games.jit import njit

MOST = 3071  # the largest logit: a probability of 6e-6
LIMIT = 60  # uses after which a counter forgets as fast as it learns
FRESH = 1 << 23  # a counter that was never used: one half
N_CONFIDENCES = 8
MIN_TRUST, TRUST = 4096, 12000  # a weight begins at (MIN_TRUST + TRUST * confidence) / n_inputs, in 1/65,536
WEIGHT_RATE = 3  # error * logit * WEIGHT_RATE / 2**18 is added to a weight
N_KNOTS = 33  # of a correction: one every KNOT logits, which it interpolates
KNOT = 192
CORRECTION_SHIFT = 6  # a knot moves by 1/64 of the error


def _squash_table() -> Int64s:
    """The logistic function of every logit, from powers of exp(1/256) in exact integers. [2 * MOST + 1]"""
    one = 1 << 96
    step = sum(one // (factorial(k) * 256**k) for k in range(20))
    table = np.zeros(2 * MOST + 1, dtype=np.int64)
    power = one
    for logit in range(MOST + 1):
        table[MOST + logit] = (power << 16) // (power + one)
        table[MOST - logit] = 65536 - table[MOST + logit]
        power = power * step >> 96
    return table


SQUASH = _squash_table()
STRETCH = np.searchsorted(SQUASH, np.arange(4096) * 16 + 8) - MOST  # the logit of a probability, by its upper 12 bits
RATE = 2 * 65536 // (2 * np.arange(256) + 3)
CONFIDENCE = np.searchsorted([0, 1, 2, 4, 9, 24, 59], np.arange(256))  # never used, 1, 2, 3-4, 5-9, 10-24, 25-59, as often as is counted


def fresh_weights(n_inputs: int) -> Int64s:
    """The initial weights, for each input and confidence. [n_inputs, N_CONFIDENCES]"""
    return np.tile((MIN_TRUST + TRUST * np.arange(N_CONFIDENCES)) // n_inputs, (n_inputs, 1))


def fresh_corrections(n_sets: int) -> Int64s:
    """Corrections that change nothing yet. [n_sets, N_KNOTS]"""
    return np.tile(SQUASH[np.minimum(np.arange(N_KNOTS) * KNOT, 2 * MOST)], (n_sets, 1))


@njit
def learn(counters: Int32s, row: int, slot: int, bit: int) -> None:
    """Move a counter towards the bit that came."""
    counter = np.int64(counters[row, slot])
    n, p = counter & 255, counter >> 8
    p += ((bit * 65535 - p) * RATE[n]) >> 16
    counters[row, slot] = (p << 8) | min(n + 1, LIMIT)


@njit
def mix(weights: Int64s, logits: Int64s, confidences: Int64s, row: int) -> int:
    """The logit that one row of inputs predicts together; logits and confidences are [n_rows, n_inputs]."""
    total = 0
    for i in range(logits.shape[1]):
        total += weights[i, confidences[row, i]] * logits[row, i]
    return int(max(-MOST, min(MOST, total >> 16)))


@njit
def learn_weights(weights: Int64s, logits: Int64s, confidences: Int64s, row: int, mixed: int, bit: int) -> None:
    """Move the weights that mixed a row into the logit `mixed` down the gradient of the code length of the bit that came."""
    error = ((bit << 16) - SQUASH[MOST + mixed]) * WEIGHT_RATE
    for i in range(logits.shape[1]):
        weights[i, confidences[row, i]] += (error * logits[row, i] + (1 << 17)) >> 18


@njit
def correct(knots: Int64s, chosen: int, mixed: int) -> int:
    """The probability of a one: a quarter what the logit says, three quarters what it has turned out to mean in the chosen set."""
    met = _between_knots(knots, chosen, mixed)
    return int(max(1, min(65535, (SQUASH[MOST + mixed] + 3 * met) >> 2)))


@njit
def learn_correction(knots: Int64s, chosen: int, mixed: int, bit: int) -> None:
    """Move the two knots next to a logit towards the bit that came."""
    low, beyond = (mixed + MOST) // KNOT, (mixed + MOST) % KNOT
    error = bit * 65535 - _between_knots(knots, chosen, mixed)
    knots[chosen, low] += (error * (KNOT - beyond) // KNOT) >> CORRECTION_SHIFT
    knots[chosen, low + 1] += (error * beyond // KNOT) >> CORRECTION_SHIFT


@njit
def _between_knots(knots: Int64s, chosen: int, mixed: int) -> int:
    low, beyond = (mixed + MOST) // KNOT, (mixed + MOST) % KNOT
    return int((knots[chosen, low] * (KNOT - beyond) + knots[chosen, low + 1] * beyond) // KNOT)
