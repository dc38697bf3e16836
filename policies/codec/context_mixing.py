"""Mixed predictions: the probability of a decision from many contexts at once, in integers, for kernels that write or read.

Each context keeps the frequency of ones that followed it. Their logits are added up with weights that are learned as the file
goes on, a set for each context and how often it was seen (logistic mixing: Mahoney, "Adaptive weighing of context models for
lossless data compression", 2005). Both ends of the wire run the same arithmetic, so nothing of this is stored.
"""

import functools
from decimal import Decimal, localcontext
from typing import NamedTuple

import numpy as np

from games.arrays import Int32s, Int64s, UInt8s
from games.jit import njit
from policies.codec.adaptive_coder import fine
from policies.codec.kernel_stream import Tape, code_bit

ONE_BITS = 32  # probabilities are fractions of 2**32
COUNT_BITS = 12  # below them in a slot stands how often it was seen
MAX_SEEN = 255  # a slot that was seen more often goes on learning at this rate
LOGIT_STEP = 16  # of the table; logits are in units of 1/256
MAX_LOGIT = 4096
MANTISSA_SHIFT = 46  # leaves the exponent and six binary digits of a float64, which holds these integers exactly
FIRST_FLOAT = 1023 << 6  # what that is for 1.0
N_LEVELS = 10  # of how often a slot was seen: never, once, 2 to 3, 4 to 7, ...
RATE = 6  # of learning the weights


class Mixer(NamedTuple):
    """What has been learned so far."""

    models: Int64s  # [n_models] which features make up a context, as bits
    slots: Int64s  # [n_models, n_slots] frequency and count of the context that hashes there
    weights: Int64s  # [n_models + 1, N_LEVELS] in 1 / 65,536; the last row is that of the frequency to be expected without context
    place: Int64s  # [n_models] slots of the decision at hand
    logit: Int64s  # [n_models + 1]
    level: Int64s  # [n_models + 1]
    squash: Int64s  # table of probabilities by logit
    stretch: Int64s  # table of logits by probability


@functools.cache
def _tables() -> tuple[Int64s, Int64s]:
    """2**32 / (1 + exp(-x)) at every LOGIT_STEP, and its inverse for every probability up to a half, to six digits behind the first.

    In decimal arithmetic and integers, which give the same on every machine.
    """
    with localcontext() as context:
        context.prec = 30
        steps = [Decimal(i * LOGIT_STEP) / 256 for i in range(-MAX_LOGIT // LOGIT_STEP, MAX_LOGIT // LOGIT_STEP + 1)]
        squash = np.array([int((Decimal(1 << ONE_BITS) / (1 + (-x).exp())).to_integral_value()) for x in steps], dtype=np.int64)
    middles = np.array([((2 * digits + 1) << power) >> 7 for power in range(ONE_BITS) for digits in range(64, 128)], dtype=np.int64)
    low = np.clip(np.searchsorted(squash, middles, side="right") - 1, 0, len(squash) - 2)
    rest = np.maximum(0, middles - squash[low]) * LOGIT_STEP // (squash[low + 1] - squash[low])
    return squash, LOGIT_STEP * low - MAX_LOGIT + rest


def new_mixer(models: list[tuple[int, ...]], n_decisions: int) -> Mixer:
    """A mixer for about this many decisions; each model is the features (as columns) that make up one context."""
    n = len(models)
    n_slots = 1 << max(8, min(20, (2 * n_decisions).bit_length()))
    masks = np.array([sum(1 << column for column in model) for model in models], dtype=np.int64)
    weights = np.full((n + 1, N_LEVELS), 65536 // max(1, n), dtype=np.int64)
    weights[n] = 0 if n else 65536
    return Mixer(
        masks,
        np.zeros((n, n_slots), dtype=np.int64),
        weights,
        np.zeros(n, dtype=np.int64),
        np.zeros(n + 1, dtype=np.int64),
        np.zeros(n + 1, dtype=np.int64),
        *_tables(),
    )


@njit
def _logit(p: int, stretch: Int64s) -> int:
    if p > 1 << (ONE_BITS - 1):
        return -int(stretch[(np.float64((1 << ONE_BITS) - p).view(np.int64) >> MANTISSA_SHIFT) - FIRST_FLOAT])
    return int(stretch[(np.float64(p).view(np.int64) >> MANTISSA_SHIFT) - FIRST_FLOAT])


@njit
def _probability(logit: int, squash: Int64s) -> int:
    place = max(0, min(2 * MAX_LOGIT - 1, logit + MAX_LOGIT))
    low, rest = place // LOGIT_STEP, place % LOGIT_STEP
    return int((squash[low] * (LOGIT_STEP - rest) + squash[low + 1] * rest) // LOGIT_STEP)


@njit
def code_mixed(tape: Tape, mixer: Mixer, features: Int32s, expected: int, bit: int) -> int:
    """Code one decision in the contexts that its features give: [n_features].

    `expected` / 2**32 is the frequency of ones to be expected without context; a new context starts from there.
    """
    n_models = mixer.models.shape[0]
    shift = np.uint64(65)
    n_slots = mixer.slots.shape[1]
    while n_slots:
        n_slots >>= 1
        shift -= np.uint64(1)
    expected = max(1 << 8, min((1 << ONE_BITS) - (1 << 8), expected))
    total = 0
    for m in range(n_models):
        key = np.uint64(m + 1)
        for column in range(features.shape[0]):
            if (mixer.models[m] >> column) & 1:
                key = (key + np.uint64(features[column] + (1 << 31))) * np.uint64(0x9E3779B97F4A7C15)
                key ^= key >> np.uint64(29)
        place = np.int64((key * np.uint64(0x9E3779B97F4A7C15)) >> shift)
        seen = mixer.slots[m, place] & ((1 << COUNT_BITS) - 1)
        if seen == 0:
            mixer.slots[m, place] = expected << COUNT_BITS
        level = 0
        while seen and level < N_LEVELS - 1:
            seen >>= 1
            level += 1
        mixer.place[m], mixer.level[m] = place, level
        mixer.logit[m] = _logit(mixer.slots[m, place] >> COUNT_BITS, mixer.stretch)
        total += mixer.weights[m, level] * mixer.logit[m]
    mixer.logit[n_models] = _logit(expected, mixer.stretch)
    total += mixer.weights[n_models, 0] * mixer.logit[n_models]
    p = _probability(total >> 16, mixer.squash)
    bit = code_bit(tape, fine(p >> (ONE_BITS - 24)), bit)
    _learn(mixer, p, bit)
    return bit


@njit
def _learn(mixer: Mixer, p: int, bit: int) -> None:
    n_models = mixer.models.shape[0]
    error = ((bit << ONE_BITS) - p) >> 16
    for m in range(n_models + 1):
        mixer.weights[m, mixer.level[m]] += (mixer.logit[m] * error * RATE + (1 << 17)) >> 18
    for m in range(n_models):
        slot = mixer.slots[m, mixer.place[m]]
        seen, p = slot & ((1 << COUNT_BITS) - 1), slot >> COUNT_BITS
        p += ((bit << ONE_BITS) - p) // (seen + 2)
        p = max(1 << 6, min((1 << ONE_BITS) - (1 << 6), p))
        mixer.slots[m, mixer.place[m]] = p << COUNT_BITS | min(MAX_SEEN, seen + 1)


@njit
def code_members(tape: Tape, mixer: Mixer, features: Int32s, start: Int64s, n_members: Int64s, is_member: UInt8s) -> None:
    """Which `n_members` items of each group of items are meant; the decoder fills `is_member`. [n_items, n_features], [n_items]

    Group g is items `start[g]:start[g + 1]`. Where all or none of the rest must be members nothing is written.
    """
    for group in range(n_members.shape[0]):
        left = n_members[group]
        for item in range(start[group], start[group + 1]):
            n_items = start[group + 1] - item
            if left == 0 or left == n_items:
                is_member[item] = left > 0
            else:
                is_member[item] = code_mixed(tape, mixer, features[item], (left << ONE_BITS) // n_items, is_member[item])
            left -= is_member[item]
